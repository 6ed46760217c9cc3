using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Model.Losses;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Random;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Kernels;

public class ElementwiseKernelTests
{
    private static readonly int[] Lengths = [0, 16, 32, 48, 112, 256, 272];

    [Fact]
    public void Relu_EveryWidth_GivesTheBitsOfTheScalarReference()
    {
        foreach (int length in Lengths)
        {
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                float[] values = KernelCases.Values(length, content, 1);
                float[] mask = [.. KernelCases.Values(length, content, 2).Select(
                    value => BitConverter.UInt32BitsToSingle(value > 0.3f ? uint.MaxValue : 0))];
                KernelCases.AssertEqualBits($"no dropout, {content}", (width, o) => Relu.Forward(width, o[0].Span, default, 1f), values);
                KernelCases.AssertEqualBits(
                    $"dropout, {content}", (width, o) => Relu.Forward(width, o[0].Span, MemoryMarshal.Cast<float, uint>(o[1].Span), 1.25f),
                    values, mask);
                KernelCases.AssertEqualBits(
                    $"backward, {content}", (width, o) => Relu.Backward(width, o[0].Span, o[1].Span, 1.25f), values,
                    KernelCases.Values(length, content, 3));
            }
        }
    }

    [Fact]
    public void Relu_NotGreaterThanZero_GivesPositiveZero()
    {
        float[] z = [-1f, -0f, 0f, float.MinValue, float.NegativeInfinity, -float.Epsilon, float.Epsilon, 2f, float.PositiveInfinity, 1f, 1f, 1f, 1f, 1f, 1f, 1f];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            float[] a = [.. z];
            Relu.Forward(width, a, default, 1f);
            Assert.All(a[..6], value => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(value)));
            Assert.Equal(z[6..], a[6..]);

            // A dropped unit is zero even where its sum is infinite.
            float[] dropped = [.. z];
            Relu.Forward(width, dropped, new uint[16], 2f);
            Assert.All(dropped, value => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(value)));
        }
    }

    [Fact]
    public void Relu_NaN_GoesThroughUnlessDropped()
    {
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            float[] a = [.. Enumerable.Repeat(float.NaN, 16)], dropped = [.. a], dz = [.. Enumerable.Repeat(3f, 16)];
            Relu.Forward(width, a, default, 1f);
            Assert.All(a, value => Assert.True(float.IsNaN(value)));
            uint[] keep = [.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? uint.MaxValue : 0)];
            Relu.Forward(width, dropped, keep, 2f);
            Relu.Backward(width, dz, dropped, 2f);
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal(i % 2 == 0, float.IsNaN(dropped[i]));
                Assert.Equal(i % 2 == 0 ? 6f : 0f, dz[i]);
            }
        }
    }

    [Fact]
    public void SgdStep_OneWeightBecomesNotFinite_IsReported()
    {
        var factors = new SgdFactors(1f, 0f, 0.9f, 0.1f);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            Assert.True(SgdStep.Run(width, Constant(1f), default, Constant(1f), Constant(1f), new float[48], factors));
            foreach (float wrong in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                for (int i = 0; i < 48; i++)
                {
                    float[] sums = Constant(1f), weights = Constant(1f), velocity = Constant(1f);
                    (i % 3 == 0 ? sums : i % 3 == 1 ? weights : velocity)[i] = wrong;
                    Assert.False(SgdStep.Run(width, sums, default, weights, velocity, new float[48], factors), $"{width}: {wrong} at {i}");
                }
            }

            // Two finite sums overflow together.
            Assert.False(
                SgdStep.Run(width, Constant(float.MaxValue), Constant(float.MaxValue), Constant(1f), default, new float[48], factors));
        }

        static float[] Constant(float value) => [.. Enumerable.Repeat(value, 48)];
    }

    [Fact]
    public void DropoutMask_EveryWidth_GivesTheBitsOfTheScalarReference()
    {
        foreach (int stride in new[] { 16, 48, 112, 128, 144, 400 })
        {
            foreach (uint threshold in new uint[] { 1, 32768, 52429, 65535, 65536 })
            {
                KernelCases.AssertEqualBits(
                    $"stride {stride}, threshold {threshold}",
                    (width, o) =>
                    {
                        Span<uint> keep = MemoryMarshal.Cast<float, uint>(o[0].Span);
                        DropoutMask.Fill(width, keep, stride, threshold, 0xFEDCBA98_76543210, 77, 2, 1000);

                        // As ones: all bits set are a NaN, and all NaN count as equal.
                        foreach (ref uint mask in keep)
                            mask &= 1;
                    },
                    new float[5 * stride]);
            }
        }
    }

    [Fact]
    public void SgdStep_EveryWidth_GivesTheBitsOfTheScalarReference()
    {
        foreach (int length in Lengths)
        {
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                foreach (float l2 in new[] { 0f, 1e-3f })
                {
                    var factors = new SgdFactors(1f / 37, l2, 0.9f, 0.1f);
                    float[] sums = KernelCases.Values(length, content, 1), weights = KernelCases.Values(length, content, 2),
                    velocity = KernelCases.Values(length, content, 3);
                    KernelCases.AssertEqualBits(
                        $"momentum, {content}",
                        (width, o) => SgdStep.Run(width, o[0].Span, default, o[1].Span, o[2].Span, o[3].Span, factors), sums, weights,
                        velocity, new float[length]);
                    KernelCases.AssertEqualBits(
                        $"Nesterov, {content}",
                        (width, o) => SgdStep.Run(
                            width, o[0].Span, o[3].Span, o[1].Span, o[2].Span, o[1].Span, factors with { IsNesterov = true }),
                        sums, weights, velocity, KernelCases.Values(length, content, 4));
                    KernelCases.AssertEqualBits(
                        $"in place, {content}",
                        (width, o) => SgdStep.Run(width, o[0].Span, default, o[1].Span, default, o[1].Span, factors), sums, weights);
                    KernelCases.AssertEqualBits(
                        $"two sums, {content}",
                        (width, o) => SgdStep.Run(width, o[0].Span, o[3].Span, o[1].Span, o[2].Span, o[1].Span, factors),
                        sums, weights, velocity, KernelCases.Values(length, content, 4));
                }
            }
        }
    }

    [Fact]
    public void AdamWStep_EveryWidth_GivesTheBitsOfTheScalarReference()
    {
        foreach (int length in Lengths)
        {
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                foreach (float l2 in new[] { 0f, 1e-3f })
                {
                    AdamWFactors factors = AdamWFactors.Of(new AdamWSpec { LearningRate = 0.1 }, 1f / 37, step: 5, l2, 0.1, decays: true);
                    float[] sums = KernelCases.Values(length, content, 1), weights = KernelCases.Values(length, content, 2),
                    means = KernelCases.Values(length, content, 3);
                    float[] squares = [.. KernelCases.Values(length, content, 4).Select(MathF.Abs)];
                    KernelCases.AssertEqualBits(
                        $"in place, {content}",
                        (width, o) => AdamWStep.Run(width, o[0].Span, default, o[1].Span, o[2].Span, o[3].Span, o[1].Span, factors), sums,
                        weights, means, squares);
                    KernelCases.AssertEqualBits(
                        $"two sums, {content}",
                        (width, o) => AdamWStep.Run(width, o[0].Span, o[4].Span, o[1].Span, o[2].Span, o[3].Span, o[5].Span, factors),
                        sums, weights, means, squares, KernelCases.Values(length, content, 5), new float[length]);
                }
            }
        }
    }

    [Fact]
    public void AdamWStep_OneValueThatIsNotFinite_IsReported()
    {
        AdamWFactors factors = AdamWFactors.Of(new AdamWSpec { LearningRate = 0.1 }, 1f, step: 0, 0.0, 0.1, decays: true);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            bool Run(float[] sums, float[] weights, float[] means, float[] squares) =>
                AdamWStep.Run(width, sums, default, weights, means, squares, new float[48], factors);
            Assert.True(Run(Constant(1f), Constant(1f), Constant(1f), Constant(1f)));
            for (int i = 0; i < 48; i++)
            {
                float[][] operands = [Constant(1f), Constant(1f), Constant(1f), Constant(1f)];
                operands[i % 4][i] = i % 3 == 0 ? float.NaN : float.PositiveInfinity;
                Assert.False(Run(operands[0], operands[1], operands[2], operands[3]), $"{width}: operand {i % 4} at {i}");
            }

            // The square overflows; the weight would not show it.
            Assert.False(Run(Constant(1e25f), Constant(1f), Constant(0f), Constant(0f)));
        }

        static float[] Constant(float value) => [.. Enumerable.Repeat(value, 48)];
    }

    [Fact]
    public void SquaredNorm_EveryWidth_GivesTheBitsOfTheScalarReference()
    {
        foreach (int length in Lengths)
        {
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                float[] sums = KernelCases.Values(length, content, 1), addends = KernelCases.Values(length, content, 2);
                double one = SquaredNorm.Run(SimdWidth.Scalar, sums, default), two = SquaredNorm.Run(SimdWidth.Scalar, sums, addends);
                KernelCases.AssertEqualBits(
                    $"{length} values, {content}",
                    (width, o) =>
                    {
                        Assert.Equal(one, SquaredNorm.Run(width, o[0].Span, default));
                        Assert.Equal(two, SquaredNorm.Run(width, o[0].Span, o[1].Span));
                    },
                    sums, addends);
                if (content != KernelCases.Content.NonFinite)
                    Assert.Equal(sums.Sum(value => (double)value * value), one, 1e-12 * (1 + one));
            }
        }

        // The largest of squares fits.
        Assert.Equal(16.0 * float.MaxValue * float.MaxValue, SquaredNorm.Run(KernelDispatch.Width, Filled(float.MaxValue), default));
        Assert.Throws<ArgumentException>(() => SquaredNorm.Run(SimdWidth.Scalar, new float[17], default));
        Assert.Throws<ArgumentException>(() => SquaredNorm.Run(SimdWidth.Scalar, new float[32], new float[16]));

        static float[] Filled(float value) => [.. Enumerable.Repeat(value, 16)];
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    public void TargetedCrossEntropy_EveryWidth_GivesTheBitsOfTheScalarReference(double smoothing)
    {
        foreach (int classes in new[] { 2, 3, 10, 16, 17, 256 })
        {
            int stride = (classes + 15) & -16;
            byte[] labels = [.. Enumerable.Range(0, 37).Select(row => (byte)(row * 31 % classes))];
            var targets = new TargetTables(smoothing, [.. Enumerable.Range(0, classes).Select(c => c % 4 / 3.0)], classes);
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                foreach (float scale in new[] { 1f, 30f, 1e4f })
                {
                    float[] logits = [.. KernelCases.Values(37 * stride, content, 1).Select(value => value * scale)];
                    float[] deltas = [.. logits];
                    NodeStatistics expected = TargetedCrossEntropy.Run(SimdWidth.Scalar, deltas, labels, targets, stride);
                    for (int i = 0; i < deltas.Length; i++)
                        Assert.True(i % stride < classes || BitConverter.SingleToUInt32Bits(deltas[i]) == 0, $"padding {i} is {deltas[i]}");
                    KernelCases.AssertEqualBits(
                        $"{classes} classes, {content}",
                        (width, o) => Assert.Equal(expected, TargetedCrossEntropy.Run(width, o[0].Span, labels, targets, stride)), logits);
                }
            }
        }
    }

    /// <summary>Weights of one and no smoothing: the targets are the labels.</summary>
    [Fact]
    public void TargetedCrossEntropy_TargetsAreTheLabels_GivesTheBitsOfTheLossWithoutTargets()
    {
        float[] logits = [.. KernelCases.Values(7 * 16, KernelCases.Content.Ordinary, 1).Select(value => value * 9f)], plain = [.. logits];
        byte[] labels = [0, 9, 3, 3, 5, 1, 8];
        NodeStatistics expected = SoftmaxCrossEntropy.Run(KernelDispatch.Width, plain, labels, 10, 16);
        NodeStatistics actual = TargetedCrossEntropy.Run(KernelDispatch.Width, logits, labels, new TargetTables(0.0, [], 10), 16);
        Assert.Equal(plain, logits);
        Assert.Equal(expected.LossSum, actual.LossSum, 1e-12);
        Assert.Equal((expected.Correct, expected.Examples), (actual.Correct, actual.Examples));
    }

    [Fact]
    public void TargetedCrossEntropy_WrongOperands_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new TargetTables(0.1, [1.0, 2.0], 3));
        var error = Assert.Throws<ArgumentException>(
            () => TargetedCrossEntropy.Run(SimdWidth.Scalar, new float[16], [3], new TargetTables(0.1, [], 3), 16));
        Assert.Contains("label 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(37)]
    public void SoftmaxCrossEntropy_EveryWidth_GivesTheBitsOfTheScalarReference(int rows)
    {
        foreach (int classes in new[] { 1, 2, 3, 10, 16, 17, 100, 256 })
        {
            int stride = (classes + 15) & -16;
            byte[] labels = [.. Enumerable.Range(0, rows).Select(row => (byte)(row * 31 % classes))];
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                foreach (float scale in new[] { 1f, 30f, 1e4f })
                {
                    float[] logits = [.. KernelCases.Values(rows * stride, content, 1).Select(value => value * scale)];
                    NodeStatistics expected = SoftmaxCrossEntropy.Run(SimdWidth.Scalar, [.. logits], labels, classes, stride);
                    KernelCases.AssertEqualBits(
                        $"{classes} classes, {content}",
                        (width, o) => Assert.Equal(expected, SoftmaxCrossEntropy.Run(width, o[0].Span, labels, classes, stride)), logits);
                    KernelCases.AssertEqualBits(
                        $"softmax of {classes}, {content}",
                        (width, o) => SoftmaxCrossEntropy.Softmax(width, o[0].Span, rows, classes, stride), logits);
                }
            }
        }
    }

    [Fact]
    public void SoftmaxCrossEntropy_HugeLogits_StaysFinite()
    {
        var logits = new float[16];
        (logits[0], logits[1], logits[2]) = (1e30f, -1e30f, 1e30f);
        NodeStatistics statistics = SoftmaxCrossEntropy.Run(KernelDispatch.Width, logits, [1], 3, 16);
        Assert.Equal(new[] { 0.5f, -1f, 0.5f }, logits[..3]);
        Assert.All(logits[3..], value => Assert.Equal(0f, value));
        Assert.Equal(2e30, statistics.LossSum, 1e24);
        Assert.Equal((0, 1), (statistics.Correct, statistics.Examples));
    }

    [Fact]
    public void SoftmaxCrossEntropy_NaNLogit_MakesTheLossNaN()
    {
        foreach (int place in new[] { 0, 1, 2 })
        {
            var logits = new float[16];
            logits[place] = float.NaN;
            Assert.True(double.IsNaN(SoftmaxCrossEntropy.Run(KernelDispatch.Width, logits, [1], 3, 16).LossSum));
        }
    }

    [Fact]
    public void SoftmaxCrossEntropy_TiedLogits_CountsTheFirstAsTheAnswer()
    {
        Assert.Equal(1, SoftmaxCrossEntropy.Run(KernelDispatch.Width, new float[16], [0], 10, 16).Correct);
        Assert.Equal(0, SoftmaxCrossEntropy.Run(KernelDispatch.Width, new float[16], [1], 10, 16).Correct);
    }

    [Fact]
    public void SoftmaxCrossEntropy_LabelOutsideTheClasses_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => SoftmaxCrossEntropy.Run(SimdWidth.Scalar, new float[16], [10], 10, 16));
        Assert.Contains("label 10", error.Message, StringComparison.Ordinal);
    }
}
