using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Slices;

/// <summary>A slice of the gradient sum of a tree node. It returns to its pool with its last reader.</summary>
internal sealed class SlicePart(SliceParts pool, AlignedBuffer buffer) : ISliceSource
{
    private int _readers;

    /// <summary>The slice.</summary>
    public Slice Slice { get; private set; }

    /// <summary>Its floats.</summary>
    public Span<float> Values => buffer.Span[..Slice.Count];

    /// <summary>Statistics of the node's examples.</summary>
    public NodeStatistics Statistics { get; set; }

    /// <summary>Floats that it can hold.</summary>
    public int Capacity => buffer.Length;

    /// <summary>Begins its use, with one reader.</summary>
    public SlicePart Begin(Slice slice)
    {
        Slice = slice;
        _readers = 1;
        return this;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Read(Slice slice) => buffer.Span.Slice(slice.First - Slice.First, slice.Count);

    /// <inheritdoc/>
    public void Hold() => Interlocked.Increment(ref _readers);

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Decrement(ref _readers) == 0)
            pool.Return(this);
    }
}

/// <summary>Reuses the buffers of <see cref="SlicePart"/>s. Thread-safe.</summary>
internal sealed class SliceParts
{
    private readonly List<SlicePart> _free = [];

    /// <summary>A part for a slice, with one reader. Its floats are undefined.</summary>
    public SlicePart Rent(Slice slice)
    {
        lock (_free)
        {
            int found = _free.FindLastIndex(part => part.Capacity >= slice.Count);
            if (found >= 0)
            {
                SlicePart part = _free[found];
                _free.RemoveAt(found);
                return part.Begin(slice);
            }
        }

        return new SlicePart(this, new AlignedBuffer(slice.Count)).Begin(slice);
    }

    public void Return(SlicePart part)
    {
        lock (_free)
            _free.Add(part);
    }
}
