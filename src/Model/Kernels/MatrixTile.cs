using System.Numerics;
using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The inner loop of <see cref="MatrixProduct"/>: a tile of sums held in registers over all of its terms.
/// <code>
/// result[m, n] = slots on the left + ( initial[m, n] + Σ k of a[m, k] · b[k, n] + 0 )
/// </code>
/// A tall tile uses each vector of b for many rows, so that loads, even from the second-level cache, overlap with the multiplications.
/// </summary>
internal ref struct MatrixTile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>First value of a, and the strides of its rows and of its terms.</summary>
    public ref float A;
    public nint ARow;
    public nint AStep;

    /// <summary>First value of b, and the stride of its terms.</summary>
    public ref float B;
    public nint BStep;

    /// <summary>Number of terms.</summary>
    public int Depth;

    /// <summary>Initial sums, and the stride of their rows; null for zero.</summary>
    public ref float Initial;
    public nint InitialRow;

    /// <summary>Bit set of the slots to add, from the lowest; each slot is a densely stored tile.</summary>
    public uint Levels;
    public ref float Slots;

    /// <summary>The destination, and the stride of its rows.</summary>
    public ref float Result;
    public nint ResultRow;

    /// <summary>Rows of the tallest tile that fits into the registers: 32 registers at 512 bits, 16 otherwise.</summary>
    public static int TallRows => TSimd.Width == 16 ? 8 : 4;

    /// <summary>Columns of the wide tile: two vectors. The narrow tile has one.</summary>
    public static int WideFloats => 2 * TSimd.Width;

    /// <summary>Rows of the tallest tile for this many remaining rows.</summary>
    public static int RowsOf(int rows) => rows >= TallRows ? TallRows : rows >= 4 ? 4 : 1;

    /// <summary>Computes a tile of <see cref="RowsOf"/> rows and one or two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int rows, int floats)
    {
        switch (rows, floats == WideFloats)
        {
            case (8, true):
                Run8X2();
                break;
            case (8, false):
                Run8X1();
                break;
            case (4, true):
                Run4X2();
                break;
            case (4, false):
                Run4X1();
                break;
            default:
                for (nint column = 0; column < floats; column += TSimd.Width)
                    Run1X1(column, floats);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run8X2()
    {
        nint width = TSimd.Width, row = InitialRow;
        Start(0, out TVector c00, out TVector c01);
        Start(row, out TVector c10, out TVector c11);
        Start(2 * row, out TVector c20, out TVector c21);
        Start(3 * row, out TVector c30, out TVector c31);
        Start(4 * row, out TVector c40, out TVector c41);
        Start(5 * row, out TVector c50, out TVector c51);
        Start(6 * row, out TVector c60, out TVector c61);
        Start(7 * row, out TVector c70, out TVector c71);
        nint aRow = ARow, aStep = AStep, bStep = BStep;
        ref float a = ref A;
        ref float a3 = ref Unsafe.Add(ref a, 3 * aRow);
        ref float a6 = ref Unsafe.Add(ref a3, 3 * aRow);
        ref float b = ref B;
        for (int k = Depth; k > 0; k--)
        {
            TVector b0 = TSimd.Load(ref b, 0), b1 = TSimd.Load(ref b, width);
            Add(ref a, b0, b1, ref c00, ref c01);
            Add(ref Unsafe.Add(ref a, aRow), b0, b1, ref c10, ref c11);
            Add(ref Unsafe.Add(ref a, 2 * aRow), b0, b1, ref c20, ref c21);
            Add(ref a3, b0, b1, ref c30, ref c31);
            Add(ref Unsafe.Add(ref a3, aRow), b0, b1, ref c40, ref c41);
            Add(ref Unsafe.Add(ref a3, 2 * aRow), b0, b1, ref c50, ref c51);
            Add(ref a6, b0, b1, ref c60, ref c61);
            Add(ref Unsafe.Add(ref a6, aRow), b0, b1, ref c70, ref c71);
            a = ref Unsafe.Add(ref a, aStep);
            a3 = ref Unsafe.Add(ref a3, aStep);
            a6 = ref Unsafe.Add(ref a6, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        Finish(ref c00, ref c01);
        Finish(ref c10, ref c11);
        Finish(ref c20, ref c21);
        Finish(ref c30, ref c31);
        Finish(ref c40, ref c41);
        Finish(ref c50, ref c51);
        Finish(ref c60, ref c61);
        Finish(ref c70, ref c71);
        for (uint rest = Levels; rest != 0; rest &= rest - 1)
        {
            ref float slot = ref Slot(rest, 16 * width);
            Carry(ref slot, 0, ref c00, ref c01);
            Carry(ref slot, 2 * width, ref c10, ref c11);
            Carry(ref slot, 4 * width, ref c20, ref c21);
            Carry(ref slot, 6 * width, ref c30, ref c31);
            Carry(ref slot, 8 * width, ref c40, ref c41);
            Carry(ref slot, 10 * width, ref c50, ref c51);
            Carry(ref slot, 12 * width, ref c60, ref c61);
            Carry(ref slot, 14 * width, ref c70, ref c71);
        }

        row = ResultRow;
        Store(c00, c01, 0);
        Store(c10, c11, row);
        Store(c20, c21, 2 * row);
        Store(c30, c31, 3 * row);
        Store(c40, c41, 4 * row);
        Store(c50, c51, 5 * row);
        Store(c60, c61, 6 * row);
        Store(c70, c71, 7 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run4X2()
    {
        nint width = TSimd.Width, row = InitialRow;
        Start(0, out TVector c00, out TVector c01);
        Start(row, out TVector c10, out TVector c11);
        Start(2 * row, out TVector c20, out TVector c21);
        Start(3 * row, out TVector c30, out TVector c31);
        nint aRow = ARow, aStep = AStep, bStep = BStep;
        ref float a = ref A;
        ref float a3 = ref Unsafe.Add(ref a, 3 * aRow);
        ref float b = ref B;
        for (int k = Depth; k > 0; k--)
        {
            TVector b0 = TSimd.Load(ref b, 0), b1 = TSimd.Load(ref b, width);
            Add(ref a, b0, b1, ref c00, ref c01);
            Add(ref Unsafe.Add(ref a, aRow), b0, b1, ref c10, ref c11);
            Add(ref Unsafe.Add(ref a, 2 * aRow), b0, b1, ref c20, ref c21);
            Add(ref a3, b0, b1, ref c30, ref c31);
            a = ref Unsafe.Add(ref a, aStep);
            a3 = ref Unsafe.Add(ref a3, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        Finish(ref c00, ref c01);
        Finish(ref c10, ref c11);
        Finish(ref c20, ref c21);
        Finish(ref c30, ref c31);
        for (uint rest = Levels; rest != 0; rest &= rest - 1)
        {
            ref float slot = ref Slot(rest, 8 * width);
            Carry(ref slot, 0, ref c00, ref c01);
            Carry(ref slot, 2 * width, ref c10, ref c11);
            Carry(ref slot, 4 * width, ref c20, ref c21);
            Carry(ref slot, 6 * width, ref c30, ref c31);
        }

        row = ResultRow;
        Store(c00, c01, 0);
        Store(c10, c11, row);
        Store(c20, c21, 2 * row);
        Store(c30, c31, 3 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run8X1()
    {
        nint width = TSimd.Width, row = InitialRow;
        TVector c0 = Start(0), c1 = Start(row), c2 = Start(2 * row), c3 = Start(3 * row);
        TVector c4 = Start(4 * row), c5 = Start(5 * row), c6 = Start(6 * row), c7 = Start(7 * row);
        nint aRow = ARow, aStep = AStep, bStep = BStep;
        ref float a = ref A;
        ref float a3 = ref Unsafe.Add(ref a, 3 * aRow);
        ref float a6 = ref Unsafe.Add(ref a3, 3 * aRow);
        ref float b = ref B;
        for (int k = Depth; k > 0; k--)
        {
            TVector row0 = TSimd.Load(ref b, 0);
            c0 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a), row0, c0);
            c1 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, aRow)), row0, c1);
            c2 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, 2 * aRow)), row0, c2);
            c3 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a3), row0, c3);
            c4 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a3, aRow)), row0, c4);
            c5 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a3, 2 * aRow)), row0, c5);
            c6 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a6), row0, c6);
            c7 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a6, aRow)), row0, c7);
            a = ref Unsafe.Add(ref a, aStep);
            a3 = ref Unsafe.Add(ref a3, aStep);
            a6 = ref Unsafe.Add(ref a6, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        Finish(ref c0, ref c1);
        Finish(ref c2, ref c3);
        Finish(ref c4, ref c5);
        Finish(ref c6, ref c7);
        for (uint rest = Levels; rest != 0; rest &= rest - 1)
        {
            ref float slot = ref Slot(rest, 8 * width);
            Carry(ref slot, 0, ref c0, ref c1);
            Carry(ref slot, 2 * width, ref c2, ref c3);
            Carry(ref slot, 4 * width, ref c4, ref c5);
            Carry(ref slot, 6 * width, ref c6, ref c7);
        }

        row = ResultRow;
        TSimd.Store(c0, ref Result, 0);
        TSimd.Store(c1, ref Result, row);
        TSimd.Store(c2, ref Result, 2 * row);
        TSimd.Store(c3, ref Result, 3 * row);
        TSimd.Store(c4, ref Result, 4 * row);
        TSimd.Store(c5, ref Result, 5 * row);
        TSimd.Store(c6, ref Result, 6 * row);
        TSimd.Store(c7, ref Result, 7 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run4X1()
    {
        nint width = TSimd.Width, row = InitialRow;
        TVector c0 = Start(0), c1 = Start(row), c2 = Start(2 * row), c3 = Start(3 * row);
        nint aRow = ARow, aStep = AStep, bStep = BStep;
        ref float a = ref A;
        ref float a3 = ref Unsafe.Add(ref a, 3 * aRow);
        ref float b = ref B;
        for (int k = Depth; k > 0; k--)
        {
            TVector row0 = TSimd.Load(ref b, 0);
            c0 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a), row0, c0);
            c1 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, aRow)), row0, c1);
            c2 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(Unsafe.Add(ref a, 2 * aRow)), row0, c2);
            c3 = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a3), row0, c3);
            a = ref Unsafe.Add(ref a, aStep);
            a3 = ref Unsafe.Add(ref a3, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        Finish(ref c0, ref c1);
        Finish(ref c2, ref c3);
        for (uint rest = Levels; rest != 0; rest &= rest - 1)
        {
            ref float slot = ref Slot(rest, 4 * width);
            Carry(ref slot, 0, ref c0, ref c1);
            Carry(ref slot, 2 * width, ref c2, ref c3);
        }

        row = ResultRow;
        TSimd.Store(c0, ref Result, 0);
        TSimd.Store(c1, ref Result, row);
        TSimd.Store(c2, ref Result, 2 * row);
        TSimd.Store(c3, ref Result, 3 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run1X1(nint column, nint rowFloats)
    {
        TVector sum = Start(column);
        nint aStep = AStep, bStep = BStep;
        ref float a = ref A;
        ref float b = ref Unsafe.Add(ref B, column);
        for (int k = Depth; k > 0; k--)
        {
            sum = TSimd.FusedMultiplyAdd(TSimd.Broadcast(a), TSimd.Load(ref b, 0), sum);
            a = ref Unsafe.Add(ref a, aStep);
            b = ref Unsafe.Add(ref b, bStep);
        }

        sum = TSimd.Add(sum, TSimd.Zero);
        for (uint rest = Levels; rest != 0; rest &= rest - 1)
            sum = TSimd.Add(TSimd.Load(ref Slot(rest, rowFloats), column), sum);
        TSimd.Store(sum, ref Result, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Start(nint offset) => Unsafe.IsNullRef(ref Initial) ? TSimd.Zero : TSimd.Load(ref Initial, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Start(nint offset, out TVector left, out TVector right) =>
        (left, right) = (Start(offset), Start(offset + TSimd.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float a, TVector left, TVector right, ref TVector sumLeft, ref TVector sumRight)
    {
        TVector value = TSimd.Broadcast(a);
        sumLeft = TSimd.FusedMultiplyAdd(value, left, sumLeft);
        sumRight = TSimd.FusedMultiplyAdd(value, right, sumRight);
    }

    // Turns -0 into +0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(ref TVector left, ref TVector right) =>
        (left, right) = (TSimd.Add(left, TSimd.Zero), TSimd.Add(right, TSimd.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ref float Slot(uint levels, nint tile) => ref Unsafe.Add(ref Slots, BitOperations.TrailingZeroCount(levels) * tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(ref float slot, nint offset, ref TVector left, ref TVector right)
    {
        left = TSimd.Add(TSimd.Load(ref slot, offset), left);
        right = TSimd.Add(TSimd.Load(ref slot, offset + TSimd.Width), right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Store(TVector left, TVector right, nint offset)
    {
        TSimd.Store(left, ref Result, offset);
        TSimd.Store(right, ref Result, offset + TSimd.Width);
    }
}
