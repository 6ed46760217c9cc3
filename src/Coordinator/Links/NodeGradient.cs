using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Links;

/// <summary>The gradient sum of a tree node, with its statistics. The holder owns the buffer until it returns to the pool.</summary>
internal sealed class NodeGradient
{
    public NodeGradient(int length)
        : this(new AlignedBuffer(length)) => IsPooled = true;

    /// <summary>A gradient in memory outside the pool, such as memory shared with a worker.</summary>
    public NodeGradient(AlignedBuffer buffer) => (Buffer, Arrived) = (buffer, new NodeArrived(this));

    /// <summary>Flat vector in the layout of the model.</summary>
    public AlignedBuffer Buffer { get; }

    /// <summary>A gradient that is still to be added to <see cref="Buffer"/>; null for none.</summary>
    public NodeGradient? Addend { get; set; }

    /// <summary>Whether the buffer belongs to the pool.</summary>
    public bool IsPooled { get; }

    /// <summary>The message that carries this gradient.</summary>
    public NodeArrived Arrived { get; }

    /// <summary>Loss and hits of the node's examples.</summary>
    public NodeStatistics Statistics { get; set; }
}

/// <summary>Reuses gradient buffers. Its size is the largest number in use at one time.</summary>
internal sealed class GradientPool
{
    private readonly int _length;
    private readonly Stack<NodeGradient> _free = [];
    private int _made;

    /// <param name="length">Floats of a gradient.</param>
    public GradientPool(int length)
    {
        _length = length;
        Slices = new SliceAssembly(this, length);
    }

    /// <summary>Fills gradients that come in slices.</summary>
    public SliceAssembly Slices { get; }

    /// <summary>Number of buffers in use.</summary>
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

        return new NodeGradient(_length);
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
    /// Adds two nodes into their parent, which reuses the left one. The addition is deferred until the sum is added to something else: the
    /// last addition of a step happens during the weight update, so that the sum is neither written nor read.
    /// </summary>
    public NodeGradient Add(NodeGradient left, NodeGradient right)
    {
        Settle(left);
        Settle(right);
        left.Addend = right;
        left.Statistics += right.Statistics;
        return left;
    }

    /// <summary>Performs a deferred addition.</summary>
    public void Settle(NodeGradient gradient)
    {
        if (gradient.Addend is not { } addend)
            return;
        GradientSum.Add(gradient.Buffer.Span, addend.Buffer.Span, gradient.Buffer.Span);
        gradient.Addend = null;
        Return(addend);
    }
}
