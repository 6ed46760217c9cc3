using System.Net.Sockets;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;

namespace Lockstep.Coordinator.Tests.Links;

/// <summary>A link with its threads, over sockets.</summary>
public class LinkThreadsTests : TestKit
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("4-2"));
    private readonly float[] _gradient = new float[Layout.TrainableLength];
    private readonly TensorRuns _runs = new(Layout);
    private readonly StreamPair _streams = new();
    private RunState? _state;
    private TestProbe _coordinator = null!;
    private FrameHeader _last = new() { Kind = FrameKind.Hello };

    protected override void AfterAll()
    {
        _streams.Dispose();
        base.AfterAll();
    }

    [Fact]
    public void Refuse_WorkerThatListens_IsToldWhyAndCutOff()
    {
        (WorkerLink link, _) = Start("4-2");
        Join();
        link.Refuse("its numerics differ");
        FrameHeader last = _streams.Far.ReceiveHeader();
        Assert.Equal((FrameKind.Refusal, "its numerics differ"), (last.Kind, _streams.Far.ReceiveReason(last)));
        Assert.Equal(StreamError.EndOfStream, Assert.Throws<StreamException>(() => _streams.Far.ReceiveHeader()).Error);
    }

    [Fact]
    public void Refuse_WorkerThatDoesNotListen_IsCutOff()
    {
        (WorkerLink link, _) = Start("4-60000-10");
        Join();
        var layout = new ParameterLayout(ModelSpec.Parse("4-60000-10"));
        var pool = new WeightsPool(layout, new float[layout.Length]);
        for (int step = 0; step < 20; step++)
            link.PostWork(pool.Rent(step), [new TreeNode(0, 0)]);
        link.Refuse("too slow");

        // What the system had taken is still there; after it comes the end.
        byte[] buffer = new byte[1 << 16];
        _streams.FarSocket.ReceiveTimeout = (int)StreamPair.Deadline.TotalMilliseconds;
        try
        {
            while (_streams.FarSocket.Receive(buffer) > 0)
            {
            }
        }
        catch (SocketException exception)
        {
            Assert.Equal(SocketError.ConnectionReset, exception.SocketErrorCode);
        }
    }

    [Fact]
    public void Gradients_FasterThanTheyAreAddedUp_WaitInTheStream()
    {
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        for (int i = 0; i < 40; i++)
            _streams.Far.Send(new FrameHeader { Kind = FrameKind.Gradient, Run = _state!.Run, Term = _state.Term, Step = i, Node = new TreeNode(0, 0).ToKey() }, _gradient, _runs);
        NodeArrived first = null!;
        for (int i = 0; i < 16; i++)
        {
            NodeArrived arrived = parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline);
            Assert.Equal(i, arrived.Step);
            first ??= arrived;
        }

        parameterServer.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        link.Taken(first.Gradient);
        Assert.Equal(16, parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline).Step);
    }

    [SkippableFact]
    public void Memory_TakenUp_HasWeightsAndGradientsFromThenOn()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        var pool = new WeightsPool(Layout, new float[Layout.Length], SharedMemory.TryCreate(2, Layout.Length, othersWrite: false));
        WeightsVersion weights = pool.Rent(0);
        weights.Buffer.Span.Fill(3);
        link.PostWork(weights, [new TreeNode(0, 0)]);
        SharedTensors tensors = TakeUpMemory();
        Assert.Equal(FrameKind.Weights, SkipFrame().Kind); // The first ones are on their way already.
        SharedTensors.SendSlot(_streams.Far, Gradient(step: 0) with { Kind = FrameKind.SharedGradient }, Fill(tensors, slot: 1, value: 9));
        NodeArrived first = parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline);
        Assert.Equal((0, 9f), (first.Step, first.Gradient.Buffer.Span[0]));

        WeightsVersion next = pool.Rent(1);
        next.Buffer.Span.Fill(4);
        link.PostWork(next, [new TreeNode(0, 0)]);
        FrameHeader header = SkipFramesUntil(FrameKind.SharedWeights);
        Assert.Equal(1, header.Step);
        Assert.Equal(4f, tensors.Weights[SharedTensors.ReceiveSlot(_streams.Far, header, 2)].Span[0]);
    }

    [SkippableFact]
    public void Slot_UsedAgainBeforeItWasTaken_WaitsAndIsHandedOverOnce()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        link.PostWork(
            new WeightsPool(Layout, new float[Layout.Length], SharedMemory.TryCreate(2, Layout.Length, othersWrite: false)).Rent(0),
            [new TreeNode(0, 0)]);
        SharedTensors tensors = TakeUpMemory();
        for (int step = 0; step < 2; step++)
            SharedTensors.SendSlot(
                _streams.Far, Gradient(step) with { Kind = FrameKind.SharedGradient }, Fill(tensors, slot: 0, value: step));
        NodeArrived arrived = parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline);
        parameterServer.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, arrived.Step);
        link.Taken(arrived.Gradient);
        Assert.Equal(1, parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline).Step);
    }

    [SkippableFact]
    public void Memory_NotTakenUp_LeavesEverythingOnTheStream()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "memory is shared between processes on Linux only");
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        var pool = new WeightsPool(Layout, new float[Layout.Length], SharedMemory.TryCreate(2, Layout.Length, othersWrite: false));
        for (int step = 0; step < 3; step++)
        {
            link.PostWork(pool.Rent(step), [new TreeNode(0, 0)]);
            Assert.Equal(step, SkipFramesUntil(FrameKind.Weights).Step);
            _streams.Far.SkipPayload(_last);
            _streams.Far.Send(Gradient(step), _gradient, _runs);
            parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline);
        }
    }

    [Fact]
    public void SharedGradient_WithoutAnOffer_EndsTheLink()
    {
        (WorkerLink _, TestProbe parameterServer) = Start("4-2");
        Join();
        SharedTensors.SendSlot(_streams.Far, Gradient(step: 0) with { Kind = FrameKind.SharedGradient }, 0);
        Assert.True(_coordinator.ExpectMsg<LinkLost>(StreamPair.Deadline).IsFault);
        Assert.False(parameterServer.HasMessages);
    }

    [Fact]
    public void Leaving_OfAWorker_IsToldToTheCoordinatorAndTheStreamStays()
    {
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        _streams.Far.Send(new FrameHeader { Kind = FrameKind.Leaving, Run = _state!.Run, Term = _state.Term }, "it was asked to stop"u8);
        Assert.Equal(new LinkLeaving(link.Worker, "it was asked to stop"), _coordinator.ExpectMsg<LinkLeaving>(StreamPair.Deadline));

        _streams.Far.Send(
            new FrameHeader { Kind = FrameKind.Gradient, Run = _state.Run, Term = _state.Term, Node = new TreeNode(0, 0).ToKey() },
            _gradient, _runs);
        parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline);
        link.PostBye("it owes nothing");
        FrameHeader last = _streams.Far.ReceiveHeader();
        Assert.Equal((FrameKind.Bye, "it owes nothing"), (last.Kind, _streams.Far.ReceiveReason(last)));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, -1)]
    public void Gradient_OfAnotherRunOrTerm_EndsTheLinkUncounted(int run, int term)
    {
        (WorkerLink _, TestProbe parameterServer) = Start("4-2");
        Join();
        var header = new FrameHeader { Kind = FrameKind.Gradient, Run = _state!.Run + (ulong)run, Term = _state.Term + term, Node = new TreeNode(0, 0).ToKey() };
        _streams.Far.Send(header, _gradient, _runs);
        Assert.Contains(
            run == 1 ? "of run" : "of term", _coordinator.ExpectMsg<LinkLost>(StreamPair.Deadline).Reason, StringComparison.Ordinal);
        Assert.False(parameterServer.HasMessages);
    }

    private (WorkerLink Link, TestProbe ParameterServer) Start(string model)
    {
        TrainingOptions options = SmallRun.Options(model);
        RunState state = _state = new RunState(options, run: 77, term: 1);
        TestProbe parameterServer = CreateTestProbe();
        _coordinator = CreateTestProbe();
        var data = new Lazy<TrainingData>(() => TrainingData.Of(options.Data, options.Spec.Data.TrainingExamples));
        var context = new LinkContext(
            options.Spec, state, data, new Lazy<SharedExamples?>(() => SharedExamples.TryCreate(data.Value.Examples)),
            new GradientPool(state.Layout.Length), new ActorMailbox(_coordinator), new ActorMailbox(parameterServer), TimeProvider.System);
        var link = new WorkerLink(new WorkerId(1), _streams.Near, context, default);
        LinkThreads.Start(link);
        return (link, parameterServer);
    }

    private FrameHeader Gradient(long step) =>
        new() { Kind = FrameKind.Gradient, Run = _state!.Run, Term = _state.Term, Step = step, Node = new TreeNode(0, 0).ToKey() };

    private static int Fill(SharedTensors tensors, int slot, float value)
    {
        tensors.Gradients[slot].Span.Fill(value);
        return slot;
    }

    private SharedTensors TakeUpMemory()
    {
        FrameHeader header = SkipFramesUntil(FrameKind.SharedMemory);
        byte[] offer = new byte[header.PayloadLength];
        _streams.Far.ReceivePayload(header, offer);
        _streams.Far.Send(new FrameHeader { Kind = FrameKind.SharedMemory, Run = _state!.Run, Term = _state.Term }, []);
        return SharedTensors.TryOpen(offer, "coordinator", Layout)!;
    }

    private FrameHeader SkipFrame()
    {
        FrameHeader header = _streams.Far.ReceiveHeader();
        _streams.Far.SkipPayload(header);
        return header;
    }

    /// <summary>The header of the next frame of a kind. Its payload comes next.</summary>
    private FrameHeader SkipFramesUntil(FrameKind kind)
    {
        while ((_last = _streams.Far.ReceiveHeader()).Kind != kind)
            _streams.Far.SkipPayload(_last);
        return _last;
    }

    /// <summary>What a worker does first: takes run spec and data.</summary>
    private void Join()
    {
        FrameHeader header = _streams.Far.ReceiveHeader(FrameKind.RunSpec);
        byte[] spec = new byte[header.PayloadLength];
        _streams.Far.ReceivePayload(header, spec);
        _ = DatasetReceiver.ReceiveAll(_streams.Far, RunSpecCodec.Decode(spec), header.Run);
        _streams.Far.Limits = StreamLimits.For(Layout);
    }
}
