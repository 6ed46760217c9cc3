using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Random;

namespace Lockstep.Model.Tests.Kernels;

public class PixelKernelTests
{
    private const int Pixels = 23;

    public static TheoryData<int, int, double> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, double>();
            foreach (int stride in new[] { 16, 48, 112, 144, 272 })
            {
                foreach (int examples in new[] { 1, 2, 7, 20, PixelColumns.ChunkRows + 5 })
                {
                    data.Add(stride, examples, 0.2);
                    data.Add(stride, examples, 1.0);
                }

                data.Add(stride, 3, 0.0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_EveryWidth_GivesTheBitsOfTheScalarReference(int stride, int examples, double density)
    {
        PixelColumns columns = Columns(Images(examples, density), [.. Enumerable.Range(0, examples).Reverse()]);
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            KernelCases.AssertEqualBits(
                $"{content}",
                (width, o) => PixelForward.Run(width, columns, o[0].Span, o[1].Span, o[2].Span, stride),
                KernelCases.Values(Pixels * stride, content, 1), KernelCases.Values(stride, content, 2), new float[examples * stride]);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradient_EveryWidth_GivesTheBitsOfTheScalarReference(int stride, int examples, double density)
    {
        PixelColumns columns = Columns(Images(examples, density), [.. Enumerable.Range(0, examples)]);
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            foreach (int shards in new[] { 1, 2, 3, 5, 8, 17, 64 })
            {
                int[] bounds = [.. Enumerable.Range(0, shards + 1).Select(s => s * examples / shards)];
                KernelCases.AssertEqualBits(
                    $"{shards} shards, {content}",
                    (width, o) => PixelGradient.Run(width, columns, bounds, o[0].Span, o[1].Span, stride),
                    KernelCases.Values(examples * stride, content, 1), KernelCases.Values(Pixels * stride, KernelCases.Content.NonFinite, 2));
            }
        }
    }

    [Fact]
    public void Columns_AnyBatch_HoldEveryPairOfTheBatchInOrderAndByChunks()
    {
        ImageSet images = Images(2 * PixelColumns.ChunkRows + 40, 0.3);
        var columns = new PixelColumns(Pixels);
        foreach (int[] batch in new[] { [5, 3, 17, 39], [0], Enumerable.Range(0, images.Count).Reverse().ToArray(), [] })
        {
            columns.Build(new PixelBatch(images, batch));
            var dense = new byte[Pixels + 1];
            for (int q = 0; q < columns.Pairs; q++)
            {
                var expected = new List<(int, float, float)>();
                for (int e = 0; e < batch.Length; e++)
                {
                    images.CopyPixels(batch[e], dense);
                    if ((dense[2 * q], dense[2 * q + 1]) != (0, 0))
                        expected.Add((e, (float)(dense[2 * q] / 255.0), (float)(dense[2 * q + 1] / 255.0)));
                }

                var actual = new List<(int, float, float)>();
                for (int chunk = 0; chunk < columns.Chunks; chunk++)
                {
                    foreach (PairEntry entry in columns.Entries[columns.Starts(chunk)[q]..columns.Starts(chunk + 1)[q]])
                    {
                        Assert.Equal(chunk, entry.Row / PixelColumns.ChunkRows);
                        actual.Add((entry.Row, entry.Even, entry.Odd));
                    }
                }

                Assert.Equal(expected, actual);
            }
        }
    }

    [Fact]
    public void Forward_WeightsOfPairsThatAreZero_AreNotRead()
    {
        ImageSet images = ImageSet.FromDense([0, 0, 0, 255, 0], [0], 1, 5);
        float[] weights = new float[5 * 16], z = new float[16];
        Array.Fill(weights, float.NaN);
        weights.AsSpan(2 * 16, 2 * 16).Fill(2f);
        var columns = new PixelColumns(5);
        columns.Build(new PixelBatch(images, [0]));
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            PixelForward.Run(width, columns, weights, new float[16], z, 16);
            Assert.All(z, value => Assert.Equal(2f, value));
        }
    }

    [Fact]
    public void Batch_ExampleOutsideTheSet_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelBatch(Images(3, 0.5), [0, 3]).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelBatch(Images(3, 0.5), [-1]).Count);
    }

    private static PixelColumns Columns(ImageSet images, int[] batch)
    {
        var columns = new PixelColumns(Pixels);
        columns.Build(new PixelBatch(images, batch));
        return columns;
    }

    private static ImageSet Images(int count, double density)
    {
        var pixels = new byte[count * Pixels];
        for (int i = 0; i < pixels.Length; i++)
        {
            var words = Philox4x32.Block((uint)i, 0, 0, 0, 5);
            pixels[i] = words[0] < density * uint.MaxValue ? (byte)(1 + words[1] % 255) : (byte)0;
        }

        return ImageSet.FromDense(pixels, new byte[count], 1, Pixels);
    }
}
