using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Verification;

namespace Lockstep.Tests.Training;

/// <summary>Runs that end early, and that keep their best checkpoint: the same here, on a cluster and on resume.</summary>
public sealed class EarlyStoppingTests : IDisposable
{
    private const int EpochSteps = 16, Epochs = 12;
    private static readonly ModelSpec Net = Models.Parse("64-16-4");

    // A rate at which the accuracy goes up and down.
    private static readonly TrainerOptions Whole = SmallData.Options with { Epochs = Epochs, LearningRate = 0.5, Momentum = 0.5 };
    private static readonly RunOptions KeepsBest = new() { KeepBest = ValidationMetric.Accuracy };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TrainAsync_Target_EndsWithTheWeightsOfTheFirstEpochThatReachesIt()
    {
        TrainingEpoch[] epochs = await EpochsAsync();
        double target = epochs[2..].Max(epoch => epoch.ValidationAccuracy);
        TrainingEpoch reached = epochs.First(epoch => epoch.ValidationAccuracy >= target);
        TrainerOptions options = Whole with { Stop = new EarlyStopping { Target = target } };

        TrainingResult stopped = await new Trainer(Net, SmallData.Data, options).TrainAsync();

        Assert.True(stopped.IsComplete);
        Assert.Equal(reached.Step, stopped.Model.Step);
        TrainingResult shorter = await new Trainer(Net, SmallData.Data, Whole with { Steps = reached.Step }).TrainAsync();
        Assert.Equal(shorter.Model.WeightsSha256, stopped.Model.WeightsSha256);
        Assert.StartsWith("the validation accuracy reached accuracy>=", stopped.Summary.Result.StopReason, StringComparison.Ordinal);
        Assert.Equal(shorter.Summary.Result.TestAccuracy, stopped.Summary.Result.TestAccuracy);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public async Task TrainAsync_PatienceOnACluster_EndsWhereATrainingHereDoesAlsoResumed(int workers, int resumedWorkers)
    {
        var trainer = new Trainer(Net, SmallData.Data, await PatientAsync());
        using var stop = new CancellationTokenSource();

        TrainingResult here = await trainer.TrainAsync();
        TrainingResult cluster = await trainer.TrainAsync(new ClusterOptions { LocalWorkers = workers, Lanes = 1 });
        // Stopped here, at a given step: on a cluster the run could be over before it hears of it.
        TrainingResult half = await trainer.TrainAsync(new RunOptions { OnStep = step => CancelAfter(step.Step) }, stop.Token);
        TrainingResult resumed = await Trainer.Resume(half.Model, SmallData.Data)
            .TrainAsync(new ClusterOptions { LocalWorkers = resumedWorkers, Lanes = 1 });

        Assert.True(here.Model.Step < Epochs * EpochSteps, $"It stopped at step {here.Model.Step}.");
        Assert.False(half.IsComplete);
        foreach (TrainingResult other in new[] { cluster, resumed })
        {
            Assert.True(other.IsComplete);
            Assert.Equal(here.Model.Step, other.Model.Step);
            Assert.Equal(here.Model.WeightsSha256, other.Model.WeightsSha256);
            Assert.Equal(here.Summary.Result.StopReason, other.Summary.Result.StopReason);
        }

        void CancelAfter(long step)
        {
            if (step == EpochSteps + 1)
                stop.Cancel();
        }
    }

    /// <summary>What is remembered of evaluations must come back with every checkpoint, whichever step it is of.</summary>
    [Theory]
    [InlineData(EpochSteps)]
    [InlineData(EpochSteps + 5)]
    [InlineData(2 * EpochSteps + 1)]
    public async Task Resume_AtAnyStep_EndsAtTheSameStep(int at)
    {
        var trainer = new Trainer(Net, SmallData.Data, await PatientAsync());
        using var stop = new CancellationTokenSource();

        TrainingResult whole = await trainer.TrainAsync();
        TrainingResult half = await trainer.TrainAsync(new RunOptions { OnStep = step => CancelAt(step.Step) }, stop.Token);
        half.Model.Save(_folder.File("half.ckpt"));
        TrainingResult resumed = await Trainer.Resume(TrainedModel.Load(_folder.File("half.ckpt")), SmallData.Data).TrainAsync();
        TrainingResult again = await Trainer.Resume(resumed.Model, SmallData.Data).TrainAsync();

        Assert.Equal(at, half.Model.Step);
        Assert.Equal(whole.Model.WeightsSha256, resumed.Model.WeightsSha256);
        Assert.Equal((whole.Model.Step, true), (again.Model.Step, again.IsComplete));

        void CancelAt(long step)
        {
            if (step == at)
                stop.Cancel();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TrainAsync_KeepBest_KeepsTheFirstOfTheBestEpochs(bool isCluster)
    {
        TrainingEpoch[] epochs = await EpochsAsync();
        TrainingEpoch best = epochs.MaxBy(epoch => epoch.ValidationAccuracy)!;
        string folder = _folder.File("run");
        RunOptions options = isCluster ? new ClusterOptions { LocalWorkers = 2, Lanes = 1 } : new RunOptions();

        TrainingResult result = await new Trainer(Net, SmallData.Data, Whole).TrainAsync(
            options with { RunFolder = folder, KeepBest = ValidationMetric.Accuracy, KeepCheckpoints = 1 });

        Assert.Equal(Epochs * EpochSteps, result.Model.Step);
        Assert.Equal(best.Step, result.Best!.Step);
        Assert.Equal(result.Best.WeightsSha256, TrainedModel.LoadBest(folder).WeightsSha256);
        TrainingResult shorter = await new Trainer(Net, SmallData.Data, Whole with { Steps = best.Step }).TrainAsync();
        Assert.Equal(shorter.Model.WeightsSha256, result.Best.WeightsSha256);
        BestResult told = result.Summary.Result.Best!;
        Assert.Equal((best.Step, best.ValidationAccuracy, result.Best.Path), (told.Step, told.Value, told.Checkpoint));
        Assert.Equal(
            [$"best-{best.Step:D9}.ckpt", $"step-{result.Model.Step:D9}.ckpt"],
            Directory.GetFiles(RunFolder.CheckpointDirectoryOf(folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task TrainAsync_KeepBestResumedAfterTheBest_StillKnowsIt()
    {
        TrainingEpoch[] epochs = await EpochsAsync();
        TrainingEpoch best = epochs.MaxBy(epoch => epoch.ValidationAccuracy)!;
        Assert.True(best.Step < Epochs * EpochSteps, "The last epoch is the best: nothing comes after it.");
        string folder = _folder.File("run");
        using var stop = new CancellationTokenSource();
        RunOptions options = KeepsBest with { RunFolder = folder };
        var trainer = new Trainer(Net, SmallData.Data, Whole);

        TrainingResult half = await trainer.TrainAsync(options with { OnStep = StopAfterBest }, stop.Token);
        TrainingResult resumed = await Trainer.Resume(TrainedModel.Load(folder), SmallData.Data).TrainAsync(options);

        Assert.False(half.IsComplete);
        Assert.Equal((best.Step, best.ValidationAccuracy), (resumed.Summary.Result.Best!.Step, resumed.Summary.Result.Best.Value));

        void StopAfterBest(TrainingStep step)
        {
            if (step.Step == best.Step + 1)
                stop.Cancel();
        }
    }

    [Fact]
    public async Task VerifyAsync_RunThatStoppedEarly_IsIdenticalUpToItsEnd()
    {
        string folder = _folder.File("run");
        TrainingResult stopped = await new Trainer(Net, SmallData.Data, await PatientAsync())
            .TrainAsync(new RunOptions { RunFolder = folder });

        VerificationResult verified = await RunHistory.Read(folder).VerifyAsync(SmallData.Data);

        Assert.Null(verified.Difference);
        Assert.Equal((stopped.Model.Step, stopped.Model.WeightsSha256), (verified.Steps, verified.WeightsSha256));
    }

    [Fact]
    public void Trainer_RuleThatCannotDecide_SaysWhy()
    {
        AssertRefused(new EarlyStopping(), "neither a target nor a patience");
        AssertRefused(new EarlyStopping { Target = 1.5 }, "Target of the accuracy 1.5; expected a number from 0 to 1.");
        AssertRefused(new EarlyStopping { Patience = 0 }, "Patience 0; expected");
        AssertRefused(new EarlyStopping { Patience = 1, EvaluateEvery = new Cadence(0, InEpochs: false) }, "Steps between evaluations 0");

        static void AssertRefused(EarlyStopping stop, string problem)
        {
            var error = Assert.Throws<RequestException>(() => new Trainer(Net, SmallData.Data, Whole with { Stop = stop }));
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        }
    }

    private static async Task<TrainingEpoch[]> EpochsAsync() =>
        [.. (await new Trainer(Net, SmallData.Data, Whole).TrainAsync()).Epochs];

    /// <summary>The least patience that ends the run early, but not before two epochs have passed.</summary>
    private static async Task<TrainerOptions> PatientAsync()
    {
        TrainingEpoch[] epochs = await EpochsAsync();
        for (int patience = 2; patience < Epochs; patience++)
        {
            (double best, int since) = (double.NegativeInfinity, 0);
            for (int i = 0; i < epochs.Length - 1; i++)
            {
                (best, since) = epochs[i].ValidationAccuracy > best ? (epochs[i].ValidationAccuracy, 0) : (best, since + 1);
                if (since == patience)
                    return Whole with { Stop = new EarlyStopping { Patience = patience } };
            }
        }

        throw new InvalidOperationException("The accuracy grows in every epoch: no patience ends this run.");
    }
}
