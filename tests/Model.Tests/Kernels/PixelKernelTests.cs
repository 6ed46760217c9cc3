using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Random;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Kernels;

public class PixelKernelTests
{
    private const int Pixels = 23;
    private const int EvenPixels = 24;

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
                    KernelCases.Values(examples * stride, content, 1),
                    KernelCases.Values(Pixels * stride, KernelCases.Content.NonFinite, 2));
            }
        }
    }

    public static TheoryData<int, int, double> ShapesByRows
    {
        get
        {
            var data = new TheoryData<int, int, double>();
            foreach (int stride in new[] { 16, 48 })
            {
                foreach (int examples in new[] { 1, 3, 4, 7, 20 })
                {
                    data.Add(stride, examples, 0.2);
                    data.Add(stride, examples, 1.0);
                }

                data.Add(stride, 5, 0.0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ShapesByRows))]
    public void ForwardByRows_EveryWidth_GivesTheBitsOfTheScalarReferenceAndOfColumns(int stride, int examples, double density)
    {
        var batch = new PixelBatch(Images(examples, density, EvenPixels), [.. Enumerable.Range(0, examples).Reverse()]);
        (PixelRows rows, PixelColumns columns) = (new PixelRows(EvenPixels), new PixelColumns(EvenPixels));
        rows.Load(batch);
        columns.Load(batch);
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            float[] weights = KernelCases.Values(EvenPixels * stride, content, 1), biases = KernelCases.Values(stride, content, 2);
            KernelCases.AssertEqualBits(
                $"{content}", (width, o) => PixelRowForward.Run(width, rows, o[0].Span, o[1].Span, o[2].Span, stride), weights, biases,
                new float[examples * stride]);
            float[] byRows = new float[examples * stride], byColumns = new float[examples * stride];
            PixelRowForward.Run(SimdWidth.Scalar, rows, weights, biases, byRows, stride);
            PixelForward.Run(SimdWidth.Scalar, columns, weights, biases, byColumns, stride);
            Assert.Equal(KernelCases.Canonical(byColumns), KernelCases.Canonical(byRows));
        }
    }

    [Theory]
    [MemberData(nameof(ShapesByRows))]
    public void GradientByRows_EveryWidth_GivesTheBitsOfTheScalarReferenceAndOfColumns(int stride, int examples, double density)
    {
        var batch = new PixelBatch(Images(examples, density, EvenPixels), [.. Enumerable.Range(0, examples)]);
        (PixelRows rows, PixelColumns columns) = (new PixelRows(EvenPixels), new PixelColumns(EvenPixels));
        rows.Load(batch);
        columns.Load(batch);
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            float[] deltas = KernelCases.Values(examples * stride, content, 1),
            before = KernelCases.Values(EvenPixels * stride, KernelCases.Content.NonFinite, 2);
            foreach (int shards in new[] { 1, 2, 3, 5, 8, 17, 64 })
            {
                int[] bounds = [.. Enumerable.Range(0, shards + 1).Select(s => s * examples / shards)];
                KernelCases.AssertEqualBits(
                    $"{shards} shards, {content}", (width, o) => PixelRowGradient.Run(width, rows, bounds, o[0].Span, o[1].Span, stride),
                    deltas, before);
                float[] byRows = [.. before], byColumns = [.. before];
                PixelRowGradient.Run(SimdWidth.Scalar, rows, bounds, deltas, byRows, stride);
                PixelGradient.Run(SimdWidth.Scalar, columns, bounds, deltas, byColumns, stride);
                Assert.Equal(KernelCases.Canonical(byColumns), KernelCases.Canonical(byRows));
            }
        }
    }

    [Fact]
    public void Rows_LoadedAgain_HoldTheNewBatchOnly()
    {
        ImageSet images = Images(30, 0.3, EvenPixels);
        var rows = new PixelRows(EvenPixels);
        foreach (int[] batch in new[] { [5, 3, 17, 29], [0], Enumerable.Range(0, images.Count).Reverse().ToArray(), [], [7, 7] })
        {
            rows.Load(new PixelBatch(images, batch));
            Assert.Equal(batch.Length, rows.Rows);
            for (int e = 0; e < batch.Length; e++)
            {
                Assert.Equal(
                    images.Entries[images.RowStarts[batch[e]]..images.RowStarts[batch[e] + 1]].ToArray(),
                    rows.Entries[rows.Starts[e]..rows.Starts[e + 1]].ToArray());
            }
        }
    }

    [Theory]
    [InlineData("784-10", true)]
    [InlineData("784-16-10", true)]
    [InlineData("784-17-10", false)]
    [InlineData("783-10", false)]
    public void InputBatch_OutputsOfOneVectorAndWholePairs_IsByRows(string model, bool byRows) =>
        Assert.Equal(
            byRows, InputBatch.For(ModelSpec.Parse(model).Inputs, RowPadding.Pad(ModelSpec.Parse(model).Dense[0].Units)) is PixelRows);

    [Fact]
    public void Columns_AnyBatch_HoldEveryPairOfTheBatchInOrderAndByChunks()
    {
        ImageSet images = Images(2 * PixelColumns.ChunkRows + 40, 0.3);
        var columns = new PixelColumns(Pixels);
        foreach (int[] batch in new[] { [5, 3, 17, 39], [0], Enumerable.Range(0, images.Count).Reverse().ToArray(), [] })
        {
            columns.Load(new PixelBatch(images, batch));
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
        ImageSet images = ImageSet.FromDense([0, 0, 0, 255, 0, 0], [0], 1, 6);
        float[] weights = new float[6 * 16], z = new float[16];
        Array.Fill(weights, float.NaN);
        weights.AsSpan(2 * 16, 2 * 16).Fill(2f);
        foreach (InputBatch batch in new InputBatch[] { new PixelColumns(6), new PixelRows(6) })
        {
            batch.Load(new PixelBatch(images, [0]));
            foreach (SimdWidth width in KernelDispatch.Available)
            {
                batch.Forward(width, weights, new float[16], z, 16);
                Assert.All(z, value => Assert.Equal(2f, value));
            }
        }
    }

    [Fact]
    public void Batch_OfOtherPixels_IsRefused()
    {
        ImageSet images = Images(2, 0.5);
        Assert.Throws<ArgumentException>(() => new PixelColumns(EvenPixels).Load(new PixelBatch(images, [0])));
        Assert.Throws<ArgumentException>(() => new PixelRows(EvenPixels).Load(new PixelBatch(images, [0])));
        Assert.Throws<ArgumentException>(() => new PixelRows(Pixels));
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
        columns.Load(new PixelBatch(images, batch));
        return columns;
    }

    private static ImageSet Images(int count, double density, int imagePixels = Pixels)
    {
        var pixels = new byte[count * imagePixels];
        for (int i = 0; i < pixels.Length; i++)
        {
            var words = Philox4x32.Block((uint)i, 0, 0, 0, 5);
            pixels[i] = words[0] < density * uint.MaxValue ? (byte)(1 + words[1] % 255) : (byte)0;
        }

        return ImageSet.FromDense(pixels, new byte[count], 1, imagePixels);
    }
}
