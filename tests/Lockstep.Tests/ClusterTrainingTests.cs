using System.Net;
using System.Net.Sockets;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Training;

namespace Lockstep.Tests;

/// <summary>Training on a cluster that this process coordinates.</summary>
public class ClusterTrainingTests
{
    private static readonly ModelSpec Net = Models.Parse("64-16-4");
    private static readonly ClusterOptions TwoWorkers = new() { LocalWorkers = 2, Lanes = 1 };

    [Fact]
    public async Task TrainAsync_OnClusterWorkersOfThisProcess_GivesTheBytesAndTheStepsOfTrainAsync()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);
        List<TrainingStep> here = [], there = [];

        TrainingResult local = await trainer.TrainAsync(new RunOptions { OnStep = here.Add });
        TrainingResult cluster = await trainer.TrainAsync(TwoWorkers with { OnStep = there.Add });

        Assert.True(cluster.IsComplete);
        Assert.Equal(local.Model.WeightsSha256, cluster.Model.WeightsSha256);
        Assert.Equal(here, there);
        Assert.Equal(local.Epochs.Select(Bare), cluster.Epochs.Select(Bare));
        static object Bare(TrainingEpoch epoch) => epoch with { ExamplesPerSecond = 0, Elapsed = default };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task TrainAsync_AdamWOnACluster_GivesTheBytesOfThisProcessAlsoResumed(int workers)
    {
        var optimizer = new AdamWSpec { LearningRate = 0.01, Schedule = LearningRateSchedule.Parse("cosine:0.1") };
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options with { Optimizer = optimizer, Epochs = 3 });
        using var stop = new CancellationTokenSource();

        TrainingResult local = await trainer.TrainAsync();
        ClusterOptions untilAnEpoch = TwoWorkers with { LocalWorkers = workers, OnEpoch = _ => stop.Cancel() };
        TrainingResult half = await trainer.TrainAsync(untilAnEpoch, stop.Token);
        TrainingResult resumed = await Trainer.Resume(half.Model, SmallData.Data).TrainAsync(TwoWorkers);

        Assert.Equal(local.Model.WeightsSha256, resumed.Model.WeightsSha256);
        Assert.Equal(optimizer, resumed.Model.Run.Optimizer);
    }

    /// <summary>The network is large enough for two threads to share the norm and the update.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TrainAsync_ClippingAndTargetsOnACluster_GivesTheBytesOfThisProcessAlsoResumedWithinAnEpoch(bool isAdam)
    {
        TrainerOptions options = SmallData.Options with
        {
            Optimizer = isAdam
                ? new AdamWSpec { LearningRate = 0.01, WeightDecay = 0, L2 = 1e-3, ClipNorm = 0.5 }
                : new SgdSpec { LearningRate = 0.05, Momentum = 0.9, IsNesterov = true, ClipNorm = 0.5 },
            LabelSmoothing = 0.1,
            ClassWeights = ClassWeights.Balanced,
            Steps = 20,
        };
        var trainer = new Trainer(Models.Parse("64-512-4"), SmallData.Data, options);
        using var stop = new CancellationTokenSource();

        TrainingResult local = await trainer.TrainAsync();
        TrainingResult half = await trainer.TrainAsync(
            new RunOptions { OnStep = step => { if (step.Step == 7) stop.Cancel(); } }, stop.Token);
        TrainingResult resumed = await Trainer.Resume(half.Model, SmallData.Data).TrainAsync(TwoWorkers);

        Assert.Equal(7, half.Model.Step);
        Assert.Equal(local.Model.WeightsSha256, resumed.Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_OnClusterWorkerThatJoinsByItself_Trains()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);
        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ClusterOptions
        {
            OnEvent = value =>
            {
                if (value is RunEvent.Listening listening)
                    address.SetResult(listening.Address);
            },
        };

        Task<TrainingResult> training = trainer.TrainAsync(options);
        Task worker = ClusterWorker.RunAsync(await address.Task, new ClusterWorkerOptions { Lanes = 2 });

        TrainingResult result = await training;
        await worker;
        Assert.Equal((await trainer.TrainAsync()).Model.WeightsSha256, result.Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_OnClusterCancelledAndResumedHere_EndsInTheSameBytes()
    {
        using var stop = new CancellationTokenSource();
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 100 });
        ClusterOptions cluster = TwoWorkers with { OnStep = _ => stop.Cancel() };

        TrainingResult stopped = await trainer.TrainAsync(cluster, stop.Token);
        TrainingResult resumed = await Trainer.Resume(stopped.Model, SmallData.Data).TrainAsync();

        Assert.False(stopped.IsComplete);
        Assert.InRange(stopped.Model.Step, 1, 1_599);
        Assert.Equal((await trainer.TrainAsync()).Model.WeightsSha256, resumed.Model.WeightsSha256);
    }

    [Fact]
    public async Task TrainAsync_OnClusterRestoredAndFrozen_GivesTheBytesOfTrainAsync()
    {
        TrainingResult source = await new Trainer(Net, SmallData.Data, SmallData.Options).TrainAsync();
        var trainer = new Trainer(Net.Freeze("layer0/*"), SmallData.Data, SmallData.Options with { Seed = 9, InitFrom = source.Model });

        TrainingResult local = await trainer.TrainAsync(), cluster = await trainer.TrainAsync(TwoWorkers);

        Assert.Equal(local.Model.WeightsSha256, cluster.Model.WeightsSha256);
        Assert.Equal(source.Model.GetParameter("layer0/weights").Values, cluster.Model.GetParameter("layer0/weights").Values);
    }

    [Fact]
    public async Task TrainAsync_OnClusterCallbackThrows_EndsWithThatException()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options with { Epochs = 100 });
        ClusterOptions cluster = TwoWorkers with { OnStep = _ => throw new InvalidTimeZoneException("mine") };

        var thrown = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => trainer.TrainAsync(cluster));

        Assert.Equal("mine", thrown.Message);
    }

    [Fact]
    public async Task TrainAsync_OnClusterNoWorker_SaysSo()
    {
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        var thrown = await Assert.ThrowsAsync<TrainingException>(
            () => trainer.TrainAsync(new ClusterOptions { WorkerTimeout = TimeSpan.FromMilliseconds(100) }));

        Assert.Contains("worker", thrown.Message);
        Assert.Null(thrown.Model);
    }

    [Fact]
    public async Task TrainAsync_OnClusterPortInUse_SaysSo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var trainer = new Trainer(Net, SmallData.Data, SmallData.Options);

        var options = new ClusterOptions { Listen = (IPEndPoint)other.LocalEndpoint };

        await Assert.ThrowsAsync<ListenException>(() => trainer.TrainAsync(options));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData(":5000")]
    [InlineData("localhost:0")]
    [InlineData("localhost:70000")]
    public void ClusterWorkerRunAsync_NoAddress_IsRefused(string address)
    {
        var refused = Assert.Throws<RequestException>(() => { _ = ClusterWorker.RunAsync(address); });
        Assert.Contains("HOST:PORT", refused.Message);
    }
}
