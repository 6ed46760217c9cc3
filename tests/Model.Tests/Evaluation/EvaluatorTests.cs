using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Tests.Training;
using Lockstep.Model.Training;

namespace Lockstep.Model.Tests.Evaluation;

public class EvaluatorTests
{
    [Fact]
    public void Evaluate_TrainedModel_AgreesWithTheReferenceAndIgnoresDropout()
    {
        RunSpec spec = TestRuns.Spec("20-33-5", examples: 300, keepProb: 0.5, steps: 60, inputKeepProb: 0.8);
        ImageSet images = TestRuns.Images(spec);
        var trainer = new LocalTrainer(spec, images);
        trainer.Run(60);
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        EvaluationResult result = evaluator.Evaluate(trainer.Weights, images, 0, 300);

        // The same weights in a model without dropout give the same bits.
        ModelSpec without = ModelSpec.Parse("20-33-5");
        var layout = new ParameterLayout(without);
        Assert.Equal(result, new Evaluator(without, layout).Evaluate(trainer.Weights, images, 0, 300));
        double[] weights = [.. trainer.Weights.ToArray().Select(value => (double)value)];
        Assert.Equal(
            ReferenceNetwork.LossSum(
                spec with { Model = without }, layout, weights, images, [.. Enumerable.Range(0, 300)], (_, _, _) => true),
            result.LossSum, 1e-3);
        Assert.Equal(result.LossSum / 300, result.Loss);
        Assert.Equal(300, result.Examples);

        var probabilities = new float[300 * 5];
        evaluator.Probabilities(trainer.Weights, images, 0, 300, probabilities);
        int correct = 0;
        for (int i = 0; i < 300; i++)
        {
            float[] row = probabilities[(i * 5)..(i * 5 + 5)];
            Assert.Equal(1.0, row.Sum(), 1e-6);
            correct += Array.IndexOf(row, row.Max()) == images.Labels[i] ? 1 : 0;
        }

        Assert.Equal(result.Correct, correct);

        var logits = new float[300 * 5];
        evaluator.Logits(trainer.Weights, images, 0, 300, logits);
        for (int i = 0; i < 300; i++)
        {
            double sum = logits[(i * 5)..(i * 5 + 5)].Sum(logit => Math.Exp(logit));
            for (int c = 0; c < 5; c++)
                Assert.Equal(Math.Exp(logits[i * 5 + c]) / sum, probabilities[i * 5 + c], 1e-6);
        }
    }

    [Fact]
    public void Evaluate_Slice_CountsItsImagesOnly()
    {
        RunSpec spec = TestRuns.Spec("20-17-5", examples: 300);
        ImageSet images = TestRuns.Images(spec);
        var trainer = new LocalTrainer(spec, images);
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        EvaluationResult expected = evaluator.Evaluate(trainer.Weights, images.Slice(37, 150), 0, 150);
        Assert.Equal(expected, evaluator.Evaluate(trainer.Weights, images, 37, 150));
        Assert.Equal(0, evaluator.Evaluate(trainer.Weights, images, 300, 0).Examples);
    }

    [Fact]
    public void Evaluate_ImagesOfAnotherSizeOrRange_AreRefused()
    {
        RunSpec spec = TestRuns.Spec();
        var layout = new ParameterLayout(spec.Model);
        var evaluator = new Evaluator(spec.Model, layout);
        var weights = new float[layout.Length];
        ImageSet images = TestRuns.Images(spec);
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Evaluate(weights, images, 1, images.Count));
        Assert.Throws<ArgumentException>(() => evaluator.Evaluate(weights.AsSpan(1), images, 0, 1));
        Assert.Throws<ArgumentException>(() => evaluator.Evaluate(weights, TestRuns.Images(TestRuns.Spec("21-5")), 0, 1));
        Assert.Throws<ArgumentException>(() => evaluator.Probabilities(weights, images, 0, 2, new float[9]));
        Assert.Throws<ArgumentException>(() => evaluator.Logits(weights, images, 0, 2, new float[9]));
    }
}
