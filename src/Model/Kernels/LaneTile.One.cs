using System.Runtime.CompilerServices;

namespace Lockstep.Model.Kernels;

// Tiles of one column, written out: arrays of vectors would not stay in registers.
internal ref partial struct LaneTile<TSimd, TVector, TLeft>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run8X1()
    {
        TVector s00 = Start(0);
        TVector s10 = Start(1);
        TVector s20 = Start(2);
        TVector s30 = Start(3);
        TVector s40 = Start(4);
        TVector s50 = Start(5);
        TVector s60 = Start(6);
        TVector s70 = Start(7);
        nint row = LeftRow;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0);
            s00 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 0), r0, s00);
            s10 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, row), r0, s10);
            s20 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 2 * row), r0, s20);
            s30 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 3 * row), r0, s30);
            s40 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 4 * row), r0, s40);
            s50 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 5 * row), r0, s50);
            s60 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 6 * row), r0, s60);
            s70 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 7 * row), r0, s70);
        }

        Store(0, 0, s00);
        Store(1, 0, s10);
        Store(2, 0, s20);
        Store(3, 0, s30);
        Store(4, 0, s40);
        Store(5, 0, s50);
        Store(6, 0, s60);
        Store(7, 0, s70);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run6X1()
    {
        TVector s00 = Start(0);
        TVector s10 = Start(1);
        TVector s20 = Start(2);
        TVector s30 = Start(3);
        TVector s40 = Start(4);
        TVector s50 = Start(5);
        nint row = LeftRow;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0);
            s00 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 0), r0, s00);
            s10 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, row), r0, s10);
            s20 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 2 * row), r0, s20);
            s30 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 3 * row), r0, s30);
            s40 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 4 * row), r0, s40);
            s50 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 5 * row), r0, s50);
        }

        Store(0, 0, s00);
        Store(1, 0, s10);
        Store(2, 0, s20);
        Store(3, 0, s30);
        Store(4, 0, s40);
        Store(5, 0, s50);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run4X1()
    {
        TVector s00 = Start(0);
        TVector s10 = Start(1);
        TVector s20 = Start(2);
        TVector s30 = Start(3);
        nint row = LeftRow;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0);
            s00 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 0), r0, s00);
            s10 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, row), r0, s10);
            s20 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 2 * row), r0, s20);
            s30 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 3 * row), r0, s30);
        }

        Store(0, 0, s00);
        Store(1, 0, s10);
        Store(2, 0, s20);
        Store(3, 0, s30);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run2X1()
    {
        TVector s00 = Start(0);
        TVector s10 = Start(1);
        nint row = LeftRow;
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0);
            s00 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 0), r0, s00);
            s10 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, row), r0, s10);
        }

        Store(0, 0, s00);
        Store(1, 0, s10);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Run1X1()
    {
        TVector s00 = Start(0);
        ref LaneTerm term = ref Terms;
        for (int k = Count; k > 0; k--)
        {
            ref float left = ref Unsafe.Add(ref Left, (nint)term.Left);
            ref float right = ref Unsafe.Add(ref Right, (nint)term.Right);
            term = ref Unsafe.Add(ref term, 1);
            TVector r0 = TSimd.Load(ref right, 0);
            s00 = TSimd.FusedMultiplyAdd(TLeft.Load<TSimd, TVector>(ref left, 0), r0, s00);
        }

        Store(0, 0, s00);
    }
}
