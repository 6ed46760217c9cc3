using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;

namespace Lockstep.Worker.Lanes;

/// <summary>The gradient sum of a tree node. The holder owns its buffer.</summary>
internal sealed class NodeResult(AlignedBuffer gradient, int? slot = null) : ISliceSource
{
    private int _senders;

    public AlignedBuffer Gradient { get; } = gradient;

    /// <summary>Its slot in the memory shared with the coordinator; null for none.</summary>
    public int? Slot { get; } = slot;

    public NodeStatistics Statistics { get; set; }

    /// <summary>Whether slices of it are still to be sent.</summary>
    public bool IsRead => Volatile.Read(ref _senders) > 0;

    /// <inheritdoc/>
    public ReadOnlySpan<float> Read(Slice slice) => slice.Of(Gradient.Span);

    /// <inheritdoc/>
    public void Hold() => Interlocked.Increment(ref _senders);

    /// <inheritdoc/>
    public void Release() => Interlocked.Decrement(ref _senders);
}
