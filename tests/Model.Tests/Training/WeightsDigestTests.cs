using System.Security.Cryptography;
using System.Text;
using Lockstep.Model.Layers;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Training;

public class WeightsDigestTests
{
    [Fact]
    public void Sha256_FlatVector_EqualsTheFormulaWrittenOut()
    {
        // Eleven layers: in ordinal order layer10 comes between layer1 and layer2.
        var spec = TestRuns.Spec("3-2-2-2-2-2-2-2-2-2-2-17");
        var layout = new ParameterLayout(spec.Model);
        var weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        weights[layout.Layers[3].Biases.Offset + 1] = -0f;

        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        foreach (Parameter parameter in layout.Parameters.OrderBy(
            parameter => Encoding.ASCII.GetBytes(parameter.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))))
        {
            writer.Write(Encoding.UTF8.GetBytes(parameter.Name));
            writer.Write((byte)0);
            writer.Write(parameter.Shape.Count);
            foreach (int dimension in parameter.Shape)
                writer.Write(dimension);
            var values = new float[parameter.Count];
            parameter.CopyOut(weights, values);
            foreach (float value in values)
                writer.Write(value);
        }

        string expected = Convert.ToHexString(SHA256.HashData(memory.ToArray())).ToLowerInvariant();
        Assert.Equal(expected, WeightsDigest.Sha256(layout, weights));

        using var digest = new WeightsDigest();
        foreach (Parameter parameter in layout.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
        {
            var values = new float[parameter.Count];
            parameter.CopyOut(weights, values);
            digest.Append(parameter.Name, parameter.Shape, values);
        }

        Assert.Equal(expected, digest.ToHexString());
    }

    [Fact]
    public void Sha256_Padding_DoesNotCount()
    {
        var layout = new ParameterLayout(TestRuns.Spec("3-2").Model);
        float[] weights = new float[layout.Length], other = new float[layout.Length];
        other[2] = 1f;
        Assert.Equal(WeightsDigest.Sha256(layout, weights), WeightsDigest.Sha256(layout, other));
        other[1] = 1f;
        Assert.NotEqual(WeightsDigest.Sha256(layout, weights), WeightsDigest.Sha256(layout, other));
    }

    [Fact]
    public void Append_WrongOrderOrSize_IsRefused()
    {
        using var digest = new WeightsDigest();
        Assert.Throws<ArgumentException>(() => digest.Append("b", [2, 2], new float[3]));
        digest.Append("b", [2, 2], new float[4]);
        Assert.Throws<ArgumentException>(() => digest.Append("a", [1], new float[1]));
        Assert.Throws<ArgumentException>(() => digest.Append("b", [1], new float[1]));
    }
}
