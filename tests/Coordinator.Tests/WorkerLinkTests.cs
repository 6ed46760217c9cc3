using System.Net.Sockets;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Model.Data;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;

namespace Lockstep.Coordinator.Tests;

public class WorkerLinkTests : TestKit
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("4-2"));
    private readonly float[] _gradient = new float[Layout.TrainableLength];
    private readonly TensorRuns _runs = new(Layout);
    private readonly StreamPair _streams = new();
    private RunState? _state;
    private TestProbe _coordinator = null!;

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
        for (int i = 0; i < 16; i++)
            Assert.Equal(i, parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline).Step);
        parameterServer.ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        link.Taken();
        Assert.Equal(16, parameterServer.ExpectMsg<NodeArrived>(StreamPair.Deadline).Step);
    }

    [Fact]
    public void Leaving_OfAWorker_IsToldToTheCoordinatorAndTheStreamStays()
    {
        (WorkerLink link, TestProbe parameterServer) = Start("4-2");
        Join();
        _streams.Far.Send(new FrameHeader { Kind = FrameKind.Leaving, Run = _state!.Run, Term = _state.Term }, "it was asked to stop"u8);
        Assert.Equal(new LinkLeaving(link.Worker, "it was asked to stop"), _coordinator.ExpectMsg<LinkLeaving>(StreamPair.Deadline));

        _streams.Far.Send(new FrameHeader { Kind = FrameKind.Gradient, Run = _state.Run, Term = _state.Term, Node = new TreeNode(0, 0).ToKey() }, _gradient, _runs);
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
        Assert.Contains(run == 1 ? "of run" : "of term", _coordinator.ExpectMsg<LinkLost>(StreamPair.Deadline).Reason, StringComparison.Ordinal);
        Assert.False(parameterServer.HasMessages);
    }

    private (WorkerLink Link, TestProbe ParameterServer) Start(string model)
    {
        var images = ImageSet.FromDense([1, 2, 3, 4, 5, 6, 7, 8], [0, 1], 2, 2);
        var data = new Dataset("test", images, images);
        var options = new TrainingOptions
        {
            Spec = new RunSpec
            {
                Model = ModelSpec.Parse(model),
                Seed = 1,
                BatchSize = 1,
                Shards = 1,
                TotalSteps = 10,
                Optimizer = new OptimizerSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0, L2 = 0 },
                Data = new DataSpec { Name = data.Name, Sha256 = data.Sha256, TrainingExamples = 1, ValidationExamples = 1 },
            },
            Data = data,
            CheckpointDirectory = "",
        };
        RunState state = _state = new RunState(options);
        var context = new CoordinatorContext(
            options, state, new Lazy<TrainingImages>(() => TrainingImages.Of(data, 1)), new StreamTokens(), "", 0, new Progress<RunEvent>(), new());
        TestProbe parameterServer = CreateTestProbe();
        var link = new WorkerLink(new WorkerId(1), _streams.Near, context, new GradientPool(state.Layout.Length), _coordinator = CreateTestProbe(), parameterServer);
        link.Start();
        return (link, parameterServer);
    }

    /// <summary>What a worker does first: takes run spec and data.</summary>
    private void Join()
    {
        FrameHeader header = _streams.Far.ReceiveHeader(FrameKind.RunSpec);
        _streams.Far.ReceivePayload(header, new byte[header.PayloadLength]);
        DatasetTransfer.Receive(_streams.Far, header.Run);
    }
}
