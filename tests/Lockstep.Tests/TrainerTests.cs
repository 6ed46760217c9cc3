using System.Text.Json;
using Lockstep.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Verification;

namespace Lockstep.Tests;

/// <summary>Training in this process.</summary>
public class TrainerTests
{
    private static readonly ModelSpec Net = Models.Parse("64-16-4");

    [Fact]
    public async Task TrainAsync_DefaultOptions_GivesTheBytesOfTheCommand()
    {
        string summary = await ProgramRun.OutputOf(
            "src/Cli", "lockstep", "train", "--dataset", "synthetic", "--train-examples", "1500", "--epochs", "2", "--workers", "1",
            "--json");

        var trainer = new Trainer(
            Models.Parse("784-256-10"), Datasets.Synthetic(), new TrainerOptions { TrainingExamples = 1_500, Epochs = 2 });
        TrainingResult result = await trainer.TrainAsync();

        using JsonDocument document = JsonDocument.Parse(summary);
        Assert.Equal(document.RootElement.GetProperty("weightsSha256").GetString(), result.Model.WeightsSha256);
        Assert.Equal(document.RootElement.GetProperty("validationAccuracy").GetDouble(), result.Epochs[^1].ValidationAccuracy);
    }

    [Fact]
    public async Task TrainAsync_SmallData_Learns()
    {
        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync();

        EvaluationResult test = result.Model.Evaluate(SmallData.Data.Test);
        Assert.True(test.Accuracy > 0.9, $"Accuracy {test.Accuracy}.");
        Assert.True(result.IsComplete);
        Assert.Equal(48, result.Model.Step);
    }

    [Fact]
    public async Task TrainAsync_Again_EndsInTheSameBytes()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        string first = (await trainer.TrainAsync()).Model.WeightsSha256, second = (await trainer.TrainAsync()).Model.WeightsSha256;

