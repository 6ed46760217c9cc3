using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

public class ConvolutionTests
{
    /// <summary>Height, width and channels below; channels above; kernel, stride, padding.</summary>
    public static TheoryData<int, int, int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1, 1, 1, 0 },
        { 5, 4, 2, 3, 3, 1, 1 },
        { 6, 7, 3, 17, 2, 2, 0 },
        { 7, 5, 1, 8, 5, 1, 4 },
        { 8, 8, 2, 13, 3, 3, 2 },
        { 4, 9, 5, 6, 4, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Kernels_EveryForm_GiveTheBitsOfTheScalarReference(
        int height, int width, int below, int above, int kernel, int stride, int padding)
    {
        var shape = new ConvolutionShape(new MapShape(height, width, below), above, kernel, stride, padding);
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            string what = $"{height}x{width}x{below}, {above} filters {kernel} s{stride} p{padding}, {content}";
            float[] padded = KernelCases.Values(shape.Padded.BlockFloats, content, 1),
                weights = KernelCases.Values(shape.FilterWeights * shape.WeightStride, content, 2),
                biases = KernelCases.Values(shape.WeightStride, content, 3),
                deltas = KernelCases.Values(shape.Output.BlockFloats, content, 4),
                spread = KernelCases.Values(shape.Spread.BlockFloats, content, 5),
                filters = KernelCases.Values(above * kernel * kernel * shape.FilterStride, content, 6);
            KernelCases.AssertEqualBits(
                $"forward, {what}", (form, o) => Convolution.Forward(form, 16, shape, o[0].Span, o[1].Span, o[2].Span, o[3].Span), padded,
                weights, biases, new float[shape.Output.BlockFloats]);
            KernelCases.AssertEqualBits(
                $"gradient of the input, {what}", (form, o) => Convolution.InputGradient(form, 16, shape, o[0].Span, o[1].Span, o[2].Span),
                spread, filters, new float[shape.Input.BlockFloats]);
            KernelCases.AssertEqualBits(
                $"gradient of the weights, {what}", (form, o) => Convolution.WeightGradient(
                    form, 16, shape, o[0].Span, o[1].Span, 0, shape.FilterWeights, o[2].Span),
                padded, deltas, new float[weights.Length * MapShape.Lanes]);
            KernelCases.AssertEqualBits(
                $"gradient of the biases, {what}", (form, o) => Convolution.BiasGradient(form, 16, shape, o[0].Span, o[1].Span), deltas,
                new float[biases.Length * MapShape.Lanes]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    public void EveryKernel_FewerExamplesThanLanes_GivesTheirBits(int examples)
    {
        var shape = new ConvolutionShape(new MapShape(7, 6, 3), 9, 3, 1, 1);
        float[] padded = KernelCases.Values(shape.Padded.BlockFloats, KernelCases.Content.Extreme, 1),
            weights = KernelCases.Values(shape.FilterWeights * shape.WeightStride, KernelCases.Content.Extreme, 2),
            biases = KernelCases.Values(shape.WeightStride, KernelCases.Content.Extreme, 3),
            spread = KernelCases.Values(shape.Spread.BlockFloats, KernelCases.Content.Extreme, 4),
            filters = KernelCases.Values(9 * 9 * shape.FilterStride, KernelCases.Content.Extreme, 5),
            deltas = KernelCases.Values(shape.Output.BlockFloats, KernelCases.Content.Extreme, 6);
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            Check(shape.Output.BlockFloats, (n, to) => Convolution.Forward(width, n, shape, padded, weights, biases, to));
            Check(shape.Input.BlockFloats, (n, to) => Convolution.InputGradient(width, n, shape, spread, filters, to));
            Check(weights.Length * 16, (n, to) => Convolution.WeightGradient(width, n, shape, padded, deltas, 0, 27, to));
            Check(biases.Length * 16, (n, to) => Convolution.BiasGradient(width, n, shape, deltas, to));
        }

        void Check(int floats, Action<int, float[]> run)
        {
            float[] all = new float[floats], some = new float[floats];
            run(16, all);
            run(examples, some);
            Assert.Equal(OfLanes(all), OfLanes(some));
        }

        uint[] OfLanes(float[] values) => KernelCases.Canonical([.. values.Where((_, i) => i % 16 < examples)]);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_EveryValue_IsTheSumInTheOrderOfItsIndices(
        int height, int width, int below, int above, int kernel, int stride, int padding)
    {
        var shape = new ConvolutionShape(new MapShape(height, width, below), above, kernel, stride, padding);
        float[] input = KernelCases.Values(shape.Input.BlockFloats, KernelCases.Content.Ordinary, 1),
            weights = KernelCases.Values(shape.FilterWeights * shape.WeightStride, KernelCases.Content.Ordinary, 2),
            biases = KernelCases.Values(shape.WeightStride, KernelCases.Content.Ordinary, 3);
        float[] padded = new float[shape.Padded.BlockFloats], output = new float[shape.Output.BlockFloats];
        Convolution.Pad(input, shape.Input, padded, shape.Padded, padding);
        Convolution.Forward(KernelDispatch.Width, 16, shape, padded, weights, biases, output);

        for (int o = 0; o < output.Length; o++)
        {
            int lane = o % 16, x = o / 16 % shape.Output.Width, y = o / 16 / shape.Output.Width % shape.Output.Height,
                channel = o / shape.Output.ChannelFloats;
            float sum = biases[channel];
            for (int c = 0; c < below; c++)
            {
                for (int i = 0; i < kernel; i++)
                {
                    for (int j = 0; j < kernel; j++)
                    {
                        int row = y * stride + i - padding, column = x * stride + j - padding;
                        bool isInside = row >= 0 && row < height && column >= 0 && column < width;
                        float value = isInside ? input[((c * height + row) * width + column) * 16 + lane] : 0f;
                        sum = MathF.FusedMultiplyAdd(weights[((c * kernel + i) * kernel + j) * shape.WeightStride + channel], value, sum);
                    }
                }
            }

            Assert.Equal(BitConverter.SingleToUInt32Bits(sum + 0f), BitConverter.SingleToUInt32Bits(output[o]));
        }
    }

    [Theory]
    [InlineData(4, 4, 1, 2, 2)]
    [InlineData(5, 7, 3, 3, 2)]
    [InlineData(6, 5, 2, 2, 1)]
    [InlineData(3, 3, 1, 3, 3)]
    public void Pooling_EveryForm_GivesTheBitsOfTheScalarReference(int height, int width, int channels, int size, int stride)
    {
        foreach (bool isMaximum in new[] { true, false })
        {
            var shape = new PoolingShape(new MapShape(height, width, channels), size, stride, isMaximum);
            foreach (KernelCases.Content content in KernelCases.Contents)
            {
                string what = $"{height}x{width}x{channels}, {size} s{stride}, {isMaximum}, {content}";
                float[] input = KernelCases.Values(shape.Input.BlockFloats, content, 1),
                    deltas = KernelCases.Values(shape.Output.BlockFloats, content, 2);
                KernelCases.AssertEqualBits(
                    $"forward, {what}", (form, o) => Pooling.Forward(form, shape, o[0].Span, o[1].Span), input,
                    new float[shape.Output.BlockFloats]);
                KernelCases.AssertEqualBits(
                    $"backward, {what}", (form, o) => Pooling.Backward(form, shape, o[0].Span, o[1].Span, o[2].Span), input, deltas,
                    new float[shape.Input.BlockFloats]);
            }
        }
    }

    [Fact]
    public void Pooling_NaNInAWindow_IsNotHidden()
    {
        var shape = new PoolingShape(new MapShape(2, 2, 1), 2, 2, isMaximum: true);
        foreach (SimdWidth form in KernelDispatch.Available)
        {
            for (int place = 0; place < 4; place++)
            {
                float[] input = [.. Enumerable.Range(0, 64).Select(i => i / 16 == place ? float.NaN : i)], output = new float[16];
                Pooling.Forward(form, shape, input, output);
                Assert.All(output, value => Assert.Equal(float.NaN, value));
            }
        }
    }

    [Fact]
    public void Pooling_EqualValues_GiveTheGradientToTheFirst()
    {
        var shape = new PoolingShape(new MapShape(2, 2, 1), 2, 2, isMaximum: true);
        float[] gradient = new float[64];
        Pooling.Backward(KernelDispatch.Width, shape, new float[64], [.. Enumerable.Repeat(3f, 16)], gradient);
        Assert.Equal([.. Enumerable.Repeat(3f, 16), .. Enumerable.Repeat(0f, 48)], gradient);
    }
}
