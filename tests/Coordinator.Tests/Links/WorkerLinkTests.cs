using System.Text;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Weights;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;

namespace Lockstep.Coordinator.Tests.Links;

/// <summary>A link without threads, over memory.</summary>
public sealed class WorkerLinkTests : IDisposable
{
    private static readonly ParameterLayout Layout = new(ModelSpec.Parse("4-2"));
    private static readonly TreeNode[] Root = [new(0, 0)];
    private readonly MemoryPair _streams = new();
    private readonly ManualTime _time = new();
    private readonly RecordingMailbox _coordinator = new(), _parameterServer = new();
    private readonly GradientPool _gradients = new(Layout.TrainableLength);
    private readonly RunState _state = new(SmallRun.Options(), run: 77, term: 1);
    private readonly WeightsPool _weights = new(Layout, new float[Layout.Length]);
    private readonly WorkerLink _link;

    public WorkerLinkTests() => _link = NewLink(_streams);

    public void Dispose()
    {
        _link.Dispose();
        _streams.Dispose();
    }

    [Fact]
    public void AnyOrder_OfPostsSendsAndEnds_HoldsOneVersionAtMostAndNoneAtTheEnd()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            using var streams = new MemoryPair();
            using WorkerLink link = NewLink(streams);
            for (long step = 0; step < 12; step++)
            {
                WeightsVersion version = _weights.Rent(step);
                for (int turn = random.Next(4); turn > 0; turn--)
                    Act(link, random, version);
                version.Release();
                Assert.InRange(_weights.Held, 0, 1);
            }

