using Lockstep.Model.Data;

namespace Lockstep.Model.Tests.Data;

public class FeatureSetTests
{
    private static readonly float[] Values = [1f, -2f, 0f, 0.5f, float.MaxValue, float.Epsilon];

    [Fact]
    public void FromRows_LaterChangesOfTheArrays_DoNotShow()
    {
        float[] values = [.. Values];
        int[] labels = [3, 0];
        FeatureSet set = FeatureSet.FromRows(values, labels, 3);
        (values[0], labels[0]) = (9f, 1);

        Assert.Equal((2, 3, 4), (set.Count, set.Features, set.Classes));
        Assert.Equal(Values, set.Values);
        Assert.Equal<byte>([3, 0], set.Labels.ToArray());
        Assert.Equal(Values.AsSpan(3), set.Slice(1, 1).Values);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void FromRows_ValueThatIsNotFinite_IsRefusedWithItsPlace(float value)
    {
        for (int i = 0; i < Values.Length; i++)
        {
            float[] values = [.. Values];
            values[i] = value;
            var refused = Assert.Throws<ArgumentException>(() => FeatureSet.FromRows(values, new byte[2], 3));
            Assert.Contains($"Row {i / 3} has the value {value} for feature {i % 3}", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FromRows_WrongShapesAndLabels_AreRefused()
    {
        Assert.Contains("6 values for 3 rows of 3 features; expected 9", Refusal(Values, [0, 0, 0], 3), StringComparison.Ordinal);
        Assert.Contains("Rows of 0 features", Refusal([], [], 0), StringComparison.Ordinal);
        Assert.Contains("Rows of 65537 features", Refusal(new float[65_537], [0], 65_537), StringComparison.Ordinal);
        Assert.Contains("Row 1 has the label 256", Refusal(Values, [0, 256], 3), StringComparison.Ordinal);
        Assert.Contains("Row 0 has the label -1", Refusal(Values, [-1, 0], 3), StringComparison.Ordinal);

        static string Refusal(float[] values, int[] labels, int features) =>
            Assert.Throws<ArgumentException>(() => FeatureSet.FromRows(values, labels, features)).Message;
    }

    [Fact]
    public void Digests_OtherContentOrShape_AreOthers()
    {
        FeatureSet[] sets =
        [
            FeatureSet.FromRows(Values, new byte[2], 3),
            FeatureSet.FromRows(Values, new byte[] { 0, 1 }, 3),
            FeatureSet.FromRows([.. Values[..5], 0f], new byte[2], 3),
            FeatureSet.FromRows([1f, -2f, -0f, .. Values[3..]], new byte[2], 3),
            FeatureSet.FromRows(Values, new byte[3], 2),
            FeatureSet.FromTargets(Values, [1f, 2f], 3, 1),
            FeatureSet.FromTargets(Values, [1f, 3f], 3, 1),
            FeatureSet.FromTargets(Values, [1f, 2f, 1f, 2f], 3, 2),
            FeatureSet.FromTargets(Values, [1f, 2f], 3, 1).Slice(1, 1),
        ];
        Assert.Equal(sets.Length, sets.Select(set => set.Sha256()).Distinct().Count());
        Assert.Equal(sets.Length, sets.Select(set => set.Digest()).Distinct().Count());
        Assert.Equal(sets[0].Sha256(), FeatureSet.FromRows(Values, [0, 0], 3).Sha256());
    }

    [Fact]
    public void FromTargets_Slice_HasTheTargetsOfItsRows()
    {
        FeatureSet set = FeatureSet.FromTargets(Values, [1f, 2f, 3f, 4f], 3, 2);

        Assert.Equal((2, 2, 1), (set.Count, set.Outputs, set.Slice(1, 1).Count));
        Assert.Equal([3f, 4f], set.Slice(1, 1).Targets.ToArray());
        Assert.Equal(0, new Dataset("rows", set, set).Classes);
        Assert.Equal(2, new Dataset("rows", set, set).Outputs);
        var refused = Assert.Throws<ArgumentException>(
            () => new Dataset("mixed", set, FeatureSet.FromTargets(Values, [1f, 2f], 3, 1)));
        Assert.Contains("Training examples have 2 targets, test examples 1", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void FromTargets_TargetThatIsNotFinite_IsRefusedWithItsPlace(float value)
    {
        var refused = Assert.Throws<ArgumentException>(() => FeatureSet.FromTargets(Values, [1f, 2f, 3f, value], 3, 2));
        Assert.Contains($"Row 1 has the value {value} for target 1", refused.Message, StringComparison.Ordinal);
        _ = Assert.Throws<ArgumentException>(() => FeatureSet.FromTargets(Values, [1f, 2f, 3f], 3, 2));
        _ = Assert.Throws<ArgumentException>(() => FeatureSet.FromTargets(Values, [1f, 2f], 3, 0));
    }

    [Fact]
    public void Dataset_ImagesAndFeatures_DoNotGoTogether()
    {
        FeatureSet features = FeatureSet.FromRows(Values, new byte[2], 3);
        ImageSet images = ImageSet.FromDense(new byte[6], new byte[2], 1, 3);
        var refused = Assert.Throws<ArgumentException>(() => new Dataset("mixed", features, images));
        Assert.Contains("Training examples are rows, test examples are images", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Training examples have 3 features, test examples 2 features",
            Assert.Throws<ArgumentException>(() => new Dataset("sizes", features, FeatureSet.FromRows(Values, new byte[3], 2))).Message,
            StringComparison.Ordinal);
    }
}
