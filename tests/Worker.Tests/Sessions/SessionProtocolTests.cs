using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tests.Streaming;
using Lockstep.Worker.Lanes;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Tests.Sessions;

/// <summary>A session without threads, over memory.</summary>
public sealed class SessionProtocolTests : IDisposable
{
    private static readonly FrameOrigin Origin = new(Run: 7, Term: 2);
    private static readonly RunSpec Spec = SmallSpec.Of(shards: 2);
    private static readonly ParameterLayout Layout = new(Spec.Model);
    private static readonly ImageSet Images = ImageSet.FromDense(
        [.. Enumerable.Range(1, 32).Select(i => (byte)i)], [0, 1, 0, 1, 0, 1, 0, 1], 2, 2);
    private readonly MemoryPair _streams = new();
    private readonly HeldData _held = new();
    private readonly WorkerMeter _meter = new(new WorkerStatus(), lanes: 1);
    private readonly RecordingLanes _lanes = new();
    private readonly SessionProtocol _session;
    private int _started;

    public SessionProtocolTests() => _session = new SessionProtocol(_streams.Near, Origin, _held, _meter, _ => "numerics", (_, _, _) =>
    {
        _started++;
        return _lanes;
    });

    // Four of its rows fit into a frame.
    private static RunSpec WideSpec => Spec with
    {
        Model = ModelSpec.Parse("60000-2"),
        BatchSize = 2,
        TotalSteps = 40,
    };

    public void Dispose()
    {
        _meter.Dispose();
        _streams.Dispose();
    }

    [Fact]
    public void OnFrame_SpecAndData_StartsTheLanesAndShowsItsNumerics()
    {
        Join();
        Assert.Equal(1, _started);
        Assert.True(_session.IsReady);
        Assert.Equal(Images.Digest(), _held.Current!.Digest);
        FrameHeader ready = _streams.Far.ReceiveHeader(FrameKind.Ready);
        Assert.Equal("numerics", _streams.Far.ReceiveReason(ready));
    }

