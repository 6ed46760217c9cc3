using System.Text.Json;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;

namespace Lockstep.Cluster.Tests;

/// <summary>A run that ends early ends at one step, with one set of bytes, whoever computes it and whatever happens to it.</summary>
public sealed class EarlyStoppingTests : IClassFixture<SmallRun>
{
    private const int Patience = 3;
    private const double LearningRate = 0.05;
    private readonly SmallRun _run;
    private readonly (long Step, string WeightsSha256, double Best, long BestStep) _expected;

    public EarlyStoppingTests(SmallRun run)
    {
        _run = run;
        _expected = TrainHere(run);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_AnyNumberOfWorkers_EndsAtTheSameStepWithTheSameBytes(int workers)
    {
        using LockstepProcess train = LockstepProcess.Start(Train(_run.NewOut(), "--workers", $"{workers}", "--lanes", "1"));

        AssertEnded(train.WaitForSummary());
    }

    [Fact]
    public void Train_KilledAndResumedTwice_EndsAtTheSameStepWithTheSameBytes()
    {
        string folder = _run.NewOut();
        using (LockstepProcess first = LockstepProcess.Start(Train(folder, "--workers", "2", "--lanes", "1")))
        {
            first.WaitForStep(folder, _expected.BestStep / 2);
            first.WaitForCheckpoints(folder);
            first.Kill();
            first.WaitForExit();
        }

        using (LockstepProcess second = LockstepProcess.Start(Resume(folder, "3")))
        {
            second.WaitForStep(folder, _expected.BestStep + 1);
            second.Kill();
            second.WaitForExit();
        }

        using LockstepProcess third = LockstepProcess.Start(Resume(folder, "1"));

        AssertEnded(third.WaitForSummary());
        string best = Assert.Single(Directory.GetFiles(Path.Combine(folder, "checkpoints"), "best-*"));
        Assert.Equal($"best-{_expected.BestStep:D9}.ckpt", Path.GetFileName(best));
        using LockstepProcess verify = LockstepProcess.Start(["verify", folder, "--data-dir", _run.DataDirectory]);
        Assert.Equal(0, verify.WaitForExit());
        Assert.Contains($"sha256 {_expected.WeightsSha256}", verify.StandardOutput, StringComparison.Ordinal);
    }

    private IEnumerable<string> Train(string folder, params string[] more) => _run.Train(
        folder, ["--lr-schedule", "constant", "--learning-rate", "0.05", "--eval-every", "1epoch", "--checkpoint-every", "25steps",
            "--keep-checkpoints", "3", "--patience", $"{Patience}", "--keep-best", "accuracy", .. more]);

    private string[] Resume(string folder, string workers) =>
        ["train", "--resume", folder, "--data-dir", _run.DataDirectory, "--workers", workers, "--lanes", "1", "--json"];

    private void AssertEnded(JsonElement summary)
    {
        Assert.Equal(_expected.Step, summary.GetProperty("steps").GetInt64());
        SmallRun.AssertEnded(summary, _expected.WeightsSha256);
        Assert.Equal("completed", summary.GetProperty("outcome").GetString());
        Assert.Equal($"no better validation accuracy for {Patience} evaluations", summary.GetProperty("stopReason").GetString());
        JsonElement best = summary.GetProperty("best");
        Assert.Equal(
            (_expected.Best, _expected.BestStep), (best.GetProperty("value").GetDouble(), best.GetProperty("step").GetInt64()));
    }

    /// <summary>The rule written out: no code of the product decides here.</summary>
    private static (long Step, string WeightsSha256, double Best, long BestStep) TrainHere(SmallRun run)
    {
        RunSpec spec = run.Spec with
        {
            Optimizer = run.Spec.Optimizer with { LearningRate = LearningRate, Schedule = new LearningRateSchedule() },
        };
        var trainer = new LocalTrainer(spec, run.Data.Training);
        var evaluator = new Evaluator(spec.Model, trainer.Layout);
        (double best, long bestStep) = (double.NegativeInfinity, 0);
        while (trainer.CompletedSteps < spec.TotalSteps)
        {
            trainer.Run(spec.StepsPerEpoch);
            double accuracy = evaluator.Evaluate(
                trainer.Weights, run.Data.Training, run.Data.TrainingExamples, run.Data.ValidationExamples).Accuracy;
            if (accuracy > best)
                (best, bestStep) = (accuracy, trainer.CompletedSteps);
            if (trainer.CompletedSteps - bestStep == Patience * spec.StepsPerEpoch)
                break;
        }

        Assert.True(trainer.CompletedSteps < spec.TotalSteps, "The accuracy grows to the end: the patience does not end this run.");
        return (trainer.CompletedSteps, trainer.WeightsSha256, best, bestStep);
    }
}
