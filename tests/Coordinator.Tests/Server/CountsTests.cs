using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;

namespace Lockstep.Coordinator.Tests.Server;

/// <summary>What the parameter server counts, from frames of a worker on a real stream.</summary>
public class CountsTests : TestKit
{
    private const int Batch = 5;
    private static readonly WorkerId Worker = new(1);
    private readonly StreamPair _streams = new();
    private RunState _state = null!;
    private TestProbe _coordinator = null!, _checkpointer = null!;

    protected override void AfterAll()
    {
        _streams.Dispose();
        base.AfterAll();
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(1, int.MaxValue)]
    [InlineData(0, 0)]
    public void Gradient_OfMoreOrFewerExamplesThanItsNodeHas_IsRefusedAndDoesNotCount(int shard, int examples)
    {
        Start(Spec(totalSteps: 10));

        Send(step: 0, new TreeNode(0, shard), new NodeStatistics(1, 0, examples));
        LinkLost lost = _coordinator.FishForMessage<LinkLost>(_ => true, StreamPair.Deadline);
        Send(step: 0, new TreeNode(0, 0), new NodeStatistics(1, 1, 2));
        Send(step: 0, new TreeNode(0, 1), new NodeStatistics(1, 2, 3));

        Assert.True(lost.IsFault);
        Assert.Equal($"it sent a gradient of {examples:N0} examples for node L0#{shard} of step 0, which has {shard + 2}", lost.Reason);
        StepDone done = _coordinator.FishForMessage<StepDone>(_ => true, StreamPair.Deadline);
        Assert.Equal(new NodeStatistics(2, 3, Batch), done.Statistics);
    }

    /// <summary>As after hours without a line of metrics.</summary>
    [Fact]
    public void Unreported_OfMoreExamplesThanAnInt_StaysRightInReportsAndCheckpoints()
    {
        const long Before = int.MaxValue - 2L;
        RunSpec spec = Spec(totalSteps: RunSpec.MaxSteps);
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        var resumed = new Checkpoint
        {
            RunId = "0123456789abcdef",
            Term = 1,
            Spec = spec,
            Step = 429_496_730,
            Parameters = CheckpointTensors.CopyFrom(layout, weights),
            Slots = [],
            Unreported = new NodeStatistics(1, Before - 1, Before),
            WeightsSha256 = WeightsDigest.Sha256(layout, weights),
        };
        Start(spec, CheckpointCodec.Decode(CheckpointCodec.Encode(resumed), "before"));

        Send(resumed.Step, new TreeNode(1, 0), new NodeStatistics(1, Batch, Batch));

        SaveSnapshot saved = _checkpointer.FishForMessage<SaveSnapshot>(_ => true, StreamPair.Deadline);
        var expected = new NodeStatistics(2, Before - 1 + Batch, Before + Batch);
        Assert.Equal(expected, saved.Unreported);
        byte[] file = CheckpointCodec.Encode(resumed with { Step = saved.Weights.Step, Unreported = saved.Unreported });
        Assert.Equal(expected, CheckpointCodec.Decode(file, "after").Unreported);
        StepReport report = _coordinator.FishForMessage<StepReport>(report => report.Step > resumed.Step, StreamPair.Deadline);
        Assert.Equal(expected, report.Unreported);
    }

    private static ImageSet Images { get; } = ImageSet.FromDense(new byte[4 * Batch], new byte[Batch], 2, 2);

    /// <summary>A batch of five in two shards: of two and of three.</summary>
    private static RunSpec Spec(long totalSteps)
    {
        RunSpec spec = SmallRun.Options().Spec;
        return spec with { BatchSize = Batch, Shards = 2, TotalSteps = totalSteps, Data = spec.Data with { TrainingExamples = Batch } };
    }

    private void Start(RunSpec spec, Checkpoint? resumeFrom = null)
    {
        TrainingOptions options = SmallRun.Options() with { Spec = spec, ResumeFrom = resumeFrom, ReportSteps = true, CheckpointEverySteps = 1, Transport = Transport.Stream };
        _state = new RunState(options, run: 77, term: 1);
        (_coordinator, _checkpointer) = (CreateTestProbe(), CreateTestProbe());
        ActorMailbox coordinator = new(_coordinator), checkpointer = new(_checkpointer), evaluator = new(CreateTestProbe());
        var gradients = new GradientPool(_state.Layout.TrainableLength);
        var meter = new RunMeter(_state, spec.TotalSteps);
        IActorRef server = Sys.ActorOf(
            ParameterServerActor.Props(options, _state, meter, gradients, coordinator, evaluator, checkpointer)
                .WithDispatcher("akka.actor.default-dispatcher"));
        var images = new Lazy<TrainingData>(() => new TrainingData(Images, Images.Digest()));
        var context = new LinkContext(
            spec, _state, images, new Lazy<SharedExamples?>(() => null), gradients, coordinator, new ActorMailbox(server), TimeProvider.System);
        var link = new WorkerLink(Worker, _streams.Near, context, default);
        LinkThreads.Start(link);
        FrameHeader header = _streams.Far.ReceiveHeader(FrameKind.RunSpec);
        _streams.Far.SkipPayload(header);
        _ = DatasetReceiver.ReceiveAll(_streams.Far, spec, header.Run);
        // As the coordinator does: a worker takes part once it has the data.
        server.Tell(new ChangeWorkers([new StepWorker(Worker, Lanes: 1)], new Dictionary<WorkerId, WorkerLink> { [Worker] = link }));
    }

    private void Send(long step, TreeNode node, NodeStatistics statistics)
    {
        var header = new FrameHeader { Kind = FrameKind.Gradient, Run = _state.Run, Term = _state.Term, Step = step, Node = node.ToKey(), Statistics = statistics };
        _streams.Far.Send(header, new float[_state.Layout.TrainableLength], new TensorRuns(_state.Layout));
    }
}