            link.Dispose();
            Assert.True(_weights.Held == 0, $"Weights are lost with seed {seed}.");
            WeightsVersion late = _weights.Rent(12);
            link.PostReissue(late, Root);
            link.PostWork(late, Root);
            Assert.False(link.SendNext());
            late.Release();
            Assert.True(_weights.Held == 0, $"A closed link holds weights with seed {seed}.");
        }
    }

    [Fact]
    public void SendNext_NewerWeightsBeforeTheOlderWereSent_SendsTheNewerAlone()
    {
        Post(3);
        Post(4);
        Assert.True(_link.SendNext());
        Assert.Equal([FrameKind.Assign, FrameKind.Weights], Receive().Select(frame => frame.Kind));
        Post(5);
        Assert.True(_link.SendNext());
        Assert.Equal((FrameKind.Weights, 5), Receive().Select(frame => (frame.Kind, frame.Step)).Single());
    }

    [Fact]
    public void PostReissue_WorkerWithoutTheStep_GetsItsWeightsFirst()
    {
        WeightsVersion version = _weights.Rent(7);
        _link.PostReissue(version, Root);
        version.Release();
        Assert.True(_link.SendNext());
        Assert.Equal([FrameKind.Weights, FrameKind.Assign], Receive().Select(frame => frame.Kind));
    }

    /// <summary>As when the slices of a step do not come.</summary>
    [Fact]
    public void PostWork_OfTheSameStepOnceMore_StillSendsWhatWasRequestedBesides()
    {
        WeightsVersion version = _weights.Rent(7);
        _link.PostReissue(version, Root);
        _link.PostWork(version, Root);
        version.Release();
        Assert.True(_link.SendNext());
        Assert.Equal([FrameKind.Assign, FrameKind.Weights, FrameKind.Assign], Receive().Select(frame => frame.Kind));
    }

    [Fact]
    public void SendNext_NothingSentForASecond_Pings()
    {
        Assert.True(_link.SendNext());
        Assert.Empty(Receive());
        _time.Now += Outbox.MostSilence;
        Assert.True(_link.SendNext());
        Assert.True(_link.SendNext());
        FrameHeader ping = Receive().Single();
        Assert.Equal((FrameKind.Ping, _state.Run, _state.Term), (ping.Kind, ping.Run, ping.Term));
        _time.Now += Outbox.MostSilence / 2;
        Post(0);
        _link.SendNext();
        _time.Now += Outbox.MostSilence / 2;
        Receive();
        _link.SendNext();
        Assert.Empty(Receive());
    }

    [Theory]
    [InlineData(true, ByeReason.HandsOver)]
    [InlineData(false, ByeReason.RunComplete)]
    public void PostMovedOrBye_SendsThatAloneAndEnds(bool moves, ByeReason expected)
    {
        Post(1);
        if (moves)
            _link.PostMoved("to the south");
        else
            _link.PostBye("to the south");
        Assert.False(_link.SendNext());
        FrameHeader bye = _streams.Far.ReceiveHeader();
        Assert.Equal((FrameKind.Bye, (uint)expected, "to the south"), (bye.Kind, bye.Node, _streams.Far.ReceiveReason(bye)));
        _time.Now += TimeSpan.FromMinutes(1);
        Assert.False(_link.SendNext());
        Assert.False(_streams.FarHasBytes);
    }

    [Fact]
    public void HasRoom_GradientsFasterThanTheyAreTaken_IsFalseUntilOneIsTaken()
    {
        _streams.Far.Limits = StreamLimits.For(Layout);
        var runs = new TensorRuns(Layout);
        for (int step = 0; step < GradientFlow.MaxInFlight; step++)
        {
            Assert.True(_link.HasRoom);
            _streams.Far.Send(
                new FrameHeader { Kind = FrameKind.Gradient, Run = _state.Run, Term = _state.Term, Step = step },
                new float[Layout.TrainableLength], runs);
            Assert.True(_link.ReceiveNext());
        }

        Assert.False(_link.HasRoom);
        _link.Taken(((NodeArrived)_parameterServer.Take()!).Gradient);
        Assert.True(_link.HasRoom);
    }

    [Fact]
    public void ReceiveNext_StreamEnded_IsToldOnceAndLetsGoOfTheWeights()
    {
        Post(1);
        Assert.False(_link.ReceiveNext());
        Assert.False(_link.ReceiveNext());
        Assert.False(Assert.IsType<LinkLost>(_coordinator.Take()).IsFault);
        Assert.Null(_coordinator.Take());
        Assert.Equal(0, _weights.Held);
    }

    [Fact]
    public void Post_OverAndOver_AllocatesNothing()
    {
        WeightsVersion version = _weights.Rent(0);
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < 1000; step++)
                _link.PostWork(version, Root);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        version.Release();
        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("192.0.2.1:70000")]
    [InlineData("0.0.0.0:5000")]
    public void ReceiveNext_AddressAtWhichNobodyCanBeReached_FailsTheWorker(string address)
    {
        _streams.Far.Send(new FrameHeader { Kind = FrameKind.SliceAddress, Run = _state.Run, Term = _state.Term }, Encoding.UTF8.GetBytes(address));

        Assert.False(_link.ReceiveNext());

        LinkLost lost = Assert.IsType<LinkLost>(_coordinator.Take());
        Assert.True(lost.IsFault);
        Assert.Contains(address, lost.Reason, StringComparison.Ordinal);
    }

    private static void Act(WorkerLink link, Random random, WeightsVersion version)
    {
        switch (random.Next(12))
        {
            case < 4:
                link.PostWork(version, Root);
                break;
            case < 6:
                link.PostReissue(version, Root);
                break;
            case < 9:
                link.SendNext();
                break;
            case 9 when random.Next(4) == 0:
                link.PostBye("over");
                break;
            case 10 when random.Next(4) == 0:
                link.Refuse("out");
                break;
            case 11 when random.Next(4) == 0:
                link.Dispose();
                break;
            case 11 when random.Next(4) == 0:
                link.OnStreamEnded("gone");
                break;
        }
    }

    private WorkerLink NewLink(MemoryPair streams)
    {
        TrainingOptions options = SmallRun.Options();
        var images = new Lazy<TrainingData>(() => TrainingData.Of(options.Data, options.Spec.Data.TrainingExamples));
        return new WorkerLink(
            new WorkerId(1), streams.Near,
            new LinkContext(
                options.Spec, _state, images, new Lazy<SharedExamples?>(() => null), _gradients, _coordinator, _parameterServer, _time),
            default);
    }

    private void Post(long step)
    {
        WeightsVersion version = _weights.Rent(step);
        _link.PostWork(version, Root);
        version.Release();
    }

    private List<FrameHeader> Receive()
    {
        _streams.Far.Limits = StreamLimits.For(Layout);
        var frames = new List<FrameHeader>();
        while (_streams.FarHasBytes)
        {
            FrameHeader header = _streams.Far.ReceiveHeader();
            _streams.Far.SkipPayload(header);
            frames.Add(header);
        }

        return frames;
    }
}
