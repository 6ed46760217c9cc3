using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Slices;

/// <summary>
/// Exchanges slices of weights and gradients with other workers. Follows the newest step that it hears of, from whomever; drops what
/// belongs to older ones. If the coordinator asks for the step directly, by sending all weights, its own nodes go to the coordinator.
/// Thread-safe: every connection has a thread of its own, and every lane.
/// </summary>
/// <param name="tree">The tree of the nodes.</param>
/// <param name="length">Number of trained parameters.</param>
/// <param name="lanes">Computes the nodes.</param>
/// <param name="sendSum">Sends a sum to the coordinator.</param>
internal sealed class SliceExchange(ReductionTree tree, int length, ILanes lanes, Action<SliceSend, TimeSpan> sendSum)
{
    // A step under the plan before the newest may still be under way.
    private const int PlansKept = 2;

    private readonly Lock _lock = new();
    private readonly object _taking = new();
    private readonly SliceParts _parts = new();
    private readonly List<SlicePlace> _plans = [];
    private SliceStep? _step;
    private long _newest = -1;
    private bool _isDirect;
    private (long Step, TimeSpan Time)? _measured;

    /// <summary>Posts a slice to another worker: its number, the slice. Must not block; called without a lock.</summary>
    public required Action<int, SliceSend> Post { private get; init; }

    /// <summary>The examples of a node in a step.</summary>
    public required Func<long, TreeNode, int> ExamplesOf { private get; init; }

    /// <summary>Told of each step whose weights have come in slices. Must not block; called under a lock.</summary>
    public required Action<long> Begun { private get; init; }

    /// <summary>Number of trained parameters.</summary>
    public int Length => length;

    /// <summary>Takes part in the steps of a new plan.</summary>
    public void Add(SlicePlace place)
    {
        lock (_lock)
        {
            _plans.Add(place);
            if (_plans.Count > PlansKept)
                _plans.RemoveAt(0);
        }
    }

    /// <summary>Receives a slice of weights, from the coordinator or another worker.</summary>
    /// <param name="stream">The stream, after the frame's header.</param>
    /// <param name="header">The header.</param>
    /// <param name="from">The worker that sends it; null for the coordinator.</param>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public void ReceiveWeights(FrameStream stream, in FrameHeader header, int? from)
    {
        Slice slice = stream.SliceOf(header, length);
        if (BeginWeights(header.Step, header.Plan, slice, from) is not { } step)
        {
            stream.SkipPayload(header);
            return;
        }

        try
        {
            stream.ReceiveSlice(header, step.Weights!.Values.Span.Slice(slice.First, slice.Count));
        }
        catch
        {
            EndReceiving(step);
            throw;
        }

        IReadOnlyList<(int?, SliceSend)> outgoing = [];
        lock (_lock)
        {
            if (step == _step && !_isDirect)
            {
                if (step.Gather(slice, from))
                {
                    lanes.Begin(step.Number, step.Weights!, step.Nodes);
                    Begun(step.Number);
                }

                outgoing = step.TakeOutgoing();
            }
        }

        EndReceiving(step);
        Send(outgoing, step);
    }

    /// <summary>Receives a slice of another worker's gradient.</summary>
    /// <param name="stream">The stream, after the frame's header.</param>
    /// <param name="header">The header.</param>
    /// <param name="from">The worker that sends it.</param>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public void ReceiveGradient(FrameStream stream, in FrameHeader header, int from)
    {
        Slice slice = stream.SliceOf(header, length);
        var node = TreeNode.FromKey(header.Node);
        if (!tree.Contains(node))
            throw new StreamException(
                StreamError.BadContent, stream.Peer,
                $"got a slice of node {node}, which a tree of {tree.Shards} shards does not have.");
        SliceStep? step;
        lock (_lock)
        {
            step = Enter(header.Step, header.Plan);
            if (step is not null && !step.Adds(node, slice, from))
                throw new StreamException(
                    StreamError.BadContent, stream.Peer,
                    $"got a slice of node {node}, floats {slice}, that is not added up here, or not this worker's.");
            if (step is not null && ExamplesOf(step.Number, node) != header.Statistics.Examples)
                throw new StreamException(
                    StreamError.BadContent, stream.Peer,
                    $"got a slice of node {node} with {header.Statistics.Examples:N0} examples; expected {ExamplesOf(step.Number, node):N0}.");
        }

        if (step is null)
        {
            stream.SkipPayload(header);
            return;
        }

        SlicePart part = _parts.Rent(slice);
        try
        {
            stream.ReceiveSlice(header, part.Values);
        }
        catch
        {
            part.Release();
            throw;
        }

        part.Statistics = header.Statistics;
        IReadOnlyList<(int?, SliceSend)> outgoing;
        lock (_lock)
        {
            if (step != _step || _isDirect)
            {
                part.Release();
                return;
            }

            step.Accept(node, part, from);
            outgoing = step.TakeOutgoing();
        }

        Send(outgoing, step);
    }

