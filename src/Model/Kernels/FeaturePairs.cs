using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>A pair of neighbouring features of a row, not both zero.</summary>
/// <param name="Pair">q for the features 2q and 2q + 1.</param>
/// <param name="Even">The feature 2q.</param>
/// <param name="Odd">The feature 2q + 1; 0 if the row ends before it.</param>
internal readonly record struct FeaturePair(int Pair, float Even, float Odd);

/// <summary>
/// The rows of a batch of float features in compressed form: of each row the pairs of features that are not both zero, in ascending order.
/// Minus zero counts as zero. Memory grows to the largest batch seen; after that nothing is allocated.
/// </summary>
internal sealed class FeaturePairs
{
    private FeaturePair[] _entries = [];
    private int[] _ends = [];
    private int _count;

    /// <summary>Rows added.</summary>
    public int Rows { get; private set; }

    /// <summary>The pairs of all rows, one row after another.</summary>
    public ReadOnlySpan<FeaturePair> Entries => _entries.AsSpan(0, _count);

    /// <summary>The end of each row in <see cref="Entries"/>.</summary>
    public ReadOnlySpan<int> Ends => _ends.AsSpan(0, Rows);

    /// <summary>Begins a batch of up to <paramref name="rows"/> rows.</summary>
    public void Clear(int rows)
    {
        if (rows > _ends.Length)
            _ends = new int[rows];
        Rows = 0;
        _count = 0;
    }

    /// <summary>Appends a row.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="row">[stride], zero beyond the features.</param>
    /// <exception cref="ArgumentException">The stride is not a multiple of 16.</exception>
    public void Add(SimdWidth width, ReadOnlySpan<float> row)
    {
        if (row.Length % 16 != 0)
            throw new ArgumentException($"Stride {row.Length}; expected a multiple of 16.", nameof(row));
        int most = _count + row.Length / 2;
        if (most > _entries.Length)
            Array.Resize(ref _entries, most + most / 2);
        _count = width switch
        {
            SimdWidth.Bits512 => Vectorised<Simd512, Vector512<float>>(row, _entries, _count),
            SimdWidth.Bits256 => Vectorised<Simd256, Vector256<float>>(row, _entries, _count),
            SimdWidth.Bits128 => Vectorised<Simd128, Vector128<float>>(row, _entries, _count),
            _ => Scalar(row, _entries, _count),
        };
        _ends[Rows++] = _count;
    }

    private static int Scalar(ReadOnlySpan<float> row, Span<FeaturePair> entries, int count)
    {
        for (int i = 0; i < row.Length; i += 2)
        {
            if (row[i] != 0f || row[i + 1] != 0f)
                entries[count++] = new FeaturePair(i / 2, row[i], row[i + 1]);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Vectorised<TSimd, TVector>(ReadOnlySpan<float> row, Span<FeaturePair> entries, int count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        const uint evenLanes = 0x5555;
        ref float first = ref MemoryMarshal.GetReference(row);
        ref FeaturePair entry = ref Unsafe.Add(ref MemoryMarshal.GetReference(entries), count);
        for (nint i = 0; i < row.Length; i += TSimd.Width)
        {
            uint lanes = TSimd.NonZeroLanes(TSimd.Load(ref first, i));
            for (uint pairs = (lanes | lanes >> 1) & evenLanes; pairs != 0; pairs &= pairs - 1)
            {
                nint even = i + BitOperations.TrailingZeroCount(pairs);
                entry = new FeaturePair((int)even / 2, Unsafe.Add(ref first, even), Unsafe.Add(ref first, even + 1));
                entry = ref Unsafe.Add(ref entry, 1);
                count++;
            }
        }

        return count;
    }
}
