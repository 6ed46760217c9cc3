using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Evaluation;

public class DetailedEvaluationTests
{
    // More images than are held at a time.
    private readonly RunSpec _spec = TestRuns.Spec("20-17-5", examples: 1300, steps: 40);

    [Fact]
    public void Of_AModel_CountsLikeTheEvaluatorAndKeepsTheWorstMistakes()
    {
        (LocalTrainer trainer, ImageSet images) = Train();
        float[] probabilities = new float[1300 * 5];
        int[] answers = new int[1300];
        new Evaluator(_spec.Model, trainer.Layout).Predict(trainer.Weights, images, 0, 1300, probabilities, answers);

        var evaluation = DetailedEvaluation.Of(_spec.Model, trainer.Layout, trainer.Weights, images, mistakes: 10);

        Assert.Equal(new Evaluator(_spec.Model, trainer.Layout).Evaluate(trainer.Weights, images, 0, 1300), evaluation.Result);
        Assert.Equal((1300, evaluation.Result.Correct), (evaluation.Confusion.Total, evaluation.Confusion.Correct));
        int[] wrong = [.. Enumerable.Range(0, 1300).Where(i => answers[i] != images.Labels[i])];
        Assert.Equal(1300 - evaluation.Result.Correct, wrong.Length);
        int[] worst = [.. wrong.OrderBy(
            i => probabilities[i * 5 + images.Labels[i]]).ThenByDescending(i => probabilities[i * 5 + answers[i]]).Take(10)];
        Assert.Equal(worst, evaluation.WorstMistakes.Select(mistake => mistake.Image));
        Assert.All(evaluation.WorstMistakes, mistake =>
        {
            Assert.Equal((images.Labels[mistake.Image], answers[mistake.Image]), (mistake.Label, mistake.Answer));
            Assert.Equal(probabilities[mistake.Image * 5 + mistake.Answer], mistake.AnswerProbability);
            Assert.Equal(probabilities[mistake.Image * 5 + mistake.Label], mistake.LabelProbability);
        });
    }

    [Fact]
    public void Of_MoreMistakesAskedForThanMade_KeepsAll()
    {
        (LocalTrainer trainer, ImageSet images) = Train();

        var evaluation = DetailedEvaluation.Of(_spec.Model, trainer.Layout, trainer.Weights, images, mistakes: 5000);

        Assert.Equal(1300 - evaluation.Result.Correct, evaluation.WorstMistakes.Count);
        Assert.Empty(DetailedEvaluation.Of(_spec.Model, trainer.Layout, trainer.Weights, images, mistakes: 0).WorstMistakes);
    }

    [Fact]
    public void Of_WeightsThatAreNoNumbers_StillCounts()
    {
        (LocalTrainer trainer, ImageSet images) = Train();
        float[] weights = new float[trainer.Layout.Length];
        Array.Fill(weights, float.NaN);

        var evaluation = DetailedEvaluation.Of(_spec.Model, trainer.Layout, weights, images, mistakes: 3);

        Assert.Equal(evaluation.Result.Correct, evaluation.Confusion.Correct);
        Assert.Equal(3, evaluation.WorstMistakes.Count);
    }

    private (LocalTrainer Trainer, ImageSet Images) Train()
    {
        ImageSet images = TestRuns.Images(_spec);
        var trainer = new LocalTrainer(_spec, images);
        _ = trainer.Run(40);
        return (trainer, images);
    }
}
