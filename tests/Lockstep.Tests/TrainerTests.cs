using System.Text.Json;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;

namespace Lockstep.Tests;

/// <summary>Training in this process.</summary>
public class TrainerTests
{
    private static readonly ModelSpec Net = Models.Parse("64-16-4");

    [Fact]
    public async Task TrainAsync_DefaultOptions_GivesTheBytesOfTheCommand()
    {
        string summary = await ProgramRun.OutputOf(
            "src/Cli", "lockstep", "train", "--dataset", "synthetic", "--train-examples", "1500", "--epochs", "2", "--workers", "1", "--json");

        var trainer = new Trainer(Models.Parse("784-256-10"), Datasets.Synthetic(), new TrainerOptions { TrainingExamples = 1_500, Epochs = 2 });
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
        Assert.NotEqual(first, (await new Trainer(Net, SmallData.Data, SmallData.Options with { Seed = 2 }).TrainAsync()).Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_Callbacks_TellEveryStepAndEpochInOrder()
    {
        var told = new List<string>();
        var steps = new List<TrainingStep>();
        var epochs = new List<TrainingEpoch>();
        var callbacks = new TrainingCallbacks
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

        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options with { Steps = 40 }).TrainAsync(callbacks);

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
        var callbacks = new TrainingCallbacks
        {
            Progress = new Reports(report =>
            {
                reports.Add(report);
                stop.Cancel();
            }),
        };

        // It is reported by the clock: the run is so long that a report ends it.
        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 1_000_000 }).TrainAsync(callbacks, stop.Token);

        TrainingProgress told = Assert.Single(reports);
        Assert.Equal(result.Model.Step, told.Step);
        Assert.Equal(16_000_000, told.TotalSteps);
        Assert.True(told.ExamplesPerSecond > 0);
    }

    [Fact]
    public async Task TrainAsync_CancelledAndResumed_EndsInTheSameBytes()
    {
        using var stop = new CancellationTokenSource();
        var callbacks = new TrainingCallbacks
        {
            OnStep = step =>
            {
                if (step.Step == 21)
                    stop.Cancel();
            },
        };
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        TrainingResult stopped = await trainer.TrainAsync(callbacks, stop.Token);
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
        TrainingResult result = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(cancellationToken: new CancellationToken(canceled: true));

        Assert.False(result.IsComplete);
        Assert.Equal(0, result.Model.Step);
        Assert.Empty(result.Epochs);
    }

    [Fact]
    public async Task TrainAsync_CallbackThrows_EndsWithThatException()
    {
        var callbacks = new TrainingCallbacks { OnEpoch = _ => throw new InvalidTimeZoneException("mine") };

        var thrown = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync(callbacks));

        Assert.Equal("mine", thrown.Message);
    }

    [Fact]
    public async Task TrainAsync_Diverging_SaysWhatToDo()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options with { LearningRate = 1e20 });

        var thrown = await Assert.ThrowsAsync<TrainingException>(() => trainer.TrainAsync());

        Assert.Contains("LearningRate", thrown.Message);
    }

    [Fact]
    public async Task TrainAsync_CheckpointDirectory_KeepsTheNewest()
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("checkpoints");
        var options = SmallData.Options with { Epochs = 4, CheckpointDirectory = directory, KeepCheckpoints = 2 };

        TrainingResult result = await new Trainer(Net, SmallData.Data, options).TrainAsync();

        Assert.Equal(["step-000000048.ckpt", "step-000000064.ckpt"], Directory.GetFiles(directory).Select(Path.GetFileName).Order());
        Assert.Equal(result.Model.WeightsSha256, TrainedModel.Load(directory).WeightsSha256);
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

        var refused = Assert.Throws<ArgumentException>(() => Trainer.Resume(first.Model, SmallData.Other, totalSteps: 5));

        Assert.Contains("Give the same data set", refused.Message);
        Assert.Contains("only be made longer", refused.Message);
    }

    [Fact]
    public void Constructor_ManyMistakes_TellsAll()
    {
        var options = new TrainerOptions { BatchSize = 1_000, LearningRate = -1, Epochs = 0, TrainingExamples = 700, KeepCheckpoints = 0 };

        var refused = Assert.Throws<ArgumentException>(() => new Trainer(Models.Parse("65-16-3"), SmallData.Data, options));

        Assert.Contains("takes 65 values; an example of bars has 8 x 8 = 64 pixels", refused.Message);
        Assert.Contains("tells 3 classes apart; bars has 4", refused.Message);
        Assert.Contains("BatchSize is 1000; expected at most the 700", refused.Message);
        Assert.Contains("TrainingExamples is 700; bars has 550", refused.Message);
        Assert.Contains("Learning rate -1", refused.Message);
        Assert.Contains("Epochs is 0", refused.Message);
        Assert.Contains("0 checkpoints to keep", refused.Message);
    }

    private sealed class Reports(Action<TrainingProgress> told) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => told(value);
    }
}
