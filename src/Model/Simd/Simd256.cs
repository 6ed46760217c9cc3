using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Model.Simd;

/// <summary>256-bit vectors: 8 floats.</summary>
internal readonly struct Simd256 : ISimd<Vector256<float>>
{
    public static int Width => Vector256<float>.Count;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref readonly float source, nint offset) => Vector256.LoadUnsafe(in source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, ref float destination, nint offset) =>
        vector.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> left, Vector256<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> left, Vector256<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> left, Vector256<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> left, Vector256<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> vector) => Vector256.Sqrt(vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FusedMultiplyAdd(Vector256<float> left, Vector256<float> right, Vector256<float> addend) =>
        Vector256.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> GreaterThan(Vector256<float> left, Vector256<float> right) => Vector256.GreaterThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LessThanOrEqual(Vector256<float> left, Vector256<float> right) => Vector256.LessThanOrEqual(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonZeroLanes(Vector256<float> vector) =>
        Vector256.ExtractMostSignificantBits(~Vector256.Equals(vector, Vector256<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> And(Vector256<float> left, Vector256<float> right) => left & right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AndNot(Vector256<float> left, Vector256<float> right) => Vector256.AndNot(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Xor(Vector256<float> left, Vector256<float> right) => left ^ right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BroadcastBits(uint value) => Vector256.Create(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SequenceBits(uint start) => (Vector256<uint>.Indices + Vector256.Create(start)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> HalfBits(Vector256<float> vector, int half) =>
        (half == 0 ? vector.AsUInt32() & Vector256.Create(0xFFFFu) : vector.AsUInt32() >>> 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LessThanBits(Vector256<float> left, Vector256<float> right) =>
        Vector256.LessThan(left.AsInt32(), right.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBits(Vector256<float> vector, Vector256<float> factor, out Vector256<float> high, out Vector256<float> low)
    {
        // Products of the even lanes, then of the odd ones, 64 bits each.
        Vector256<ulong> even, odd, upper = Vector256.Create(0xFFFFFFFF_00000000ul);
        if (Avx2.IsSupported)
        {
            even = Avx2.Multiply(vector.AsUInt32(), factor.AsUInt32());
            odd = Avx2.Multiply((vector.AsUInt64() >>> 32).AsUInt32(), factor.AsUInt32());
        }
        else
        {
            Vector256<ulong> number = factor.AsUInt64() >>> 32;
            even = (vector.AsUInt64() & ~upper) * number;
            odd = (vector.AsUInt64() >>> 32) * number;
        }

        high = Vector256.ConditionalSelect(upper, odd, even >>> 32).AsSingle();
        low = Vector256.ConditionalSelect(upper, odd << 32, even).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(Vector256<float> vector, ref double sums, nint offset)
    {
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(vector);
        nuint first = (nuint)offset, second = first + (nuint)Vector256<double>.Count;
        (Vector256.LoadUnsafe(ref sums, first) + lower * lower).StoreUnsafe(ref sums, first);
        (Vector256.LoadUnsafe(ref sums, second) + upper * upper).StoreUnsafe(ref sums, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PowerOfTwo(Vector256<float> shifted) =>
        ((shifted.AsInt32() << 23) + Vector256.Create(Exponential.OneBits)).AsSingle();
}
