using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lockstep.Model.Memory;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Memory of <see cref="MatrixProduct"/> for parts of its operands, in the order in which they are read. One per thread; grows to the
/// largest part seen.
/// </summary>
/// <param name="blockFloats">Floats of a block of the left operand; by default half of a second-level cache of 1 MB.</param>
internal sealed class MatrixPanels(int blockFloats = 128 * 1024)
{
    // Indices of a transposed block: a cache line of the source.
    private const int Block = 16;

    private AlignedBuffer _left = new(0);
    private AlignedBuffer _right = new(0);
    private ShardTerm[] _terms = [];

    /// <summary>Maximum floats of a block of the left operand, unless a single tile is larger.</summary>
    public int BlockFloats => blockFloats;

    /// <summary>Memory for a block of the left operand.</summary>
    public ref float Left(int floats) => ref Grown(ref _left, floats);

    /// <summary>Memory for a panel of the right operand.</summary>
    public ref float Right(int floats) => ref Grown(ref _right, floats);

    /// <summary>The terms of a sum over shards.</summary>
    public ReadOnlySpan<ShardTerm> Terms(ReadOnlySpan<int> bounds)
    {
        if (_terms.Length < bounds.Length)
            _terms = new ShardTerm[bounds.Length];
        return _terms.AsSpan(0, ShardTerm.Fill(bounds, _terms));
    }

    private static ref float Grown(ref AlignedBuffer buffer, int floats)
    {
        if (buffer.Length < floats)
            buffer = new AlignedBuffer(floats);
        return ref MemoryMarshal.GetReference(buffer.Span);
    }

    /// <summary>
    /// Copies <paramref name="depth"/> rows of <paramref name="floats"/> floats, a multiple of the vector's width: destination[k, j] =
    /// source[k, j].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<TSimd, TVector>(ref float source, nint stride, int depth, nint floats, ref float destination)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (nint k = 0; k < depth; k++)
        {
            for (nint j = 0; j < floats; j += TSimd.Width)
                TSimd.Store(TSimd.Load(ref source, k * stride + j), ref destination, k * floats + j);
        }
    }

    /// <summary>
    /// Transposes rows: destination[k, i] = source[i, k] for i below <paramref name="count"/>, and 0 for the rest of the destination's
    /// <paramref name="floats"/> columns, a multiple of 4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(
        ref float source, nint rowStride, nint columnStride, int depth, int count, int floats, ref float destination)
    {
        if (rowStride == 1 && count == floats)
        {
            for (nint k = 0; k < depth; k++)
            {
                for (nint i = 0; i < floats; i += 4)
                    Vector128.LoadUnsafe(ref source, (nuint)(k * columnStride + i)).StoreUnsafe(ref destination, (nuint)(k * floats + i));
            }

            return;
        }

        for (int first = 0; first < depth; first += Block)
        {
            int end = Math.Min(depth, first + Block);
            int i = 0;
            for (; Sse.IsSupported && columnStride == 1 && end - first == Block && i + 4 <= count; i += 4)
            {
                for (nint k = first; k < end; k += 4)
                    Transpose4X4(
                        ref Unsafe.Add(ref source, i * rowStride + k), rowStride, ref Unsafe.Add(ref destination, k * floats + i), floats);
            }

            for (; i < floats; i++)
            {
                nint from = i * rowStride + first * columnStride, to = (nint)first * floats + i;
                for (int k = first; k < end; k++, from += columnStride, to += floats)
                    Unsafe.Add(ref destination, to) = i < count ? Unsafe.Add(ref source, from) : 0f;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4X4(ref float source, nint sourceStride, ref float destination, nint destinationStride)
    {
        Vector128<float> r0 = Vector128.LoadUnsafe(ref source), r1 = Vector128.LoadUnsafe(ref Unsafe.Add(ref source, sourceStride));
        Vector128<float> r2 = Vector128.LoadUnsafe(ref Unsafe.Add(ref source, 2 * sourceStride)),
            r3 = Vector128.LoadUnsafe(ref Unsafe.Add(ref source, 3 * sourceStride));
        Vector128<float> low01 = Sse.UnpackLow(r0, r1), low23 = Sse.UnpackLow(r2, r3), high01 = Sse.UnpackHigh(r0, r1),
            high23 = Sse.UnpackHigh(r2, r3);
        Sse.MoveLowToHigh(low01, low23).StoreUnsafe(ref destination);
        Sse.MoveHighToLow(low23, low01).StoreUnsafe(ref Unsafe.Add(ref destination, destinationStride));
        Sse.MoveLowToHigh(high01, high23).StoreUnsafe(ref Unsafe.Add(ref destination, 2 * destinationStride));
        Sse.MoveHighToLow(high23, high01).StoreUnsafe(ref Unsafe.Add(ref destination, 3 * destinationStride));
    }

    /// <summary>Prefetches <paramref name="rows"/> rows of <paramref name="floats"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(ref float first, nint stride, int rows, int floats)
    {
        const int line = 64 / sizeof(float);
        for (nint row = 0; Sse.IsSupported && row < rows; row++)
        {
            for (nint j = 0; j < floats; j += line)
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, row * stride + j)));
        }
    }
}
