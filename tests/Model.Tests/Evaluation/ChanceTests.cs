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
        Assert.Equal(isExpected, Chance.Warning(Dead(accuracy, 1000), images) is not null);
    }

    [Theory]
    [InlineData(0.3, 50, true)]
    [InlineData(0.32, 50, false)]
    [InlineData(0.0, 10, false)]
    public void Warning_FewImages_ComesForChanceOrLess(double accuracy, int count, bool isExpected) =>
        Assert.Equal(isExpected, Chance.Warning(Dead(accuracy, count), Images(count)) is not null);

    [Theory]
    [InlineData(0.3, true)]
    [InlineData(0.9, false)]
    public void Warning_TestSetTooSmallToTell_LooksAtTheTrainingExamples(double accuracyInTraining, bool isExpected)
    {
        var data = new Dataset("few", Images(44), Images(4), validationExamples: 4);

        string? warning = Chance.Warning(Dead(0.5, 4), data, [], examples =>
        {
            Assert.Equal(40, examples.Count);
            return Dead(accuracyInTraining, examples.Count);
        });

        Assert.Equal(isExpected, warning is not null);
    }

    /// <summary>Balanced weights find rare classes at the price of the frequent one: right answers may be fewer than its share.</summary>
    [Fact]
    public void Warning_ClassWeights_IsNone()
    {
        var data = new Dataset("rare", Images(100), Images(200), validationExamples: 10);
        EvaluationResult worse = Dead(0.1, 200);

        Assert.NotNull(Chance.Warning(worse, data, [], _ => worse));
        Assert.Null(Chance.Warning(worse, data, [1, 2, 2, 2, 2, 2, 2, 2], _ => worse));
    }

    [Fact]
    public void Warning_LossBelowThatOfAConstantAnswer_SaysThatRareClassesAreMissed()
    {
        // Entropy of the labels: 1.97 nats.
        Assert.Contains("hardly finds the rarer classes", Chance.Warning(Dead(0.3, 1000) with { LossSum = 1700 }, Images(1000)));
        Assert.Contains("has learnt nothing", Chance.Warning(Dead(0.3, 1000) with { LossSum = 1960 }, Images(1000)));
    }

    [Fact]
    public void Warning_OneClass_IsNone() =>
        Assert.Null(Chance.Warning(Dead(1.0, 200), ImageSet.FromDense(new byte[200], new byte[200], 1, 1)));

    private static EvaluationResult Dead(double accuracy, int examples) => new(3 * examples, (int)(accuracy * examples), examples);

    private static ImageSet Images(int count) =>
        ImageSet.FromDense(new byte[count], [.. Enumerable.Range(0, count).Select(i => (byte)Math.Max(0, i % 10 - 2))], 1, 1);
}
