using System.Runtime.CompilerServices;

namespace Lockstep.Model.Kernels;

// Tiles of three columns, written out: arrays of vectors would not stay in registers.
internal ref partial struct LaneTile<TSimd, TVector, TLeft>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run8X3()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00;
        TVector s10 = Start(1), s11 = s10, s12 = s10;
        TVector s20 = Start(2), s21 = s20, s22 = s20;
        TVector s30 = Start(3), s31 = s30, s32 = s30;
        TVector s40 = Start(4), s41 = s40, s42 = s40;
        TVector s50 = Start(5), s51 = s50, s52 = s50;
        TVector s60 = Start(6), s61 = s60, s62 = s60;
        TVector s70 = Start(7), s71 = s70, s72 = s70;
        nint row = LeftRow, column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            Add(TLeft.Load<TSimd, TVector>(ref left, 0), r0, r1, r2, ref s00, ref s01, ref s02);
            Add(TLeft.Load<TSimd, TVector>(ref left, row), r0, r1, r2, ref s10, ref s11, ref s12);
            Add(TLeft.Load<TSimd, TVector>(ref left, 2 * row), r0, r1, r2, ref s20, ref s21, ref s22);
            Add(TLeft.Load<TSimd, TVector>(ref left, 3 * row), r0, r1, r2, ref s30, ref s31, ref s32);
            Add(TLeft.Load<TSimd, TVector>(ref left, 4 * row), r0, r1, r2, ref s40, ref s41, ref s42);
            Add(TLeft.Load<TSimd, TVector>(ref left, 5 * row), r0, r1, r2, ref s50, ref s51, ref s52);
            Add(TLeft.Load<TSimd, TVector>(ref left, 6 * row), r0, r1, r2, ref s60, ref s61, ref s62);
            Add(TLeft.Load<TSimd, TVector>(ref left, 7 * row), r0, r1, r2, ref s70, ref s71, ref s72);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02);
        Store(1, 0, s10, s11);
        Store(1, 2, s12);
        Store(2, 0, s20, s21);
        Store(2, 2, s22);
        Store(3, 0, s30, s31);
        Store(3, 2, s32);
        Store(4, 0, s40, s41);
        Store(4, 2, s42);
        Store(5, 0, s50, s51);
        Store(5, 2, s52);
        Store(6, 0, s60, s61);
        Store(6, 2, s62);
        Store(7, 0, s70, s71);
        Store(7, 2, s72);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run4X3()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00;
        TVector s10 = Start(1), s11 = s10, s12 = s10;
        TVector s20 = Start(2), s21 = s20, s22 = s20;
        TVector s30 = Start(3), s31 = s30, s32 = s30;
        nint row = LeftRow, column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            Add(TLeft.Load<TSimd, TVector>(ref left, 0), r0, r1, r2, ref s00, ref s01, ref s02);
            Add(TLeft.Load<TSimd, TVector>(ref left, row), r0, r1, r2, ref s10, ref s11, ref s12);
            Add(TLeft.Load<TSimd, TVector>(ref left, 2 * row), r0, r1, r2, ref s20, ref s21, ref s22);
            Add(TLeft.Load<TSimd, TVector>(ref left, 3 * row), r0, r1, r2, ref s30, ref s31, ref s32);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02);
        Store(1, 0, s10, s11);
        Store(1, 2, s12);
        Store(2, 0, s20, s21);
        Store(2, 2, s22);
        Store(3, 0, s30, s31);
        Store(3, 2, s32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run2X3()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00;
        TVector s10 = Start(1), s11 = s10, s12 = s10;
        nint row = LeftRow, column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            Add(TLeft.Load<TSimd, TVector>(ref left, 0), r0, r1, r2, ref s00, ref s01, ref s02);
            Add(TLeft.Load<TSimd, TVector>(ref left, row), r0, r1, r2, ref s10, ref s11, ref s12);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02);
        Store(1, 0, s10, s11);
        Store(1, 2, s12);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run1X3()
    {
        TVector s00 = Start(0), s01 = s00, s02 = s00;
        nint column = RightColumn;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0), r1 = TSimd.Load(ref right, column), r2 = TSimd.Load(ref right, 2 * column);
            Add(TLeft.Load<TSimd, TVector>(ref left, 0), r0, r1, r2, ref s00, ref s01, ref s02);
        }

        Store(0, 0, s00, s01);
        Store(0, 2, s02);
    }
}