    /// <summary>Takes a computed node of a step that is exchanged in slices. False if it is to be sent to the coordinator.</summary>
    public bool TryAddOwn(long step, in OwnNode own)
    {
        SliceStep? current;
        IReadOnlyList<(int?, SliceSend)> outgoing;
        lock (_lock)
        {
            current = _step;
            if (current is not { HasWeights: true } || current.Number != step || _isDirect || !current.IsOwn(own.Node))
                return false;
            current.AddOwn(own);
            if (current.ComputeTime > TimeSpan.Zero)
                _measured = (step, current.ComputeTime);
            outgoing = current.TakeOutgoing();
        }

        Send(outgoing, current);
        return true;
    }

    /// <summary>
    /// The coordinator sends all weights of a step: it is not exchanged in slices any more. Returns the nodes that were computed, for the
    /// coordinator; null if the step does not compute yet, so that its weights are to be received.
    /// </summary>
    public IReadOnlyList<OwnNode>? GoDirect(long step)
    {
        lock (_lock)
        {
            if (step > _newest)
            {
                End();
                _newest = step;
            }

            _isDirect |= step == _newest;
            return _step is { HasWeights: true } current && current.Number == step ? current.Own : null;
        }
    }

    /// <summary>Takes the time that this worker took for its own nodes of the newest step that it has computed; null if it was taken.</summary>
    public (long Step, TimeSpan Time)? TakeMeasured()
    {
        lock (_lock)
        {
            (long, TimeSpan)? taken = _measured;
            _measured = null;
            return taken;
        }
    }

    /// <summary>Whether a slice of this step is still wanted.</summary>
    public bool Wants(long step)
    {
        lock (_lock)
            return !_isDirect && _step?.Number == step;
    }

    /// <summary>Whether a slice of weights of this step can be received without waiting for a buffer.</summary>
    public bool CanReceive(long step)
    {
        lock (_lock)
            return step <= _newest && (_step is not { } current || current.Number != step || current.Weights is not null || _isDirect);
    }

    private SliceStep? BeginWeights(long step, int plan, Slice slice, int? from)
    {
        lock (_lock)
        {
            if (Enter(step, plan) is not { } known)
                return null;
            if (known.Weights is not null)
                return Expect(known, slice, from);
        }

        // Taking a buffer may wait for lanes, which need the lock.
        lock (_taking)
        {
            lock (_lock)
            {
                if (Enter(step, plan) is not { } known)
                    return null;
                if (known.Weights is not null)
                    return Expect(known, slice, from);
            }

            WeightsBuffer taken = lanes.TakeBuffer();
            lock (_lock)
            {
                if (Enter(step, plan) is { } known)
                {
                    known.Weights = taken;
                    return Expect(known, slice, from);
                }
            }

            lanes.ReturnBuffer(taken);
            return null;
        }
    }

    private static SliceStep? Expect(SliceStep step, Slice slice, int? from)
    {
        if (!step.Expects(slice, from))
            return null;
        step.Receiving++;
        return step;
    }

    private void EndReceiving(SliceStep step)
    {
        lock (_lock)
        {
            if (--step.Receiving == 0 && step != _step)
                ReturnBuffer(step);
        }
    }

    /// <summary>The step that a frame belongs to; null if it is over, or its plan is not known.</summary>
    private SliceStep? Enter(long step, int plan)
    {
        if (step <= _newest)
            return step == _newest && plan == _step?.Plan && !_isDirect ? _step : null;
        if (_plans.Find(known => known.Number == plan) is not { } place)
            return null;
        End();
        _newest = step;
        return _step = new SliceStep(step, place, tree, length, _parts);
    }

    private void End()
    {
        SliceStep? ended = _step;
        (_step, _isDirect) = (null, false);
        ended?.Clear();
        if (ended is { Receiving: 0 })
            ReturnBuffer(ended);
    }

    private void ReturnBuffer(SliceStep step)
    {
        if (step is { Weights: { } buffer, HasWeights: false })
            lanes.ReturnBuffer(buffer);
        step.Weights = null;
    }

    private void Send(IReadOnlyList<(int? Worker, SliceSend Slice)> outgoing, SliceStep step)
    {
        foreach ((int? worker, SliceSend slice) in outgoing)
        {
            if (worker is { } mate)
                Post(mate, slice);
            else
                sendSum(slice, step.ComputeTime);
        }
    }
}
