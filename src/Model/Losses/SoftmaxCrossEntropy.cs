using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Kernels;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Losses;

/// <summary>
/// Softmax, cross-entropy and their gradient, stable for logits of any size.
/// <code>
/// m = max z[c]   e[c] = exp(z[c] - m)   sum = Σ e[c] in the order of c   p[c] = e[c] / sum
/// loss = log(sum) - (z[label] - m)      delta[c] = p[c] - (c = label ? 1 : 0)
/// </code>
/// Rows are padded to a stride; the padding is ignored and set to zero. Losses are added in double precision in row order.
/// An example counts as correct if the first of its largest logits is that of its label.
/// <para>
/// The vector form transposes a block of rows, so that lanes hold rows: each passes through its classes in order, without branches.
/// </para>
/// </summary>
internal static class SoftmaxCrossEntropy
{
    /// <summary>Rows of a block: those of the widest vector.</summary>
    internal const int BlockRows = 16;

    /// <summary>Converts logits to deltas, in place, and adds the rows' loss to <paramref name="before"/>.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="logits">[rows, stride] logits, then deltas.</param>
    /// <param name="labels">[rows] classes.</param>
    /// <param name="classes">Classes, at most the stride.</param>
    /// <param name="stride">Distance of two rows, a multiple of 16.</param>
    /// <param name="before">Statistics of the rows before.</param>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or a label is not a class.</exception>
    public static NodeStatistics Run(
        SimdWidth width, Span<float> logits, ReadOnlySpan<byte> labels, int classes, int stride, NodeStatistics before = default)
    {
        Check(logits, labels.Length, classes, stride);
        Span<float> max = stackalloc float[BlockRows], sums = stackalloc float[BlockRows], labelLogits = stackalloc float[BlockRows];
        Span<int> best = stackalloc int[BlockRows];
        double lossSum = before.LossSum;
        long correct = before.Correct;
        for (int first = 0; first < labels.Length; first += BlockRows)
        {
            ReadOnlySpan<byte> block = labels.Slice(first, Math.Min(BlockRows, labels.Length - first));
            Span<float> rows = logits.Slice(first * stride, block.Length * stride);
            for (int e = 0; e < block.Length; e++)
            {
                if (block[e] >= classes)
                    throw new ArgumentException(
                        $"Example {first + e} has label {block[e]}; the model has {classes} classes.", nameof(labels));
                labelLogits[e] = rows[e * stride + block[e]];
            }

            SoftmaxBlock(width, rows, block.Length, classes, stride, best, max, sums);
            for (int e = 0; e < block.Length; e++)
            {
                rows[e * stride + block[e]] -= 1f;
                lossSum += PortableMath.Log(sums[e]) - ((double)labelLogits[e] - max[e]);
                correct += best[e] == block[e] ? 1 : 0;
            }
        }

        return new NodeStatistics(lossSum, correct, before.Examples + labels.Length);
    }

    /// <summary>Converts logits to probabilities, in place.</summary>
    /// <exception cref="ArgumentException">The logits are shorter than their shape.</exception>
    public static void Softmax(SimdWidth width, Span<float> logits, int rows, int classes, int stride)
    {
        Check(logits, rows, classes, stride);
        Span<float> max = stackalloc float[BlockRows], sums = stackalloc float[BlockRows];
        Span<int> best = stackalloc int[BlockRows];
        for (int first = 0; first < rows; first += BlockRows)
        {
            int count = Math.Min(BlockRows, rows - first);
            SoftmaxBlock(width, logits.Slice(first * stride, count * stride), count, classes, stride, best, max, sums);
        }
    }

    /// <exception cref="ArgumentException">The logits are shorter than their shape.</exception>
    internal static void Check(ReadOnlySpan<float> logits, int rows, int classes, int stride)
    {
        if (stride % 16 != 0 || classes < 1 || classes > stride || logits.Length < (long)rows * stride)
            throw new ArgumentException(
                $"{logits.Length} logits for {rows} rows of {classes} classes with stride {stride}.", nameof(logits));
    }

    /// <summary>
    /// Converts the logits of up to <see cref="BlockRows"/> rows to probabilities; returns each row's first largest class, its logit, and
    /// the sum.
    /// </summary>
    internal static void SoftmaxBlock(
        SimdWidth width, Span<float> rows, int count, int classes, int stride, Span<int> best, Span<float> max, Span<float> sums)
    {
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(rows, count, classes, stride, best, max, sums);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(rows, count, classes, stride, best, max, sums);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(rows, count, classes, stride, best, max, sums);
                break;
            default:
                for (int e = 0; e < count; e++)
                    (best[e], max[e], sums[e]) = Scalar(rows.Slice(e * stride, stride), classes);
                break;
        }
    }

    private static (int Best, float Max, float Sum) Scalar(Span<float> row, int classes)
    {
        int best = 0;
        float max = row[0];
        for (int c = 1; c < classes; c++)
        {
            if (row[c] > max)
                (best, max) = (c, row[c]);
        }

        float sum = 0f;
        for (int c = 0; c < classes; c++)
        {
            row[c] = Exponential.Scalar(row[c] - max);
            sum += row[c];
        }

        for (int c = 0; c < classes; c++)
            row[c] /= sum;
        row[classes..].Clear();
        return (best, max, sum);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector>(
        Span<float> rows, int count, int classes, int stride, Span<int> best, Span<float> max, Span<float> sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint width = TSimd.Width;
        Span<float> columns = stackalloc float[classes * TSimd.Width];
        ref float transposed = ref MemoryMarshal.GetReference(columns);
        for (int first = 0; first < count; first += TSimd.Width)
        {
            int lanes = Math.Min(TSimd.Width, count - first);
            ref float row = ref rows[first * stride];
            if (lanes < TSimd.Width)
                columns.Clear();
            for (nint e = 0; e < lanes; e++)
            {
                for (nint c = 0; c < classes; c++)
                    Unsafe.Add(ref transposed, c * width + e) = Unsafe.Add(ref row, e * stride + c);
            }

            TVector largest = TSimd.Load(ref transposed, 0), index = TSimd.Zero;
            for (nint c = 1; c < classes; c++)
            {
                TVector z = TSimd.Load(ref transposed, c * width), isLarger = TSimd.GreaterThan(z, largest);
                largest = Lanes.Select<TSimd, TVector>(isLarger, z, largest);
                index = Lanes.Select<TSimd, TVector>(isLarger, TSimd.BroadcastBits((uint)c), index);
            }

            TVector sum = TSimd.Zero;
            for (nint c = 0; c < classes; c++)
            {
                TVector e = Exponential.Vector<TSimd, TVector>(TSimd.Subtract(TSimd.Load(ref transposed, c * width), largest));
                sum = TSimd.Add(sum, e);
                TSimd.Store(e, ref transposed, c * width);
            }

            for (nint c = 0; c < classes; c++)
                TSimd.Store(TSimd.Divide(TSimd.Load(ref transposed, c * width), sum), ref transposed, c * width);
            for (nint e = 0; e < lanes; e++)
            {
                for (nint c = 0; c < classes; c++)
                    Unsafe.Add(ref row, e * stride + c) = Unsafe.Add(ref transposed, c * width + e);
                for (nint c = classes; c < stride; c++)
                    Unsafe.Add(ref row, e * stride + c) = 0f;
            }

            TSimd.Store(index, ref Unsafe.As<int, float>(ref best[first]), 0);
            TSimd.Store(largest, ref max[first], 0);
            TSimd.Store(sum, ref sums[first], 0);
        }
    }
}
