using System.Runtime.CompilerServices;

namespace Lockstep.Model.Kernels;

// Tiles of five columns, written out: arrays of vectors would not stay in registers.
internal ref partial struct LaneTile<TSimd, TVector, TLeft>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run4X5()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00, s03 = s00, s04 = s00;
        TVector s10 = Start(1), s11 = s10, s12 = s10, s13 = s10, s14 = s10;
        TVector s20 = Start(2), s21 = s20, s22 = s20, s23 = s20, s24 = s20;
        TVector s30 = Start(3), s31 = s30, s32 = s30, s33 = s30, s34 = s30;
        nint row = LeftRow, column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            TVector r3 = TSimd.Load(ref right, 3 * column), r4 = TSimd.Load(ref right, 4 * column);
            TVector l0 = TLeft.Load<TSimd, TVector>(ref left, 0);
            Add(l0, r0, r1, r2, ref s00, ref s01, ref s02);
            Add(l0, r3, r4, ref s03, ref s04);
            TVector l1 = TLeft.Load<TSimd, TVector>(ref left, row);
            Add(l1, r0, r1, r2, ref s10, ref s11, ref s12);
            Add(l1, r3, r4, ref s13, ref s14);
            TVector l2 = TLeft.Load<TSimd, TVector>(ref left, 2 * row);
            Add(l2, r0, r1, r2, ref s20, ref s21, ref s22);
            Add(l2, r3, r4, ref s23, ref s24);
            TVector l3 = TLeft.Load<TSimd, TVector>(ref left, 3 * row);
            Add(l3, r0, r1, r2, ref s30, ref s31, ref s32);
            Add(l3, r3, r4, ref s33, ref s34);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02, s03);
        Store(0, 4, s04);
        Store(1, 0, s10, s11);
        Store(1, 2, s12, s13);
        Store(1, 4, s14);
        Store(2, 0, s20, s21);
        Store(2, 2, s22, s23);
        Store(2, 4, s24);
        Store(3, 0, s30, s31);
        Store(3, 2, s32, s33);
        Store(3, 4, s34);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run2X5()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00, s03 = s00, s04 = s00;
        TVector s10 = Start(1), s11 = s10, s12 = s10, s13 = s10, s14 = s10;
        nint row = LeftRow, column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            TVector r3 = TSimd.Load(ref right, 3 * column), r4 = TSimd.Load(ref right, 4 * column);
            TVector l0 = TLeft.Load<TSimd, TVector>(ref left, 0);
            Add(l0, r0, r1, r2, ref s00, ref s01, ref s02);
            Add(l0, r3, r4, ref s03, ref s04);
            TVector l1 = TLeft.Load<TSimd, TVector>(ref left, row);
            Add(l1, r0, r1, r2, ref s10, ref s11, ref s12);
            Add(l1, r3, r4, ref s13, ref s14);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02, s03);
        Store(0, 4, s04);
        Store(1, 0, s10, s11);
        Store(1, 2, s12, s13);
        Store(1, 4, s14);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run1X5()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00, s03 = s00, s04 = s00;
        nint column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            TVector r3 = TSimd.Load(ref right, 3 * column), r4 = TSimd.Load(ref right, 4 * column);
            TVector l0 = TLeft.Load<TSimd, TVector>(ref left, 0);
            Add(l0, r0, r1, r2, ref s00, ref s01, ref s02);
            Add(l0, r3, r4, ref s03, ref s04);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02, s03);
        Store(0, 4, s04);
    }
}
