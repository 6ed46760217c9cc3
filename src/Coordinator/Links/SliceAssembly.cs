using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// Puts the slices of a step's sums together as they come, each from the head of its column. Their links' threads receive them
/// side by side into one gradient. Thread-safe.
/// </summary>
internal sealed class SliceAssembly(GradientPool gradients, int length)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TreeNode, Sum> _sums = [];
    private SliceGroup? _group;
    private long _step;

    /// <summary>Begins a step; drops what belongs to an earlier one.</summary>
    /// <param name="step">The step.</param>
    /// <param name="group">Who exchanges slices in it; null for nobody.</param>
    public void Begin(long step, SliceGroup? group)
    {
        lock (_lock)
        {
            foreach (Sum sum in _sums.Values)
            {
                sum.IsDropped = true;
                ReturnIfIdle(sum);
            }

            _sums.Clear();
            (_step, _group) = (step, group);
        }
    }

    /// <summary>Receives a slice. Returns the sum that it completes; null for none.</summary>
    /// <param name="worker">The sender.</param>
    /// <param name="stream">Its stream, after the frame's header.</param>
    /// <param name="header">The header.</param>
    /// <exception cref="StreamException">The stream ended, or the frame is not acceptable.</exception>
    public SumArrived? Receive(WorkerId worker, FrameStream stream, in FrameHeader header)
    {
        Slice slice = stream.SliceOf(header, length);
        var node = TreeNode.FromKey(header.Node);
        Sum? sum;
        lock (_lock)
        {
            sum = header.Step == _step && _group is { } group && group.Number == header.Plan ? Expected(group, node, slice, worker, stream) : null;
            if (sum is not null)
                sum.Receiving++;
        }

        if (sum is null)
        {
            stream.SkipPayload(header);
            return null;
        }

        try
        {
            stream.ReceiveSlice(header, sum.Gradient.Buffer.Span.Slice(slice.First, slice.Count));
        }
        catch
        {
            lock (_lock)
            {
                sum.Receiving--;
                ReturnIfIdle(sum);
            }

            throw;
        }

        lock (_lock)
        {
            sum.Receiving--;
            if (sum.IsDropped)
            {
                ReturnIfIdle(sum);
                return null;
            }

            if (sum.Received > 0 && sum.Gradient.Statistics != header.Statistics)
                sum.AreAtOdds = true;
            sum.Gradient.Statistics = header.Statistics;
            if (header.ComputeMicroseconds > 0)
                sum.Times.Add((worker, header.ComputeMicroseconds));
            sum.Received += slice.Count;
            if (sum.Received < length)
                return null;
            _sums.Remove(node);
            return new SumArrived(_step, node, sum.Gradient, sum.Times, sum.AreAtOdds);
        }
    }

    private Sum? Expected(SliceGroup group, TreeNode node, Slice slice, WorkerId worker, FrameStream stream)
    {
        if (!group.Plan.Nodes.Contains(node) || group.SlicesOf(worker)?.Contains(slice) != true)
            throw new StreamException(
                StreamError.BadContent, stream.Peer,
                $"got a slice of node {node}, floats {slice}, which this worker does not add up.");
        if (!_sums.TryGetValue(node, out Sum? sum))
            _sums.Add(node, sum = new Sum(gradients.Rent()));
        return sum.Begun.Add(slice) ? sum : null;
    }

    private void ReturnIfIdle(Sum sum)
    {
        if (sum is { IsDropped: true, Receiving: 0 })
            gradients.Return(sum.Gradient);
    }

    private sealed class Sum(NodeGradient gradient)
    {
        public NodeGradient Gradient { get; } = gradient;

        public HashSet<Slice> Begun { get; } = [];

        public List<(WorkerId Worker, int Microseconds)> Times { get; } = [];

        public int Receiving { get; set; }

        public int Received { get; set; }

        public bool IsDropped { get; set; }

        public bool AreAtOdds { get; set; }
    }
}
