using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Model.Simd;

/// <summary>512-bit vectors: 16 floats.</summary>
internal readonly struct Simd512 : ISimd<Vector512<float>>
{
    public static int Width => Vector512<float>.Count;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref readonly float source, nint offset) => Vector512.LoadUnsafe(in source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, ref float destination, nint offset) =>
        vector.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> left, Vector512<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> left, Vector512<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> vector) => Vector512.Sqrt(vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FusedMultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GreaterThan(Vector512<float> left, Vector512<float> right) => Vector512.GreaterThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LessThanOrEqual(Vector512<float> left, Vector512<float> right) => Vector512.LessThanOrEqual(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonZeroLanes(Vector512<float> vector) =>
        (uint)Vector512.ExtractMostSignificantBits(~Vector512.Equals(vector, Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> And(Vector512<float> left, Vector512<float> right) => left & right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AndNot(Vector512<float> left, Vector512<float> right) => Vector512.AndNot(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Xor(Vector512<float> left, Vector512<float> right) => left ^ right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BroadcastBits(uint value) => Vector512.Create(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SequenceBits(uint start) => (Vector512<uint>.Indices + Vector512.Create(start)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HalfBits(Vector512<float> vector, int half) =>
        (half == 0 ? vector.AsUInt32() & Vector512.Create(0xFFFFu) : vector.AsUInt32() >>> 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LessThanBits(Vector512<float> left, Vector512<float> right) =>
        Vector512.LessThan(left.AsInt32(), right.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBits(Vector512<float> vector, Vector512<float> factor, out Vector512<float> high, out Vector512<float> low)
    {
        // Products of the even lanes, then of the odd ones, 64 bits each.
        Vector512<ulong> even, odd, upper = Vector512.Create(0xFFFFFFFF_00000000ul);
        if (Avx512F.IsSupported)
        {
            even = Avx512F.Multiply(vector.AsUInt32(), factor.AsUInt32());
            odd = Avx512F.Multiply((vector.AsUInt64() >>> 32).AsUInt32(), factor.AsUInt32());
        }
        else
        {
            Vector512<ulong> number = factor.AsUInt64() >>> 32;
            even = (vector.AsUInt64() & ~upper) * number;
            odd = (vector.AsUInt64() >>> 32) * number;
        }

        high = Vector512.ConditionalSelect(upper, odd, even >>> 32).AsSingle();
        low = Vector512.ConditionalSelect(upper, odd << 32, even).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(Vector512<float> vector, ref double sums, nint offset)
    {
        (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(vector);
        nuint first = (nuint)offset, second = first + (nuint)Vector512<double>.Count;
        (Vector512.LoadUnsafe(ref sums, first) + lower * lower).StoreUnsafe(ref sums, first);
        (Vector512.LoadUnsafe(ref sums, second) + upper * upper).StoreUnsafe(ref sums, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PowerOfTwo(Vector512<float> shifted) =>
        ((shifted.AsInt32() << 23) + Vector512.Create(Exponential.OneBits)).AsSingle();
}
