using Lockstep.Model.Reduction;
using Lockstep.Model.Training;

namespace Lockstep.Coordinator.ParameterServer;

/// <summary>The gradient sum of a tree node, with its statistics. Whoever holds it owns its buffer, until it goes back to the pool.</summary>
internal sealed class NodeGradient
{
    public NodeGradient(int length)
        : this(new AlignedBuffer(length)) => IsPooled = true;

    /// <summary>A gradient in memory that the pool does not own, as of a worker that shares it.</summary>
    public NodeGradient(AlignedBuffer buffer) => (Buffer, Arrived) = (buffer, new NodeArrived(this));

    /// <summary>Flat vector in the layout of the model.</summary>
    public AlignedBuffer Buffer { get; }

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
        if (!gradient.IsPooled)
            return;
        lock (_free)
            _free.Push(gradient);
    }

    /// <summary>Adds two nodes to their parent: the sum stays in the left buffer, the right one goes back.</summary>
    public NodeGradient Add(NodeGradient left, NodeGradient right)
    {
        GradientSum.Add(left.Buffer.Span, right.Buffer.Span, left.Buffer.Span);
        left.Statistics += right.Statistics;
        Return(right);
        return left;
    }
}
