using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Reduction;

namespace Lockstep.Model.Kernels;

/// <summary>
/// Softmax, cross-entropy and their gradient, stable for logits of any size.
/// <code>
/// m = max z[c]   e[c] = exp(z[c] - m)   sum = Σ e[c] in the order of c   p[c] = e[c] / sum
/// loss = log(sum) - (z[label] - m)      delta[c] = p[c] - (c = label ? 1 : 0)
/// </code>
/// Rows are padded to a stride; the padding takes no part and comes out as zero. Losses are added in double precision in the order of the rows.
/// An example counts as correct if the first of its largest logits is that of its label.
/// </summary>
internal static class SoftmaxCrossEntropy
{
    /// <summary>Turns logits into deltas, in place, and adds the rows' loss to <paramref name="before"/>.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="logits">[rows, stride] logits, then deltas.</param>
    /// <param name="labels">[rows] classes.</param>
    /// <param name="classes">Classes, at most the stride.</param>
    /// <param name="stride">Distance of two rows, a multiple of 16.</param>
    /// <param name="before">What the rows before have given.</param>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or a label is not a class.</exception>
    public static NodeStatistics Run(
        SimdWidth width, Span<float> logits, ReadOnlySpan<byte> labels, int classes, int stride, NodeStatistics before = default)
    {
        Check(logits, labels.Length, classes, stride);
        double lossSum = before.LossSum;
        int correct = before.Correct;
        for (int e = 0; e < labels.Length; e++)
        {
            int label = labels[e];
            if (label >= classes)
                throw new ArgumentException($"Example {e} has label {label}; the model has {classes} classes.", nameof(labels));
            Span<float> row = logits.Slice(e * stride, stride);
            float labelLogit = row[label];
            (int best, float max, float sum) = SoftmaxRow(width, row, classes);
            row[label] -= 1f;
            lossSum += PortableMath.Log(sum) - ((double)labelLogit - max);
            correct += best == label ? 1 : 0;
        }

        return new NodeStatistics(lossSum, correct, before.Examples + labels.Length);
    }

    /// <summary>Turns logits into probabilities, in place.</summary>
    /// <exception cref="ArgumentException">The logits are fewer than their shape.</exception>
    public static void Softmax(SimdWidth width, Span<float> logits, int rows, int classes, int stride)
    {
        Check(logits, rows, classes, stride);
        for (int e = 0; e < rows; e++)
            SoftmaxRow(width, logits.Slice(e * stride, stride), classes);
    }

    private static void Check(ReadOnlySpan<float> logits, int rows, int classes, int stride)
    {
        if (stride % 16 != 0 || classes < 1 || classes > stride || logits.Length < (long)rows * stride)
            throw new ArgumentException($"{logits.Length} logits for {rows} rows of {classes} classes with stride {stride}.", nameof(logits));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Best, float Max, float Sum) SoftmaxRow(SimdWidth width, Span<float> row, int classes)
    {
        int best = 0;
        float max = row[0];
        for (int c = 1; c < classes; c++)
        {
            if (row[c] > max)
                (best, max) = (c, row[c]);
        }

        float sum = width switch
        {
            SimdWidth.Bits512 => Vectorised<Simd512, Vector512<float>>(row, max, classes),
            SimdWidth.Bits256 => Vectorised<Simd256, Vector256<float>>(row, max, classes),
            SimdWidth.Bits128 => Vectorised<Simd128, Vector128<float>>(row, max, classes),
            _ => Scalar(row, max, classes),
        };
        row[classes..].Clear();
        return (best, max, sum);
    }

    private static float Scalar(Span<float> row, float max, int classes)
    {
        float sum = 0f;
        for (int c = 0; c < classes; c++)
        {
            row[c] = Exponential.Scalar(row[c] - max);
            sum += row[c];
        }

        for (int c = 0; c < classes; c++)
            row[c] /= sum;
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Vectorised<TSimd, TVector>(Span<float> row, float max, int classes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float value = ref MemoryMarshal.GetReference(row);
        TVector shift = TSimd.Broadcast(max);
        for (nint c = 0; c < classes; c += TSimd.Width)
            TSimd.Store(Exponential.Vector<TSimd, TVector>(TSimd.Subtract(TSimd.Load(ref value, c), shift)), ref value, c);

        float sum = 0f;
        for (int c = 0; c < classes; c++)
            sum += Unsafe.Add(ref value, c);

        TVector divisor = TSimd.Broadcast(sum);
        for (nint c = 0; c < classes; c += TSimd.Width)
            TSimd.Store(TSimd.Divide(TSimd.Load(ref value, c), divisor), ref value, c);
        return sum;
    }
}
