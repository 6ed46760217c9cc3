using System.Globalization;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Sweeps;

/// <summary>
/// The learning-rate range test of Smith, "Cyclical learning rates for training neural networks" (WACV 2017): a short training whose rate
/// grows exponentially from step to step. Losses are smoothed by an exponential mean, <c>s = 0.95 s + 0.05 loss</c>, divided by
/// <c>1 - 0.95^t</c> after t steps. The suggestion is a tenth of the rate with the least smoothed loss, to two digits: there the loss still
/// falls fast. The test ends when the smoothed loss is four times its least, or is not finite.
/// </summary>
public static class RateTest
{
    private const double Memory = 0.95, Ended = 4, Suggestion = 0.1;

    /// <summary>Runs the test. Nothing is kept, and equal options give the same result.</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">Examples to train on.</param>
    /// <param name="options">How it would be trained; the length, the rate and its schedule do not matter here.</param>
    /// <param name="test">The rates; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <exception cref="RequestException">
    /// Options are out of range, or model and examples do not fit; the messages have every mistake.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RateTestResult Run(
        ModelSpec model, Dataset data, TrainerOptions options, RateTestOptions? test = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        test ??= new RateTestOptions();
        Check(test);
        var trainer = new Trainer(model, data, options with { Steps = test.Steps, Stop = null });
        RunSpec spec = trainer.Run;
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length], state = new float[spec.Optimizer.Slots.Count * layout.TrainableLength];
        CheckpointTensors.CopyTo(trainer.Initial.Checkpoint.Parameters, layout, weights);
        int lanes = test.Lanes == 0 ? Processors.Usable : test.Lanes;
        var steps = new List<RateTestStep>();
        bool isEnded = false;
        var local = new LocalTrainer(spec, data.Training, 0, weights, state, lanes);
        double sum = 0, weight = 1, least = double.PositiveInfinity;
        while (steps.Count < test.Steps && !isEnded)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double rate = GeometricScale.At(test.From, test.To, steps.Count / (test.Steps - 1.0));
            if (LossOf(local, rate) is not { } loss)
            {
                isEnded = true;
                break;
            }

            sum = Memory * sum + (1 - Memory) * loss;
            weight *= Memory;
            double smoothed = sum / (1 - weight);
            steps.Add(new RateTestStep(rate, loss, smoothed));
            least = Math.Min(least, smoothed);
            isEnded = smoothed > Ended * least;
        }

        return new RateTestResult(steps, Suggest(steps), isEnded);
    }

    /// <summary>Takes a step; null where it diverges.</summary>
    private static double? LossOf(LocalTrainer trainer, double rate)
    {
        try
        {
            NodeStatistics batch = trainer.Step(rate);
            return batch.LossSum / batch.Examples;
        }
        catch (DivergenceException)
        {
            return null;
        }
    }

    private static double? Suggest(List<RateTestStep> steps)
    {
        if (steps.Count == 0 || steps.MinBy(step => step.SmoothedLoss) is not { } lowest || lowest == steps[0])
            return null;
        return double.Parse((Suggestion * lowest.Rate).ToString("G2", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static void Check(RateTestOptions test)
    {
        var problems = new Problems();
        foreach ((string name, double rate) in new[] { (nameof(test.From), test.From), (nameof(test.To), test.To) })
        {
            if (Ranges.LearningRate.Problem(name, rate) is { } problem)
                problems.Add(problem);
        }

        if (test.To <= test.From)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{nameof(test.To)} {test.To}; expected more than {test.From}."));
        if (test.Steps < 10)
            problems.Add($"{nameof(test.Steps)} {test.Steps} are too few; expected at least 10.");
        if (test.Lanes < 0)
            problems.Add($"{nameof(test.Lanes)} {test.Lanes} are too few; expected 0 or more.");
        problems.ThrowIfAny();
    }
}
