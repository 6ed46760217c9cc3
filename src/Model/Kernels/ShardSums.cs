using System.Numerics;
using System.Runtime.InteropServices;
using Lockstep.Model.Memory;
using Lockstep.Model.Reduction;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Adds up rows, one an example, that come block by block: those of a shard in their order, then the shards along the tree
/// (<see cref="ReductionTree"/>). No sum is -0. One per thread; memory grows to the largest sum.
/// </summary>
internal sealed class ShardSums
{
    private AlignedBuffer _block = new(0);
    private AlignedBuffer _sums = new(0);
    private int _floats;
    private int _shards;

    /// <summary>Begins new sums.</summary>
    /// <param name="floats">Floats of a row, a multiple of 16.</param>
    /// <param name="shards">Number of shards.</param>
    public void Begin(int floats, int shards)
    {
        (_floats, _shards) = (floats, shards);
        AlignedBuffer.Grown(ref _sums, checked(floats * shards)).Clear();
    }

    /// <summary>Adds the rows of one block.</summary>
    /// <param name="lanes">[floats, 16]: a row is a lane. May be a part of the rows, of a multiple of 16 floats.</param>
    /// <param name="first">Row of the first lane.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="offset">Where the part begins in a row; a multiple of 16.</param>
    public void Add(ReadOnlySpan<float> lanes, int first, ReadOnlySpan<int> bounds, int offset = 0)
    {
        int floats = lanes.Length / MapShape.Lanes;
        Span<float> block = AlignedBuffer.Grown(ref _block, floats * MapShape.Lanes);
        MatrixPanels.Transpose(
            ref MemoryMarshal.GetReference(lanes), MapShape.Lanes, 1, MapShape.Lanes, floats, floats, ref block[0]);
        for (int row = first, shard = 0; row < Math.Min(first + MapShape.Lanes, bounds[^1]); row++)
        {
            while (row >= bounds[shard + 1])
                shard++;
            Span<float> sum = Sum(shard).Slice(offset, floats);
            GradientSum.Add(sum, block.Slice((row - first) * floats, floats), sum);
        }
    }

    /// <summary>The sum of a shard, until <see cref="CopyTo"/>; may be written.</summary>
    public Span<float> Sum(int shard) => _sums.Span.Slice(shard * _floats, _floats);

    /// <summary>Writes the sum of all shards.</summary>
    public void CopyTo(Span<float> result)
    {
        Reduce(0, _shards);
        Sum(0).CopyTo(result);
    }

    // The sum of the shards from first on is left in the first.
    private void Reduce(int first, int count)
    {
        if (count == 1)
            return;
        int left = (int)BitOperations.RoundUpToPowerOf2((uint)count) / 2;
        Reduce(first, left);
        Reduce(first + left, count - left);
        GradientSum.Add(Sum(first), Sum(first + left), Sum(first));
    }
}
