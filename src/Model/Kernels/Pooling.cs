using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The kernels of pooling, for one block of 16 examples. A window has size · size values, taken row by row; windows begin at multiples of
/// the stride and lie within the map.
/// <code>
/// maximum: out = the first of the largest values of the window, or NaN if it has one      its gradient goes to that value
/// average: out = (Σ of the window's values, in order) · (1 / size²) + 0                    each value's gradient: d · (1 / size²)
/// </code>
/// Where windows overlap, gradients are added up in the order of the windows. 1 / size² is rounded to single precision.
/// </summary>
internal static class Pooling
{
    /// <summary>Pools a block of maps.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="shape">The pooling.</param>
    /// <param name="input">A block of the maps below.</param>
    /// <param name="output">A block of the maps above, overwritten.</param>
    public static void Forward(SimdWidth width, PoolingShape shape, ReadOnlySpan<float> input, Span<float> output)
    {
        Check(shape, input.Length, output.Length);
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedForward<Simd512, Vector512<float>>(shape, input, output);
                break;
            case SimdWidth.Bits256:
                VectorisedForward<Simd256, Vector256<float>>(shape, input, output);
                break;
            case SimdWidth.Bits128:
                VectorisedForward<Simd128, Vector128<float>>(shape, input, output);
                break;
            default:
                ScalarForward(shape, input, output);
                break;
        }
    }

    /// <summary>The gradient of the maps below.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="shape">The pooling.</param>
    /// <param name="input">A block of the maps below.</param>
    /// <param name="deltas">A block of the gradients of the maps above.</param>
    /// <param name="gradient">A block of the gradients of the maps below, overwritten.</param>
    public static void Backward(
        SimdWidth width, PoolingShape shape, ReadOnlySpan<float> input, ReadOnlySpan<float> deltas, Span<float> gradient)
    {
        Check(shape, Math.Min(input.Length, gradient.Length), deltas.Length);
        gradient.Clear();
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedBackward<Simd512, Vector512<float>>(shape, input, deltas, gradient);
                break;
            case SimdWidth.Bits256:
                VectorisedBackward<Simd256, Vector256<float>>(shape, input, deltas, gradient);
                break;
            case SimdWidth.Bits128:
                VectorisedBackward<Simd128, Vector128<float>>(shape, input, deltas, gradient);
                break;
            default:
                ScalarBackward(shape, input, deltas, gradient);
                break;
        }
    }

    private static void Check(PoolingShape shape, int below, int above)
    {
        if (below < shape.Input.BlockFloats || above < shape.Output.BlockFloats)
            throw new ArgumentException(
                $"{below} and {above} floats for blocks of {shape.Input.BlockFloats} and {shape.Output.BlockFloats}.");
    }

    private static void ScalarForward(PoolingShape shape, ReadOnlySpan<float> input, Span<float> output)
    {
        for (int o = 0; o < output.Length; o++)
        {
            int first = shape.Start(o / MapShape.Lanes) + o % MapShape.Lanes;
            float result = shape.IsMaximum ? input[first] : 0f;
            foreach (int offset in shape.Offsets)
            {
                float value = input[first + offset];
                if (!shape.IsMaximum)
                    result += value;
                else if (value > result || float.IsNaN(value))
                    result = value;
            }

            output[o] = shape.IsMaximum ? result : result * shape.Share + 0f;
        }
    }

    private static void ScalarBackward(PoolingShape shape, ReadOnlySpan<float> input, ReadOnlySpan<float> deltas, Span<float> gradient)
    {
        for (int o = 0; o < shape.Output.BlockFloats; o++)
        {
            int first = shape.Start(o / MapShape.Lanes) + o % MapShape.Lanes, best = first;
            foreach (int offset in shape.Offsets)
            {
                if (!shape.IsMaximum)
                    gradient[first + offset] += deltas[o] * shape.Share;
                else if (input[first + offset] > input[best])
                    best = first + offset;
            }

            if (shape.IsMaximum)
                gradient[best] += deltas[o];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedForward<TSimd, TVector>(PoolingShape shape, ReadOnlySpan<float> input, Span<float> output)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ReadOnlySpan<int> offsets = shape.Offsets;
        TVector share = TSimd.Broadcast(shape.Share);
        ref float result = ref MemoryMarshal.GetReference(output);
        for (int o = 0; o < shape.Output.Values; o++)
        {
            ref float window = ref Unsafe.Add(ref MemoryMarshal.GetReference(input), shape.Start(o));
            for (nint lane = 0; lane < MapShape.Lanes; lane += TSimd.Width)
            {
                TVector sum = shape.IsMaximum ? TSimd.Load(ref window, lane) : TSimd.Zero;
                foreach (int offset in offsets)
                {
                    TVector value = TSimd.Load(ref window, offset + lane);
                    sum = shape.IsMaximum ? Larger<TSimd, TVector>(value, sum) : TSimd.Add(sum, value);
                }

                if (!shape.IsMaximum)
                    sum = TSimd.Add(TSimd.Multiply(sum, share), TSimd.Zero);
                TSimd.Store(sum, ref result, o * MapShape.Lanes + lane);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedBackward<TSimd, TVector>(
        PoolingShape shape, ReadOnlySpan<float> input, ReadOnlySpan<float> deltas, Span<float> gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ReadOnlySpan<int> offsets = shape.Offsets;
        TVector share = TSimd.Broadcast(shape.Share);
        ref float delta = ref MemoryMarshal.GetReference(deltas);
        for (int o = 0; o < shape.Output.Values; o++)
        {
            ref float window = ref Unsafe.Add(ref MemoryMarshal.GetReference(input), shape.Start(o));
            ref float target = ref Unsafe.Add(ref MemoryMarshal.GetReference(gradient), shape.Start(o));
            for (nint lane = 0; lane < MapShape.Lanes; lane += TSimd.Width)
            {
                TVector d = TSimd.Load(ref delta, o * MapShape.Lanes + lane);
                if (!shape.IsMaximum)
                {
                    foreach (int offset in offsets)
                        Add<TSimd, TVector>(TSimd.Multiply(d, share), ref target, offset + lane);
                    continue;
                }

                TVector largest = TSimd.Load(ref window, lane);
                TVector place = TSimd.BroadcastBits(0);
                for (int w = 1; w < offsets.Length; w++)
                {
                    TVector value = TSimd.Load(ref window, offsets[w] + lane);
                    TVector isLarger = TSimd.GreaterThan(value, largest);
                    largest = Lanes.Select<TSimd, TVector>(isLarger, value, largest);
                    place = Lanes.Select<TSimd, TVector>(isLarger, TSimd.BroadcastBits((uint)w), place);
                }

                // Places are small whole numbers: equal where neither is less.
                for (int w = 0; w < offsets.Length; w++)
                {
                    TVector here = TSimd.BroadcastBits((uint)w);
                    TVector other = TSimd.Xor(TSimd.LessThanBits(place, here), TSimd.LessThanBits(here, place));
                    Add<TSimd, TVector>(TSimd.AndNot(d, other), ref target, offsets[w] + lane);
                }
            }
        }
    }

    // The right one unless the left one is greater or NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Larger<TSimd, TVector>(TVector left, TVector right)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector larger = Lanes.Select<TSimd, TVector>(TSimd.GreaterThan(left, right), left, right);
        return Lanes.Select<TSimd, TVector>(TSimd.LessThanOrEqual(left, left), larger, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TSimd, TVector>(TVector value, ref float target, nint offset)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => TSimd.Store(TSimd.Add(TSimd.Load(ref target, offset), value), ref target, offset);
}