    [Fact]
    public void OnFrame_AssignmentsAndWeights_AreGivenToTheLanes()
    {
        Join();
        TreeNode[] own = [new(0, 0)], more = [new(0, 1)];
        float[] weights = [.. Enumerable.Range(0, Layout.TrainableLength).Select(i => (float)i)];
        Send(FrameKind.Assign, Assignment.Encode(AssignmentKind.FromThisStepOn, own), step: 4);
        Send(FrameKind.Ping, []);
        Send(FrameKind.Weights, System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()), step: 4);
        Send(FrameKind.Assign, Assignment.Encode(AssignmentKind.InThisStepToo, more), step: 4);
        Assert.True(Receive());
        Assert.Equal(["begin 4: L0#0", "extend 4: L0#1"], _lanes.Calls);
        Assert.Equal(weights, _lanes.Buffer.Values.Span[..weights.Length].ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnFrame_ExamplesOfTheFirstSteps_BeginsAtOnceOnlyIfTheRunWaitsForThisWorker(bool beginsEarly)
    {
        var rows = FeatureSet.FromRows(new float[8 * 60_000], new byte[8], 60_000);
        Send(FrameKind.RunSpec, RunSpecCodec.Encode(WideSpec));
        var transfer = new DatasetTransfer(
            _streams.Far, Origin, WideSpec, new TrainingData(rows, rows.Digest()), new DataStart(Step: 5, beginsEarly));
        transfer.Announce();
        transfer.SendNext(); // the labels
        Assert.True(Receive());
        Assert.Equal(0, _started);

        transfer.SendNext(); // half of the rows: those of step 5 to 6
        Assert.True(Receive());
        Assert.Equal(beginsEarly ? 1 : 0, _started);
        Assert.Equal(beginsEarly ? 7 : 0, _lanes.HasExamplesUntil);
        Assert.Null(_held.Current);

        Assert.False(transfer.SendNext());
        Assert.True(Receive());
        Assert.Equal((1, long.MaxValue), (_started, _lanes.HasExamplesUntil));
        Assert.Equal(rows.Digest(), _held.Current!.Digest);
    }

    [Theory]
    [InlineData(ByeReason.RunComplete, WorkerOutcome.Completed)]
    [InlineData(ByeReason.HandsOver, WorkerOutcome.Disconnected)]
    public void OnFrame_Bye_EndsTheSessionAsTheRunDoes(ByeReason byeReason, WorkerOutcome expected)
    {
        Join();
        _streams.Far.SendLast(FrameKind.Bye, Origin.Run, Origin.Term, "enough", byeReason);
        Assert.False(Receive());
        Assert.Equal(expected, _session.Result!.Outcome);
        Assert.Contains("enough", _session.Result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void OnFrame_OfAnotherRunOrTerm_IsRefusedBeforeTheLanesHearOfIt(int run, int term)
    {
        Join();
        _streams.Far.Send(
            new FrameHeader { Kind = FrameKind.Assign, Run = Origin.Run + (ulong)run, Term = Origin.Term + term },
            Assignment.Encode(AssignmentKind.InThisStepToo, [new(0, 0)]));
        Assert.Equal(StreamError.BadContent, Assert.Throws<StreamException>(() => Receive()).Error);
        Assert.Empty(_lanes.Calls);
    }

    [Fact]
    public void OnFrame_WeightsBeforeTheData_IsRefused()
    {
        Send(FrameKind.RunSpec, RunSpecCodec.Encode(Spec));
        Send(FrameKind.Weights, new byte[Layout.TrainableLength * sizeof(float)]);
        Assert.Equal(StreamError.UnexpectedKind, Assert.Throws<StreamException>(() => Receive()).Error);
    }

    [Fact]
    public void SendNode_AndLeaving_CarryRunTermAndWhatTheyAreAbout()
    {
        Join();
        Receive();
        _streams.Far.SkipPayload(_streams.Far.ReceiveHeader(FrameKind.Ready));
        var result = new NodeResult(new AlignedBuffer(Layout.TrainableLength)) { Statistics = new NodeStatistics(1.5, 1, 2) };
        _session.SendNode(5, new TreeNode(0, 1), result, TimeSpan.FromMilliseconds(3));
        _session.AskToLeave("tired");

        FrameHeader gradient = _streams.Far.ReceiveHeader(FrameKind.Gradient);
        Assert.Equal(
            (5, new TreeNode(0, 1).ToKey(), result.Statistics, 3000),
            (gradient.Step, gradient.Node, gradient.Statistics, gradient.ComputeMicroseconds));
        _streams.Far.SkipPayload(gradient);
        FrameHeader leaving = _streams.Far.ReceiveHeader(FrameKind.Leaving);
        Assert.Equal((Origin.Run, Origin.Term, "tired"), (leaving.Run, leaving.Term, _streams.Far.ReceiveReason(leaving)));
    }

    private void Join()
    {
        _streams.Far.Limits = StreamLimits.For(Layout);
        Send(FrameKind.RunSpec, RunSpecCodec.Encode(Spec));
        var transfer = new DatasetTransfer(_streams.Far, Origin, Spec, new TrainingData(Images, Images.Digest()), default);
        transfer.Announce();
        while (transfer.SendNext())
        {
        }

        Assert.True(Receive());
    }

    private void Send(FrameKind kind, ReadOnlySpan<byte> payload, long step = 0) =>
        _streams.Far.Send(new FrameHeader { Kind = kind, Run = Origin.Run, Term = Origin.Term, Step = step }, payload);

    /// <summary>The session gets all that was sent. False when that ended it.</summary>
    private bool Receive()
    {
        while (_streams.NearHasBytes)
        {
            if (!_session.OnFrame(_streams.Near.ReceiveHeader()))
                return false;
        }

        return true;
    }

    private sealed class RecordingLanes : ILanes
    {
        public List<string> Calls { get; } = [];

        public long HasExamplesUntil { get; private set; }

        public WeightsBuffer Buffer { get; } = new(new AlignedBuffer(Layout.Length));

        public WeightsBuffer TakeBuffer() => Buffer;

        public void ReturnBuffer(WeightsBuffer buffer) => Calls.Add("return");

        public void LeaveCaller() => Calls.Add("leave");

        public void SetFrozen(ReadOnlySpan<float> values) => Calls.Add("frozen");

        public void ShareGradients(IReadOnlyList<AlignedBuffer> slots) => Calls.Add("share");

        public void HaveExamples(long untilStep) => HasExamplesUntil = untilStep;

        public void Begin(long step, WeightsBuffer weights, IReadOnlyList<TreeNode> nodes) =>
            Calls.Add($"begin {step}: {string.Join(' ', nodes)}");

        public void Extend(long step, IReadOnlyList<TreeNode> nodes) => Calls.Add($"extend {step}: {string.Join(' ', nodes)}");
    }
}
