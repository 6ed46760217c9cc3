using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The kernels of layers that normalise, for one block of 16 examples, <c>[channels, places, 16]</c>; a vector has one place a channel.
/// Statistics are lanes, <c>[channels, 16]</c>: one an example and channel, which examples of a group share.
/// <code>
/// sums (see ReductionTerm)  t[c, lane] = Σ over the places, in order
/// forward                   y = fma((x - mean) · inverse, scale[c], offset[c])
/// input gradient            dx = inverse · fma((mean - x) · inverse, slope, fma(dy, scale[c], -shift))
/// </code>
/// inverse is <c>1 / sqrt(variance + epsilon)</c>, shift and slope are the means over the group of <c>dy · scale</c> and
/// <c>dy · scale · (x - mean) · inverse</c>: Ioffe and Szegedy, 2015, section 3.
/// </summary>
internal static class Normalization
{
    // Channels that are added up together, so that no addition waits for the one before.
    private const int Together = 4;

    /// <summary>One sum a channel and lane.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="channels">Channels.</param>
    /// <param name="places">Places of a channel.</param>
    /// <param name="values">A block x, or of dy.</param>
    /// <param name="deltas">A block of dy, where the term needs it.</param>
    /// <param name="means">Lanes, where the term needs them.</param>
    /// <param name="inverses">Lanes, where the term needs them.</param>
    /// <param name="sums">[channels, 16], overwritten.</param>
    public static void Reduce<TTerm>(
        SimdWidth width, int channels, int places, ReadOnlySpan<float> values, ReadOnlySpan<float> deltas, ReadOnlySpan<float> means,
        ReadOnlySpan<float> inverses, Span<float> sums)
        where TTerm : struct, IReductionTerm
    {
        int floats = channels * MapShape.Lanes;
        bool isShort = TTerm.ReadsDeltas && (deltas.Length < floats * places || inverses.Length < floats);
        if (values.Length < floats * places || isShort || (TTerm.ReadsMeans && means.Length < floats) || sums.Length < floats)
            throw new ArgumentException($"{values.Length} values and {sums.Length} sums for {channels} channels of {places} places.");
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<TTerm, Simd512, Vector512<float>>(channels, places, values, deltas, means, inverses, sums);
                break;
            case SimdWidth.Bits256:
                Vectorised<TTerm, Simd256, Vector256<float>>(channels, places, values, deltas, means, inverses, sums);
                break;
            case SimdWidth.Bits128:
                Vectorised<TTerm, Simd128, Vector128<float>>(channels, places, values, deltas, means, inverses, sums);
                break;
            default:
                for (int i = 0; i < floats; i++)
                {
                    int first = (i / MapShape.Lanes * places * MapShape.Lanes) + i % MapShape.Lanes;
                    (float mean, float inverse) = (TTerm.ReadsMeans ? means[i] : 0f, TTerm.ReadsDeltas ? inverses[i] : 0f);
                    float sum = 0f;
                    for (int at = first; at < first + places * MapShape.Lanes; at += MapShape.Lanes)
                        sum = TTerm.Add(sum, values[at], TTerm.ReadsDeltas ? deltas[at] : 0f, mean, inverse);
                    sums[i] = sum;
                }

                break;
        }
    }

    /// <summary>Adds up lanes over the channels: <c>sum[lane] = Σ lanes[c, lane] · factors[c]</c>, in order.</summary>
    /// <param name="lanes">[channels, 16].</param>
    /// <param name="factors">[channels].</param>
    /// <param name="sum">[16], overwritten.</param>
    public static void AddChannels(ReadOnlySpan<float> lanes, ReadOnlySpan<float> factors, Span<float> sum)
    {
        sum[..MapShape.Lanes].Clear();
        for (int i = 0; i < factors.Length * MapShape.Lanes; i++)
        {
            ref float lane = ref sum[i % MapShape.Lanes];
            lane = MathF.FusedMultiplyAdd(lanes[i], factors[i / MapShape.Lanes], lane);
        }
    }

    /// <summary>Normalises a block.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="places">Places of a channel.</param>
    /// <param name="values">A block of x.</param>
    /// <param name="means">Lanes.</param>
    /// <param name="inverses">Lanes.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="offset">[channels].</param>
    /// <param name="normalized">A block, overwritten.</param>
    public static void Forward(
        SimdWidth width, int places, ReadOnlySpan<float> values, ReadOnlySpan<float> means, ReadOnlySpan<float> inverses,
        ReadOnlySpan<float> scale, ReadOnlySpan<float> offset, Span<float> normalized)
    {
        int floats = scale.Length * MapShape.Lanes;
        if (offset.Length != scale.Length || means.Length < floats || inverses.Length < floats || values.Length < floats * places
            || normalized.Length < floats * places)
            throw new ArgumentException($"{values.Length} and {normalized.Length} floats for {scale.Length} channels of {places} places.");
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedForward<Simd512, Vector512<float>>(places, values, means, inverses, scale, offset, normalized);
                break;
            case SimdWidth.Bits256:
                VectorisedForward<Simd256, Vector256<float>>(places, values, means, inverses, scale, offset, normalized);
                break;
            case SimdWidth.Bits128:
                VectorisedForward<Simd128, Vector128<float>>(places, values, means, inverses, scale, offset, normalized);
                break;
            default:
                for (int i = 0; i < floats * places; i++)
                {
                    int channel = i / (places * MapShape.Lanes), lane = channel * MapShape.Lanes + i % MapShape.Lanes;
                    normalized[i] = MathF.FusedMultiplyAdd((values[i] - means[lane]) * inverses[lane], scale[channel], offset[channel]);
                }

                break;
        }
    }

    /// <summary>The gradient of a block.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="places">Places of a channel.</param>
    /// <param name="values">A block of x.</param>
    /// <param name="deltas">A block of dy.</param>
    /// <param name="group">What the examples of a group share.</param>
    /// <param name="scale">[channels].</param>
    /// <param name="gradient">A block of dx, overwritten.</param>
    public static void InputGradient(
        SimdWidth width, int places, ReadOnlySpan<float> values, ReadOnlySpan<float> deltas, in NormalizationLanes group,
        ReadOnlySpan<float> scale, Span<float> gradient)
    {
        int floats = scale.Length * MapShape.Lanes;
        if (values.Length < floats * places || deltas.Length < floats * places || gradient.Length < floats * places
            || group.Means.Length < floats || group.Inverses.Length < floats || group.Shifts.Length < floats
            || group.Slopes.Length < floats)
            throw new ArgumentException($"{values.Length} and {gradient.Length} floats for {scale.Length} channels of {places} places.");
        switch (width)
        {
            case SimdWidth.Bits512:
                VectorisedGradient<Simd512, Vector512<float>>(places, values, deltas, group, scale, gradient);
                break;
            case SimdWidth.Bits256:
                VectorisedGradient<Simd256, Vector256<float>>(places, values, deltas, group, scale, gradient);
                break;
            case SimdWidth.Bits128:
                VectorisedGradient<Simd128, Vector128<float>>(places, values, deltas, group, scale, gradient);
                break;
            default:
                for (int i = 0; i < floats * places; i++)
                {
                    int channel = i / (places * MapShape.Lanes), lane = channel * MapShape.Lanes + i % MapShape.Lanes;
                    float inverse = group.Inverses[lane], shifted = MathF.FusedMultiplyAdd(deltas[i], scale[channel], -group.Shifts[lane]);
                    gradient[i] = inverse
                        * MathF.FusedMultiplyAdd((group.Means[lane] - values[i]) * inverse, group.Slopes[lane], shifted);
                }

                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TTerm, TSimd, TVector>(
        int channels, int places, ReadOnlySpan<float> values, ReadOnlySpan<float> deltas, ReadOnlySpan<float> means,
        ReadOnlySpan<float> inverses, Span<float> sums)
        where TTerm : struct, IReductionTerm
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        ref float dy = ref MemoryMarshal.GetReference(deltas);
        ref float mean = ref MemoryMarshal.GetReference(means);
        ref float inverse = ref MemoryMarshal.GetReference(inverses);
        ref float sum = ref MemoryMarshal.GetReference(sums);
        nint length = (nint)places * MapShape.Lanes;
        for (int c = 0; c < channels; c += Together)
        {
            for (int lane = 0; lane < MapShape.Lanes; lane += TSimd.Width)
            {
                nint at = c * length + lane, of = (nint)c * MapShape.Lanes + lane;
                if (c + Together > channels)
                {
                    for (int rest = c; rest < channels; rest++, at += length, of += MapShape.Lanes)
                        TSimd.Store(Sum<TTerm, TSimd, TVector>(ref x, ref dy, ref mean, ref inverse, at, of, length), ref sum, of);
                    continue;
                }

                TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero, sum2 = TSimd.Zero, sum3 = TSimd.Zero;
                TVector mean0 = Of<TSimd, TVector>(TTerm.ReadsMeans, ref mean, of);
                TVector mean1 = Of<TSimd, TVector>(TTerm.ReadsMeans, ref mean, of + MapShape.Lanes);
                TVector mean2 = Of<TSimd, TVector>(TTerm.ReadsMeans, ref mean, of + 2 * MapShape.Lanes);
                TVector mean3 = Of<TSimd, TVector>(TTerm.ReadsMeans, ref mean, of + 3 * MapShape.Lanes);
                TVector inverse0 = Of<TSimd, TVector>(TTerm.ReadsDeltas, ref inverse, of);
                TVector inverse1 = Of<TSimd, TVector>(TTerm.ReadsDeltas, ref inverse, of + MapShape.Lanes);
                TVector inverse2 = Of<TSimd, TVector>(TTerm.ReadsDeltas, ref inverse, of + 2 * MapShape.Lanes);
                TVector inverse3 = Of<TSimd, TVector>(TTerm.ReadsDeltas, ref inverse, of + 3 * MapShape.Lanes);
                for (nint end = at + length; at < end; at += MapShape.Lanes)
                {
                    sum0 = Add<TTerm, TSimd, TVector>(sum0, ref x, ref dy, at, mean0, inverse0);
                    sum1 = Add<TTerm, TSimd, TVector>(sum1, ref x, ref dy, at + length, mean1, inverse1);
                    sum2 = Add<TTerm, TSimd, TVector>(sum2, ref x, ref dy, at + 2 * length, mean2, inverse2);
                    sum3 = Add<TTerm, TSimd, TVector>(sum3, ref x, ref dy, at + 3 * length, mean3, inverse3);
                }

                TSimd.Store(sum0, ref sum, of);
                TSimd.Store(sum1, ref sum, of + MapShape.Lanes);
                TSimd.Store(sum2, ref sum, of + 2 * MapShape.Lanes);
                TSimd.Store(sum3, ref sum, of + 3 * MapShape.Lanes);
            }
        }
    }

    private static TVector Sum<TTerm, TSimd, TVector>(
        ref float x, ref float dy, ref float means, ref float inverses, nint at, nint of, nint length)
        where TTerm : struct, IReductionTerm
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector sum = TSimd.Zero, mean = Of<TSimd, TVector>(TTerm.ReadsMeans, ref means, of);
        TVector inverse = Of<TSimd, TVector>(TTerm.ReadsDeltas, ref inverses, of);
        for (nint end = at + length; at < end; at += MapShape.Lanes)
            sum = Add<TTerm, TSimd, TVector>(sum, ref x, ref dy, at, mean, inverse);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Add<TTerm, TSimd, TVector>(TVector sum, ref float x, ref float dy, nint at, TVector mean, TVector inverse)
        where TTerm : struct, IReductionTerm
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TTerm.Add<TSimd, TVector>(sum, TSimd.Load(ref x, at), Of<TSimd, TVector>(TTerm.ReadsDeltas, ref dy, at), mean, inverse);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Of<TSimd, TVector>(bool isRead, ref float source, nint at)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => isRead ? TSimd.Load(ref source, at) : TSimd.Zero;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedForward<TSimd, TVector>(
        int places, ReadOnlySpan<float> values, ReadOnlySpan<float> means, ReadOnlySpan<float> inverses, ReadOnlySpan<float> scale,
        ReadOnlySpan<float> offset, Span<float> normalized)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        ref float y = ref MemoryMarshal.GetReference(normalized);
        nint length = (nint)places * MapShape.Lanes;
        for (int c = 0; c < scale.Length; c++)
        {
            TVector factor = TSimd.Broadcast(scale[c]), addend = TSimd.Broadcast(offset[c]);
            for (int lane = 0; lane < MapShape.Lanes; lane += TSimd.Width)
            {
                nint of = (nint)c * MapShape.Lanes + lane, at = c * length + lane;
                TVector mean = TSimd.Load(ref MemoryMarshal.GetReference(means), of);
                TVector inverse = TSimd.Load(ref MemoryMarshal.GetReference(inverses), of);
                for (nint end = at + length; at < end; at += MapShape.Lanes)
                {
                    TVector unit = TSimd.Multiply(TSimd.Subtract(TSimd.Load(ref x, at), mean), inverse);
                    TSimd.Store(TSimd.FusedMultiplyAdd(unit, factor, addend), ref y, at);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void VectorisedGradient<TSimd, TVector>(
        int places, ReadOnlySpan<float> values, ReadOnlySpan<float> deltas, in NormalizationLanes group, ReadOnlySpan<float> scale,
        Span<float> gradient)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        ref float dy = ref MemoryMarshal.GetReference(deltas);
        ref float dx = ref MemoryMarshal.GetReference(gradient);
        nint length = (nint)places * MapShape.Lanes;
        for (int c = 0; c < scale.Length; c++)
        {
            TVector factor = TSimd.Broadcast(scale[c]);
            for (int lane = 0; lane < MapShape.Lanes; lane += TSimd.Width)
            {
                nint of = (nint)c * MapShape.Lanes + lane, at = c * length + lane;
                TVector mean = TSimd.Load(ref MemoryMarshal.GetReference(group.Means), of);
                TVector inverse = TSimd.Load(ref MemoryMarshal.GetReference(group.Inverses), of);
                TVector slope = TSimd.Load(ref MemoryMarshal.GetReference(group.Slopes), of);
                TVector shift = TSimd.Xor(
                    TSimd.Load(ref MemoryMarshal.GetReference(group.Shifts), of), TSimd.BroadcastBits(0x80000000));
                for (nint end = at + length; at < end; at += MapShape.Lanes)
                {
                    TVector shifted = TSimd.FusedMultiplyAdd(TSimd.Load(ref dy, at), factor, shift);
                    TVector unit = TSimd.Multiply(TSimd.Subtract(mean, TSimd.Load(ref x, at)), inverse);
                    TSimd.Store(TSimd.Multiply(inverse, TSimd.FusedMultiplyAdd(unit, slope, shifted)), ref dx, at);
                }
            }
        }
    }
}
