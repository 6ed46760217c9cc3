using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;

namespace Lockstep.Model.Tests.Evaluation;

public class ChanceTests
{
    [Theory]
    [InlineData(0.0, true)]
    [InlineData(0.3, true)]
    [InlineData(0.31, true)]
    [InlineData(0.34, false)]
    [InlineData(0.98, false)]
    public void Warning_ThreeInTenOfTheMostFrequentClass_ComesForNoMoreThanThat(double accuracy, bool isExpected)
    {
        // Labels 0 to 7, of which 0 comes three times in ten.
        ImageSet images = Images(1000);
        Assert.Equal(0.3, Chance.MajorityShare(images), 1e-12);
        Assert.Equal(isExpected, Chance.Warning(accuracy, images) is not null);
    }

    [Theory]
    [InlineData(0.3, 50, true)]
    [InlineData(0.31, 50, false)]
    [InlineData(0.0, 10, false)]
    public void Warning_FewImages_ComesForChanceOrLess(double accuracy, int count, bool isExpected) =>
        Assert.Equal(isExpected, Chance.Warning(accuracy, Images(count)) is not null);

    [Theory]
    [InlineData(0.3, true)]
    [InlineData(0.9, false)]
    public void Warning_TestSetTooSmallToTell_LooksAtTheTrainingExamples(double accuracyInTraining, bool isExpected)
    {
        var data = new Dataset("few", Images(44), Images(4), validationExamples: 4);

        string? warning = Chance.Warning(new EvaluationResult(1, 2, 4), data, [], examples =>
        {
            Assert.Equal(40, examples.Count);
            return new EvaluationResult(1, (int)(accuracyInTraining * examples.Count), examples.Count);
        });

        Assert.Equal(isExpected, warning is not null);
    }

    /// <summary>Balanced weights find rare classes at the price of the frequent one: right answers may be fewer than its share.</summary>
    [Fact]
    public void Warning_ClassWeights_IsNone()
    {
        var data = new Dataset("rare", Images(100), Images(200), validationExamples: 10);
        var worse = new EvaluationResult(1, 20, 200);

        Assert.NotNull(Chance.Warning(worse, data, [], _ => worse));
        Assert.Null(Chance.Warning(worse, data, [1, 2, 2, 2, 2, 2, 2, 2], _ => worse));
    }

    [Fact]
    public void Warning_OneClass_IsNone() => Assert.Null(Chance.Warning(1.0, ImageSet.FromDense(new byte[200], new byte[200], 1, 1)));

    private static ImageSet Images(int count) =>
        ImageSet.FromDense(new byte[count], [.. Enumerable.Range(0, count).Select(i => (byte)Math.Max(0, i % 10 - 2))], 1, 1);
}
