using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Model.Simd;

/// <summary>128-bit vectors: 4 floats.</summary>
internal readonly struct Simd128 : ISimd<Vector128<float>>
{
    public static int Width => Vector128<float>.Count;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref readonly float source, nint offset) => Vector128.LoadUnsafe(in source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> vector, ref float destination, nint offset) =>
        vector.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> left, Vector128<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sqrt(Vector128<float> vector) => Vector128.Sqrt(vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> FusedMultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.FusedMultiplyAdd(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> GreaterThan(Vector128<float> left, Vector128<float> right) => Vector128.GreaterThan(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LessThanOrEqual(Vector128<float> left, Vector128<float> right) => Vector128.LessThanOrEqual(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NonZeroLanes(Vector128<float> vector) =>
        Vector128.ExtractMostSignificantBits(~Vector128.Equals(vector, Vector128<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> And(Vector128<float> left, Vector128<float> right) => left & right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AndNot(Vector128<float> left, Vector128<float> right) => Vector128.AndNot(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Xor(Vector128<float> left, Vector128<float> right) => left ^ right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BroadcastBits(uint value) => Vector128.Create(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SequenceBits(uint start) => (Vector128<uint>.Indices + Vector128.Create(start)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> HalfBits(Vector128<float> vector, int half) =>
        (half == 0 ? vector.AsUInt32() & Vector128.Create(0xFFFFu) : vector.AsUInt32() >>> 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LessThanBits(Vector128<float> left, Vector128<float> right) =>
        Vector128.LessThan(left.AsInt32(), right.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBits(Vector128<float> vector, Vector128<float> factor, out Vector128<float> high, out Vector128<float> low)
    {
        // Products of the even lanes, then of the odd ones, 64 bits each.
        Vector128<ulong> even, odd, upper = Vector128.Create(0xFFFFFFFF_00000000ul);
        if (Sse2.IsSupported)
        {
            even = Sse2.Multiply(vector.AsUInt32(), factor.AsUInt32());
            odd = Sse2.Multiply((vector.AsUInt64() >>> 32).AsUInt32(), factor.AsUInt32());
        }
        else
        {
            Vector128<ulong> number = factor.AsUInt64() >>> 32;
            even = (vector.AsUInt64() & ~upper) * number;
            odd = (vector.AsUInt64() >>> 32) * number;
        }

        high = Vector128.ConditionalSelect(upper, odd, even >>> 32).AsSingle();
        low = Vector128.ConditionalSelect(upper, odd << 32, even).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSquares(Vector128<float> vector, ref double sums, nint offset)
    {
        (Vector128<double> lower, Vector128<double> upper) = Vector128.Widen(vector);
        nuint first = (nuint)offset, second = first + (nuint)Vector128<double>.Count;
        (Vector128.LoadUnsafe(ref sums, first) + lower * lower).StoreUnsafe(ref sums, first);
        (Vector128.LoadUnsafe(ref sums, second) + upper * upper).StoreUnsafe(ref sums, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PowerOfTwo(Vector128<float> shifted) =>
        ((shifted.AsInt32() << 23) + Vector128.Create(Exponential.OneBits)).AsSingle();
}
