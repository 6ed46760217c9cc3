using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Kernels;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Losses;

/// <summary>
/// Cross-entropy of the softmax against the targets q of <see cref="TargetTables"/>, and its gradient. With m, sum and p of
/// <see cref="SoftmaxCrossEntropy"/>:
/// <code>
/// loss = Σ q[c] · (log(sum) - (z[c] - m)) = total · log(sum) + (peak · (m - z[label]) + Σ base[c] · (m - z[c]) in the order of c)
/// delta[c] = fma(total, p[c], -base[c]) - (c = label ? peak : 0)
/// </code>
/// The loss is in double precision and added in row order; the delta is in single precision. Rows are padded to a stride; the padding is
/// ignored and set to zero. An example counts as correct as without targets. NaN and infinity propagate as in IEEE 754.
/// </summary>
internal static class TargetedCrossEntropy
{
    /// <summary>Converts logits to deltas, in place, and adds the rows' loss to <paramref name="before"/>.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="logits">[rows, stride] logits, then deltas.</param>
    /// <param name="labels">[rows] classes.</param>
    /// <param name="targets">The targets, of as many classes as a row has logits.</param>
    /// <param name="stride">Distance of two rows, a multiple of 16.</param>
    /// <param name="before">Statistics of the rows before.</param>
    /// <exception cref="ArgumentException">An operand is shorter than its shape, or a label is not a class.</exception>
    public static NodeStatistics Run(
        SimdWidth width, Span<float> logits, ReadOnlySpan<byte> labels, TargetTables targets, int stride, NodeStatistics before = default)
    {
        int classes = targets.Base.Length;
        SoftmaxCrossEntropy.Check(logits, labels.Length, classes, stride);
        const int blockRows = SoftmaxCrossEntropy.BlockRows;
        Span<float> max = stackalloc float[blockRows], sums = stackalloc float[blockRows];
        Span<double> distances = stackalloc double[blockRows];
        Span<int> best = stackalloc int[blockRows];
        double lossSum = before.LossSum;
        long correct = before.Correct;
        for (int first = 0; first < labels.Length; first += blockRows)
        {
            ReadOnlySpan<byte> block = labels.Slice(first, Math.Min(blockRows, labels.Length - first));
            Span<float> rows = logits.Slice(first * stride, block.Length * stride);
            for (int e = 0; e < block.Length; e++)
            {
                if (block[e] >= classes)
                    throw new ArgumentException(
                        $"Example {first + e} has label {block[e]}; the model has {classes} classes.", nameof(labels));
                distances[e] = Distance(rows.Slice(e * stride, classes), block[e], targets);
            }

            SoftmaxCrossEntropy.SoftmaxBlock(width, rows, block.Length, classes, stride, best, max, sums);
            for (int e = 0; e < block.Length; e++)
            {
                int label = block[e];
                Span<float> row = rows.Slice(e * stride, stride);
                Deltas(width, row, targets.SingleBase, (float)targets.Total[label]);
                row[label] -= (float)targets.Peak[label];
                lossSum += targets.Total[label] * PortableMath.Log(sums[e]) + distances[e];
                correct += best[e] == label ? 1 : 0;
            }
        }

        return new NodeStatistics(lossSum, correct, before.Examples + labels.Length);
    }

    /// <summary>The part of a row's loss besides the logarithm: the logits' distances from the largest, by their targets.</summary>
    private static double Distance(ReadOnlySpan<float> logits, int label, TargetTables targets)
    {
        float max = logits[0];
        foreach (float logit in logits)
        {
            if (logit > max)
                max = logit;
        }

        double distance = targets.Peak[label] * ((double)max - logits[label]);
        if (!targets.IsSmoothed)
            return distance;
        double others = 0.0;
        for (int c = 0; c < logits.Length; c++)
            others += targets.Base[c] * ((double)max - logits[c]);
        return distance + others;
    }

    /// <summary>Converts a row of probabilities to <c>fma(total, p, -base)</c>.</summary>
    private static void Deltas(SimdWidth width, Span<float> row, ReadOnlySpan<float> bases, float total)
    {
        switch (width)
        {
            case SimdWidth.Bits512:
                Vectorised<Simd512, Vector512<float>>(row, bases, total);
                break;
            case SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>>(row, bases, total);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>>(row, bases, total);
                break;
            default:
                for (int c = 0; c < bases.Length; c++)
                    row[c] = MathF.FusedMultiplyAdd(total, row[c], 0f - bases[c]);
                break;
        }
    }

    private static void Vectorised<TSimd, TVector>(Span<float> row, ReadOnlySpan<float> bases, float total)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        ref float p = ref MemoryMarshal.GetReference(row);
        ref float q = ref MemoryMarshal.GetReference(bases);
        TVector factor = TSimd.Broadcast(total);
        for (nint c = 0; c < bases.Length; c += TSimd.Width)
        {
            TVector minusBase = TSimd.Subtract(TSimd.Zero, TSimd.Load(ref q, c));
            TSimd.Store(TSimd.FusedMultiplyAdd(factor, TSimd.Load(ref p, c), minusBase), ref p, c);
        }
    }
}
