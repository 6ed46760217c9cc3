using System.Runtime.InteropServices;
using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;
using Lockstep.Model.Tests.Training;

namespace Lockstep.Model.Tests.Kernels;

public class ActivationKernelTests
{
    private const double KeepProb = 0.7;

    private static readonly int[] Lengths = [0, 16, 48, 112, 272, 1040];

    // Sums from denormal to infinite, and around the places where a function changes its form.
    private static readonly float[] Special =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1e-38f, -1e-38f, 1e-20f, -1e-20f, 1e-4f, -1e-4f, 0.5f, -0.5f,
        0.625f, -0.625f, MathF.BitIncrement(0.625f), MathF.BitDecrement(0.625f), 1f, -1f, 9f, -9f, 17.4f, -17.4f, 43.6f, 43.7f, -43.7f,
        87.33f, -87.33f, 87.34f, -87.34f, 88.8f, -88.8f, 104f, -104f, 1e10f, -1e10f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, -float.NaN, 0f, 0f, 0f, 0f, 0f, 0f, 0f,
    ];

    public static TheoryData<Activation> All => [.. Enum.GetValues<Activation>()];

    [Theory]
    [MemberData(nameof(All))]
    public void ForwardAndBackward_EveryWidth_GiveTheBitsOfTheScalarReference(Activation activation)
    {
        foreach (int length in Lengths)
        {
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                foreach (float size in new[] { 1f, 30f, 1e4f })
                    Check($"{content} · {size}", [.. KernelCases.Values(length, content, 1).Select(value => value * size)], content);
            }
        }

        Check("special values", Special, KernelCases.Content.NonFinite);

        void Check(string what, float[] values, KernelCases.Content content)
        {
            float[] mask = [.. KernelCases.Values(
                values.Length, content, 2).Select(value => BitConverter.UInt32BitsToSingle(value > 0.3f ? uint.MaxValue : 0))];
            float[] gradients = KernelCases.Values(values.Length, content, 3);
            KernelCases.AssertEqualBits($"forward, {what}", (width, o) => Activations.Forward(width, activation, o[0].Span), values);
            KernelCases.AssertEqualBits(
                $"forward with dropout, {what}", (width, o) => Activations.Forward(width, activation, o[0].Span, Mask(o[1].Span), KeepProb), values, mask);
            KernelCases.AssertEqualBits(
                $"backward, {what}",
                (width, o) => Activations.Backward(width, activation, o[0].Span, o[1].Span), gradients,
                values);
            KernelCases.AssertEqualBits(
                $"backward with dropout, {what}",
                (width, o) => Activations.Backward(width, activation, o[0].Span, o[1].Span, Mask(o[2].Span), KeepProb),
                gradients, values, mask);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Forward_UnalignedMemory_GivesTheSameBits(Activation activation)
    {
        float[] values = KernelCases.Values(97, KernelCases.Content.Extreme, 1);
        KernelCases.AssertEqualBits(
            "one float off",
            (width, o) =>
            {
                Activations.Forward(width, activation, o[0].Span[1..], Mask(o[1].Span[1..]), KeepProb);
                Activations.Backward(width, activation, o[2].Span[1..], o[0].Span[1..], Mask(o[1].Span[1..]), KeepProb);
            },
            values, [.. values.Select(value => BitConverter.UInt32BitsToSingle(value > 0 ? uint.MaxValue : 0))],
            KernelCases.Values(97, KernelCases.Content.Extreme, 3));
    }

    [Theory]
    [InlineData(Activation.Linear)]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.LeakyRelu)]
    [InlineData(Activation.Gelu)]
    [InlineData(Activation.Silu)]
    public void Forward_NaN_StaysNaNUnlessDropped(Activation activation)
    {
        uint[] keep = [.. Enumerable.Range(0, 16).Select(i => i % 2 == 0 ? uint.MaxValue : 0)];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            float[] values = [.. Enumerable.Repeat(float.NaN, 16)];
            Activations.Forward(width, activation, values);
            Assert.All(values, value => Assert.True(float.IsNaN(value)));
            Activations.Forward(width, activation, values, keep, KeepProb);
            float[] gradients = [.. Enumerable.Repeat(float.NaN, 16)], ordinary = new float[16];
            Activations.Backward(width, activation, gradients, ordinary, keep, KeepProb);
            for (int i = 0; i < 16; i++)
            {
                Assert.Equal(i % 2 == 0, float.IsNaN(values[i]));
                Assert.Equal(i % 2 == 0, float.IsNaN(gradients[i]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ForwardAndBackward_AnyValue_LeaveNoNegativeZero(Activation activation)
    {
        uint[] keep = [.. Enumerable.Range(0, 48).Select(i => i % 3 == 0 ? 0 : uint.MaxValue)];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            foreach (float sign in new[] { 1f, -1f })
            {
                float[] activations =
                    [.. Special.Select(value => value == 0f && activation is Activation.Linear or Activation.Relu ? 0f : value * sign)];
                float[] gradients = [.. Special.Select(value => value == 0f ? 0f : sign * -1e-44f)];
                Activations.Forward(width, activation, activations, keep, KeepProb);
                AssertNoNegativeZero(activations);
                Activations.Backward(width, activation, gradients, activations, keep, KeepProb);
                AssertNoNegativeZero(gradients);
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Backward_InfiniteGradients_LeaveThePaddingZero(Activation activation)
    {
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            // The padding of sums is zero, that of sigmoid's activations is a half. 0 · infinity is NaN.
            var layout = new ParameterLayout(ModelSpec.Parse("4-17-2").WithHidden(dense => dense with { Activation = activation }));
            var context = new LayerContext(width, new MatrixPanels(), 0);
            var layer = new DenseLayer((DenseSpec)layout.Layers[0].Spec, layout.Layers[0].Parameters, 0, context);
            var below = new LayerOutput(new TensorShape(4), context);
            below.Begin(2);
            layer.Begin(2);
            float[] weights = new float[layout.Length],
                deltas = [.. Enumerable.Range(0, 64).Select(i => i % 32 < 17 ? float.PositiveInfinity : float.NaN)];
            layer.Forward(weights, below, [0, 2], isTraining: true);
            layer.Backward(weights, below, [0, 2], deltas, new float[layout.Length], default);
            for (int i = 0; i < 64; i++)
            {
                if (i % 32 >= 17)
                    Assert.Equal(0u, BitConverter.SingleToUInt32Bits(deltas[i]));
            }
        }
    }

    [Fact]
    public void Tanh_EveryBinade_IsWithinItsUlpsAndOdd()
    {
        double worst = WorstUlps(Tanh.Scalar, Math.Tanh, 0f, 20f);
        Assert.InRange(worst, 0.5, 1.51);
        for (float z = 1e-30f; z < 100f; z *= 1.37f)
            Assert.Equal(-Tanh.Scalar(z), Tanh.Scalar(-z));
    }

    [Fact]
    public void Tanh_SpecialArguments_HaveTheirLimits()
    {
        Assert.Equal(float.Epsilon, Tanh.Scalar(float.Epsilon));
        Assert.Equal(1e-20f, Tanh.Scalar(1e-20f));
        foreach (float large in new[] { 10f, 100f, float.MaxValue, float.PositiveInfinity })
            Assert.Equal((1f, -1f), (Tanh.Scalar(large), Tanh.Scalar(-large)));
        Assert.True(float.IsNaN(Tanh.Scalar(float.NaN)));
    }

    [Fact]
    public void Sigmoid_EveryBinade_IsWithinItsUlps()
    {
        Assert.InRange(WorstUlps(Sigmoid.Scalar, z => 1 / (1 + Math.Exp(-z)), 0f, 20f), 0.5, 2.41);
        Assert.InRange(WorstUlps(z => Sigmoid.Scalar(-z), z => 1 / (1 + Math.Exp(z)), 0f, 87.33f), 0.5, 2.41);
    }

    [Fact]
    public void Sigmoid_SpecialArguments_HaveTheirLimits()
    {
        Assert.Equal((0.5f, 0.5f), (Sigmoid.Scalar(0f), Sigmoid.Scalar(-0f)));
        foreach (float large in new[] { 88f, float.MaxValue, float.PositiveInfinity })
            Assert.Equal((1f, 0f), (Sigmoid.Scalar(large), Sigmoid.Scalar(-large)));
        Assert.True(float.IsNaN(Sigmoid.Scalar(float.NaN)));
    }

    [Fact]
    public void LeakyRelu_BelowZero_LeaksAHundredth()
    {
        Assert.Equal((3f, -0.03f), (LeakyRelu.Scalar(3f), LeakyRelu.Scalar(-3f)));
        Assert.Equal((1f, 0.01f, 0.01f), (LeakyRelu.ScalarSlope(3f), LeakyRelu.ScalarSlope(-0.03f), LeakyRelu.ScalarSlope(0f)));
    }

    [Fact]
    public void GeluAndSilu_EveryArgument_AreCloseToTheirDefinition()
    {
        for (float z = -12f; z < 12f; z += 0.001f)
        {
            double probability = ReferenceNorms.NormalProbability(z), sigmoid = 1 / (1 + Math.Exp(-z));
            double density = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
            Assert.Equal(z * probability, Gelu.Scalar(z), 1e-6 * Math.Max(1, Math.Abs(z)));
            Assert.Equal(probability + z * density, Gelu.ScalarSlope(z), 1e-6);
            Assert.Equal(z * sigmoid, Silu.Scalar(z), 1e-6 * Math.Max(1, Math.Abs(z)));
            Assert.Equal(sigmoid + z * sigmoid * (1 - sigmoid), Silu.ScalarSlope(z), 1e-6);
        }
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    public void Backward_SaturatedUnderAnyKeepProbability_HasNoSlopeOfTheWrongSign(Activation activation)
    {
        for (int keep = 1; keep <= 1000; keep++)
        {
            double keepProb = keep / 1000.0;
            float[] activations = [.. Enumerable.Repeat(100f, 16)], gradients = [.. Enumerable.Repeat(1f, 16)];
            uint[] all = [.. Enumerable.Repeat(uint.MaxValue, 16)];
            Activations.Forward(KernelDispatch.Width, activation, activations, all, keepProb);
            Activations.Backward(KernelDispatch.Width, activation, gradients, activations, all, keepProb);
            Assert.InRange(gradients[0] * keepProb, 0.0, 1e-6);
        }
    }

    [Fact]
    public void ForwardAndBackward_WrongLengths_AreRefused()
    {
        var values = new float[32];
        Assert.Throws<ArgumentException>(() => ActivationKernel.Forward<Tanh>(SimdWidth.Scalar, values.AsSpan(1), default, 1f));
        Assert.Throws<ArgumentException>(() => ActivationKernel.Forward<Tanh>(SimdWidth.Scalar, values, new uint[16], 1f));
        Assert.Throws<ArgumentException>(
            () => ActivationKernel.Backward<Tanh>(SimdWidth.Scalar, values, values.AsSpan(16), default, 1f, 1f));
        Assert.Throws<ArgumentException>(() => ActivationKernel.Backward<Tanh>(SimdWidth.Scalar, values, values, new uint[16], 1f, 1f));
    }

    private static Span<uint> Mask(Span<float> mask) => MemoryMarshal.Cast<float, uint>(mask);

    private static void AssertNoNegativeZero(float[] values) =>
        Assert.DoesNotContain(BitConverter.SingleToUInt32Bits(-0f), values.Select(BitConverter.SingleToUInt32Bits));

    /// <summary>Largest error in units of the last place, over 4,000 floats of every binade up to a bound.</summary>
    private static double WorstUlps(Func<float, float> function, Func<double, double> exact, float from, float to)
    {
        double worst = 0;
        for (int bits = BitConverter.SingleToInt32Bits(from) + 1; BitConverter.Int32BitsToSingle(bits) <= to; bits += 2089)
        {
            float z = BitConverter.Int32BitsToSingle(bits);
            double expected = exact(z);
            double ulp = MathF.BitIncrement((float)expected) - (float)expected;
            worst = Math.Max(worst, Math.Abs(function(z) - expected) / ulp);
        }

        return worst;
    }
}
