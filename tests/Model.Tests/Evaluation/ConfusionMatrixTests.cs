using Lockstep.Model.Evaluation;

namespace Lockstep.Model.Tests.Evaluation;

public class ConfusionMatrixTests
{
    [Fact]
    public void Scores_SomeAnswers_ArePrecisionRecallAndF1()
    {
        // Class 0: 4 images, 3 found, 5 answers. Class 1: 3 images, 1 found, 2 answers. Class 2: never said, no images.
        var confusion = new ConfusionMatrix(3);
        foreach ((int label, int answer) in new[] { (0, 0), (0, 0), (0, 0), (0, 1), (1, 0), (1, 0), (1, 1) })
            confusion.Add(label, answer);

        Assert.Equal((7, 4), (confusion.Total, confusion.Correct));
        Assert.Equal((3, 1, 2, 1), (confusion[0, 0], confusion[0, 1], confusion[1, 0], confusion[1, 1]));
        ClassScores first = confusion.Scores(0);
        Assert.Equal((4, 5, 3), (first.Images, first.Answers, first.Correct));
        Assert.Equal((3.0 / 5, 3.0 / 4), (first.Precision, first.Recall));
        Assert.Equal(2 * first.Precision * first.Recall / (first.Precision + first.Recall), first.F1, 1e-12);
        ClassScores nothing = confusion.Scores(2);
        Assert.All([nothing.Precision, nothing.Recall, nothing.F1], value => Assert.True(double.IsNaN(value)));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public void Add_NoClass_IsRefused(int label, int answer) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix(2).Add(label, answer));
}