        Assert.Equal(first, second);
        Assert.NotEqual(
            first, (await new Trainer(Net, SmallData.Data, SmallData.Options with { Seed = 2 }).TrainAsync()).Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_Callbacks_TellEveryStepAndEpochInOrder()
    {
        var told = new List<string>();
        var steps = new List<TrainingStep>();
        var epochs = new List<TrainingEpoch>();
        var options = new RunOptions
        {
            OnStep = step =>
            {
                steps.Add(step);
                told.Add("step");
            },
            OnEpoch = epoch =>
            {
                epochs.Add(epoch);
                told.Add("epoch");
            },
        };

        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options with { Steps = 40 }).TrainAsync(options);

        Assert.Equal(Enumerable.Range(1, 40).Select(step => (long)step), steps.Select(step => step.Step));
        Assert.All(steps, step => Assert.Equal(step.Step % 16 == 0 ? 20 : 32, step.Examples));
        Assert.Equal([1.0, 2.0, 2.5], epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(result.Epochs, epochs);
        Assert.Equal(16, told.IndexOf("epoch"));
        Assert.Equal("epoch", told[^1]);
        double mean = steps.Take(16).Sum(step => step.Loss * step.Examples) / 500;
        Assert.Equal(mean, epochs[0].TrainLoss, 1e-9);
    }

    [Fact]
    public async Task TrainAsync_Progress_SaysHowFarTheRunIs()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<TrainingProgress>();
        var options = new RunOptions
        {
            Progress = new Reports(report =>
            {
                reports.Add(report);
                stop.Cancel();
            }),
        };

        // It is reported by the clock: the run is so long that a report ends it.
        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 1_000_000 })
            .TrainAsync(options, stop.Token);

        TrainingProgress told = Assert.Single(reports);
        Assert.Equal(result.Model.Step, told.Step);
        Assert.Equal(16_000_000, told.TotalSteps);
        Assert.True(told.ExamplesPerSecond > 0);
    }

    [Fact]
    public async Task TrainAsync_CancelledAndResumed_EndsInTheSameBytes()
    {
        using var stop = new CancellationTokenSource();
        var options = new RunOptions
        {
            OnStep = step =>
            {
                if (step.Step == 21)
                    stop.Cancel();
            },
        };
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        TrainingResult stopped = await trainer.TrainAsync(options, stop.Token);
        TrainingResult resumed = await Trainer.Resume(stopped.Model, SmallData.Data).TrainAsync();
        TrainingResult whole = await trainer.TrainAsync();

        Assert.False(stopped.IsComplete);
        Assert.Equal(21, stopped.Model.Step);
        Assert.True(resumed.IsComplete);
        Assert.Equal(whole.Model.WeightsSha256, resumed.Model.WeightsSha256);
        Assert.Equal(whole.Epochs[1].TrainLoss, resumed.Epochs[0].TrainLoss);
    }

    [Fact]
    public async Task TrainAsync_CancelledBefore_GivesTheInitialModel()
    {
        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options)
            .TrainAsync(cancellationToken: new CancellationToken(canceled: true));

        Assert.False(result.IsComplete);
        Assert.Equal(0, result.Model.Step);
        Assert.Empty(result.Epochs);
    }

    [Fact]
    public async Task TrainAsync_CallbackThrows_EndsWithThatException()
    {
        var options = new RunOptions { OnEpoch = _ => throw new InvalidTimeZoneException("mine") };

        var thrown = await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(options));

        Assert.Equal("mine", thrown.Message);
    }

    [Fact]
    public async Task TrainAsync_Diverging_SaysWhatToDo()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options with { LearningRate = 1e20 });

        var thrown = await Assert.ThrowsAsync<TrainingException>(() => trainer.TrainAsync());

        Assert.Contains("a lower learning rate", thrown.Message);
    }

    [Fact]
    public async Task TrainAsync_RunFolder_IsThatOfTheCommandAndIsVerified()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");

        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 4 })
            .TrainAsync(new RunOptions { RunFolder = run, KeepCheckpoints = 2 });

        Assert.Equal(
            ["checkpoints", "config.json", "env.json", "events.jsonl", "log.txt", "metrics.jsonl", "summary.json", "trace.txt"],
            Directory.GetFileSystemEntries(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["step-000000048.ckpt", "step-000000064.ckpt"],
            Directory.GetFiles(Path.Combine(run, "checkpoints")).Select(Path.GetFileName).Order());
        Assert.Equal(result.Model.WeightsSha256, TrainedModel.Load(run).WeightsSha256);
        VerificationResult verified = await RunHistory.Read(run).VerifyAsync(SmallData.Data);
        Assert.True(verified.IsIdentical, verified.Difference);
        Assert.Equal((64, 64, 2), (verified.Steps, verified.TracedSteps, verified.Checkpoints));
    }

    [Fact]
    public async Task TrainAsync_StoppedAndResumedInItsFolder_LeavesTheTraceOfAWholeRun()
    {
        using var folder = new TemporaryFolder();
        string parts = folder.File("parts"), whole = folder.File("whole");
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        _ = await trainer.TrainAsync(new RunOptions { RunFolder = parts, OnStep = step => Cancel(step, stop) }, stop.Token);
        _ = await Trainer.Resume(TrainedModel.Load(parts), SmallData.Data).TrainAsync(new RunOptions { RunFolder = parts, Lanes = 3 });
        _ = await trainer.TrainAsync(new RunOptions { RunFolder = whole, Lanes = 1 });

        Assert.Equal(File.ReadAllText(Path.Combine(whole, "trace.txt")), File.ReadAllText(Path.Combine(parts, "trace.txt")));
        Assert.Equal(
            File.ReadAllLines(Path.Combine(whole, "metrics.jsonl")).Length, File.ReadAllLines(Path.Combine(parts, "metrics.jsonl")).Length);

        static void Cancel(TrainingStep step, CancellationTokenSource stop)
        {
            if (step.Step == 21)
                stop.Cancel();
        }
    }

    [Fact]
    public async Task TrainAsync_FolderOfAnotherRun_IsRefusedAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        string run = folder.File("run");
        var options = new RunOptions { RunFolder = run };
        _ = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(options);
        string before = File.ReadAllText(Path.Combine(run, "trace.txt"));

        await Assert.ThrowsAsync<RunFolderException>(
            () => new Trainer(Net, SmallData.Data, SmallData.Options with { Seed = 2 }).TrainAsync(options));

        Assert.Equal(before, File.ReadAllText(Path.Combine(run, "trace.txt")));
    }

    [Fact]
    public async Task Resume_Longer_EndsAsTheLongRun()
    {
        TrainingResult first = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync();

        TrainingResult longer = await Trainer.Resume(first.Model, SmallData.Data, totalSteps: 80).TrainAsync();

        TrainingResult whole = await new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 5 }).TrainAsync();
        Assert.Equal(whole.Model.WeightsSha256, longer.Model.WeightsSha256);
    }

    [Fact]
    public async Task Resume_OtherDataOrShorter_IsRefusedWithBothReasons()
    {
        TrainingResult first = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync();

        var refused = Assert.Throws<RequestException>(() => Trainer.Resume(first.Model, SmallData.Other, totalSteps: 5));

        Assert.Contains("Give the same data set", refused.Message);
        Assert.Contains("only be made longer", refused.Message);
    }

    [Fact]
    public void Constructor_ManyMistakes_TellsAll()
    {
        var options = new TrainerOptions { BatchSize = 1_000, LearningRate = -1, Epochs = 0, TrainingExamples = 700 };

        var refused = Assert.Throws<RequestException>(() => new Trainer(Models.Parse("65-16-3"), SmallData.Data, options));

        Assert.Contains("takes 65 values, but an example of bars has 8 x 8 = 64 pixels", refused.Message);
        Assert.Contains("tells 3 classes apart, but bars has 4", refused.Message);
        Assert.Contains("BatchSize 1000 is more than the 700 training images", refused.Message);
        Assert.Contains("TrainingExamples 700 is more than the 550", refused.Message);
        Assert.Contains("Learning rate -1", refused.Message);
        Assert.Contains("Epochs 0 is too few", refused.Message);
    }

    private sealed class Reports(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }
}
