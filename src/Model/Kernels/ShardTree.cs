using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Adds tiles of shard sums along the aligned binary tree while they are made, from left to right, like a binary counter.
/// <para>
/// Shards whose sum is empty are not pushed at all: their sum is +0, no sum that is pushed is -0 (see <see cref="Reduction.GradientSum"/>),
/// and x + 0 = x. So the result depends neither on empty shards nor on how a node was cut.
/// </para>
/// </summary>
internal ref struct ShardTree<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Slot d holds the finished left sibling of the subtree of level d that is being added up; the last slot is the newest sum.
    private readonly ref float _slots;
    private readonly int _tile;
    private uint _present;
    private int _last;

    /// <summary>An empty tree.</summary>
    /// <param name="slots">Scratch for <see cref="Slots"/> tiles.</param>
    /// <param name="tile">Floats of a tile, a multiple of the vector's width.</param>
    public ShardTree(Span<float> slots, int tile)
    {
        if (slots.Length < Slots * tile)
            throw new ArgumentException($"{slots.Length} floats for {Slots} tiles of {tile}.", nameof(slots));
        _slots = ref slots[0];
        _tile = tile;
        _last = -1;
    }

    /// <summary>Levels of the largest tree, of <see cref="Specs.RunSpec.MaxShards"/> shards, and the newest sum.</summary>
    public const int Slots = 13;

    /// <summary>Where the sum of <paramref name="shard"/> is to be stored; shards come in ascending order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ref float Open(int shard)
    {
        if (_last >= 0)
        {
            int level = BitOperations.Log2((uint)(shard ^ _last));
            Fold(_present & ((1u << level) - 1), ref Unsafe.Add(ref _slots, level * _tile), _tile, _tile);
            _present = (_present & ~((1u << level) - 1)) | (1u << level);
        }

        _last = shard;
        return ref Newest;
    }

    /// <summary>Writes the sum over all shards, row by row.</summary>
    public readonly void Close(ref float destination, int rowFloats, int stride)
    {
        if (_last >= 0)
        {
            Fold(_present, ref destination, rowFloats, stride);
            return;
        }

        for (int i = 0; i < _tile; i += rowFloats, destination = ref Unsafe.Add(ref destination, stride))
        {
            for (int column = 0; column < rowFloats; column += TSimd.Width)
                TSimd.Store(TSimd.Zero, ref destination, column);
        }
    }

    private readonly ref float Newest => ref Unsafe.Add(ref _slots, (Slots - 1) * _tile);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Fold(uint levels, ref float destination, int rowFloats, int stride)
    {
        int column = 0;
        for (int i = 0; i < _tile; i += TSimd.Width)
        {
            TVector sum = TSimd.Load(ref Newest, i);
            for (uint rest = levels; rest != 0; rest &= rest - 1)
                sum = TSimd.Add(TSimd.Load(ref _slots, BitOperations.TrailingZeroCount(rest) * _tile + i), sum);
            TSimd.Store(sum, ref destination, column);
            column += TSimd.Width;
            if (column == rowFloats)
            {
                column = 0;
                destination = ref Unsafe.Add(ref destination, stride);
            }
        }
    }
}
