using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Links;

/// <summary>The gradient sum of a tree node, with its statistics. Whoever holds it owns its buffer, until it goes back to the pool.</summary>
internal sealed class NodeGradient
{
    public NodeGradient(int length)
        : this(new AlignedBuffer(length)) => IsPooled = true;

    /// <summary>A gradient in memory that the pool does not own, as of a worker that shares it.</summary>
    public NodeGradient(AlignedBuffer buffer) => (Buffer, Arrived) = (buffer, new NodeArrived(this));

    /// <summary>Flat vector in the layout of the model.</summary>
    public AlignedBuffer Buffer { get; }

    /// <summary>What is still to be added to <see cref="Buffer"/>; null for nothing.</summary>
    public NodeGradient? Addend { get; set; }

    /// <summary>Whether it goes back to the pool.</summary>
    public bool IsPooled { get; }

    /// <summary>The message that hands it over.</summary>
    public NodeArrived Arrived { get; }

    /// <summary>Loss and hits of the node's examples.</summary>
    public NodeStatistics Statistics { get; set; }
}

/// <summary>Reuses gradient buffers; as many exist as were ever in use at a time.</summary>
internal sealed class GradientPool(int length)
{
    private readonly Stack<NodeGradient> _free = [];
    private int _made;

    /// <summary>Buffers that somebody holds.</summary>
    public int Held
    {
        get
        {
            lock (_free)
                return _made - _free.Count;
        }
    }

    public NodeGradient Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out NodeGradient? gradient))
                return gradient;
            _made++;
        }

        return new NodeGradient(length);
    }

    public void Return(NodeGradient gradient)
    {
        if (gradient.Addend is { } addend)
        {
            gradient.Addend = null;
            Return(addend);
        }

        if (!gradient.IsPooled)
            return;
        lock (_free)
            _free.Push(gradient);
    }

    /// <summary>
    /// Adds two nodes to their parent, which is the left one from then on. The adding itself waits until the sum is added to something else:
    /// the last one of a step is done while the weights are updated, so that the sum is neither written nor read.
    /// </summary>
    public NodeGradient Add(NodeGradient left, NodeGradient right)
    {
        Settle(left);
        Settle(right);
        left.Addend = right;
        left.Statistics += right.Statistics;
        return left;
    }

    /// <summary>Adds what is still to be added.</summary>
    public void Settle(NodeGradient gradient)
    {
        if (gradient.Addend is not { } addend)
            return;
        GradientSum.Add(gradient.Buffer.Span, addend.Buffer.Span, gradient.Buffer.Span);
        gradient.Addend = null;
        Return(addend);
    }
}
