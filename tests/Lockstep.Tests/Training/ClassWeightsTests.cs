using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Training;

namespace Lockstep.Tests.Training;

public class ClassWeightsTests
{
    [Fact]
    public void Balanced_UnequalClasses_CountTheSameInSumAndOneInTheMean()
    {
        // Of the 8 training examples that are trained on, 6 are of class 0 and 2 of class 2; the others do not count.
        var images = ImageSet.FromDense(new byte[48], [0, 0, 2, 0, 0, 2, 0, 0, 1, 1, 1, 1], 2, 2);
        var data = new Dataset("unequal", images, images);
        var options = new TrainerOptions { BatchSize = 2, TrainingExamples = 8, ClassWeights = ClassWeights.Balanced };

        RunSpec spec = new Trainer(Models.Parse("4-4"), data, options).Run;

        Assert.Equal([8 / 12.0, 1, 2, 1], spec.ClassWeights);
        Assert.Equal(8.0, 6 * spec.ClassWeights[0] + 2 * spec.ClassWeights[2], 1e-12);
    }

    [Fact]
    public void Trainer_NoWeights_HasNoneInItsSpec() =>
        Assert.Empty(new Trainer(Models.Parse("64-4"), SmallData.Data, SmallData.Options).Run.ClassWeights);

    [Fact]
    public void Trainer_WeightsOfOtherClasses_AreRefusedWithAllMistakes()
    {
        TrainerOptions options = SmallData.Options with { ClassWeights = ClassWeights.Of(1, -2), LabelSmoothing = 1.5, ClipNorm = -1 };

        var refused = Assert.Throws<RequestException>(() => new Trainer(Models.Parse("64-4"), SmallData.Data, options));

        Assert.Equal(4, refused.Messages.Count);
        Assert.Contains("2 class weights for the 4 outputs of the model", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("balanced", "balanced")]
    [InlineData("1, 2.50,0", "1,2.5,0")]
    [InlineData("0.1", "0.1")]
    public void Parse_Text_IsKept(string text, string expected)
    {
        ClassWeights weights = ClassWeights.Parse(text);

        Assert.Equal(expected, weights.ToString());
        Assert.Equal(weights, ClassWeights.Parse(weights.ToString()));
        Assert.NotEqual(weights, ClassWeights.Of(7));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1,,2")]
    [InlineData("Balanced")]
    [InlineData("1;2")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e7")]
    public void Parse_SomethingElse_IsRefused(string text) => Assert.Throws<FormatException>(() => ClassWeights.Parse(text));
}
