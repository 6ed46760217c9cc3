using System.Runtime.CompilerServices;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The inner loop of convolutions: a tile of sums held in registers over all of their terms. Each lane is an example, so lanes never meet.
/// <code>
/// result[m, n] = ( initial[m] + Σ t of left[terms[t].Left + m · row] · right[terms[t].Right + n · column] ) + 0
/// </code>
/// The terms are taken in their order, each by one fused multiply-add. Adding +0 turns -0 into +0.
/// </summary>
internal ref partial struct LaneTile<TSimd, TVector, TLeft>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TLeft : struct, ILaneOperand
{
    /// <summary>The left operand, and the distance of its rows.</summary>
    public ref float Left;
    public nint LeftRow;

    /// <summary>The right operand, and the distance of its columns.</summary>
    public ref float Right;
    public nint RightColumn;

    /// <summary>The terms.</summary>
    public ref LaneTerm Terms;
    public int Count;

    /// <summary>One initial value a row, shared by lanes; null for zeros.</summary>
    public ref float Initial;

    /// <summary>The destination, and the distances of its rows and columns.</summary>
    public ref float Result;
    public nint ResultRow;
    public nint ResultColumn;

    /// <summary>
    /// Columns of the next tile for this many remaining ones. A left operand of one number a lane comes from the second-level cache, so
    /// each of its vectors is used for more columns, as many as filters have.
    /// </summary>
    public static int ColumnsOf(int columns) =>
        typeof(TLeft) == typeof(SharedByLanes) ? Math.Min(columns, 2)
        : columns >= 5 && TSimd.Width == 16 ? 5 : Math.Min(columns, 3);

    /// <summary>
    /// Rows of the next tile for this many remaining ones: as many sums as fit into the registers, 32 at 512 bits and 16 otherwise.
    /// </summary>
    public static int RowsOf(int rows, int columns)
    {
        int most = columns == 5 ? 4 : TSimd.Width == 16 ? 8 : columns == 3 ? 4 : 6;
        return rows >= 8 && most == 8 ? 8 : rows >= 6 && most >= 6 && columns < 3 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    }

    /// <summary>Computes a tile of <see cref="RowsOf"/> rows and <see cref="ColumnsOf"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int rows, int columns)
    {
        switch (rows, columns)
        {
            case (8, 1):
                Run8X1();
                break;
            case (6, 1):
                Run6X1();
                break;
            case (4, 1):
                Run4X1();
                break;
            case (2, 1):
                Run2X1();
                break;
            case (8, 2):
                Run8X2();
                break;
            case (6, 2):
                Run6X2();
                break;
            case (4, 2):
                Run4X2();
                break;
            case (2, 2):
                Run2X2();
                break;
            case (1, 2):
                Run1X2();
                break;
            case (8, 3):
                Run8X3();
                break;
            case (4, 3):
                Run4X3();
                break;
            case (2, 3):
                Run2X3();
                break;
            case (1, 3):
                Run1X3();
                break;
            case (4, 5):
                Run4X5();
                break;
            case (2, 5):
                Run2X5();
                break;
            case (1, 5):
                Run1X5();
                break;
            default:
                Run1X1();
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector Start(nint row) =>
        Unsafe.IsNullRef(ref Initial) ? TSimd.Zero : TSimd.Broadcast(Unsafe.Add(ref Initial, row));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TVector left, TVector right0, TVector right1, ref TVector sum0, ref TVector sum1)
    {
        sum0 = TSimd.FusedMultiplyAdd(left, right0, sum0);
        sum1 = TSimd.FusedMultiplyAdd(left, right1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        TVector left, TVector right0, TVector right1, TVector right2, ref TVector sum0, ref TVector sum1, ref TVector sum2)
    {
        Add(left, right0, right1, ref sum0, ref sum1);
        sum2 = TSimd.FusedMultiplyAdd(left, right2, sum2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Store(nint row, nint column, TVector sum) =>
        TSimd.Store(TSimd.Add(sum, TSimd.Zero), ref Result, row * ResultRow + column * ResultColumn);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Store(nint row, nint column, TVector sum0, TVector sum1)
    {
        Store(row, column, sum0);
        Store(row, column + 1, sum1);
    }
}
