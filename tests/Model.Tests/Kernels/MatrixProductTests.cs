using Lockstep.Model.Kernels;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Tests.Kernels;

public class MatrixProductTests
{
    private const int SmallBlock = 8 * 34;

    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (int rows in new[] { 1, 3, 4, 5, 9 })
            {
                foreach (int depth in new[] { 0, 1, 2, 7, 33 })
                {
                    foreach (int columns in new[] { 16, 32, 48, 112 })
                        data.Add(rows, depth, columns);
                }
            }

            // Enough rows and terms for panels of b to be laid out anew, one or several.
            data.Add(16, 300, 48);
            data.Add(17, 128, 112);
            data.Add(21, 129, 64);
            data.Add(17, 530, 48);

            // Enough columns for blocks of a, and enough rows for several of them.
            data.Add(21, 34, 1040);
            data.Add(9, 300, 1024);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_EveryWidth_GivesTheBitsOfTheScalarReference(int rows, int depth, int columns)
    {
        foreach (KernelCases.Content content in KernelCases.Contents)
        {
            float[] a = KernelCases.Values(rows * depth, content, 1), b = KernelCases.Values(depth * columns, content, 2);
            float[] initial = KernelCases.Values(columns, content, 3),
            c = KernelCases.Values(rows * columns, KernelCases.Content.Ordinary, 4);

            KernelCases.AssertEqualBits(
                $"forward, {content}",
                (width, o) => MatrixProduct.Run(
                    width, new MatrixPanels(SmallBlock), rows, columns, new Strided(o[0].Span, depth, 1),
                    new Strided(o[1].Span, columns, 1), [0, depth], o[2].Span, o[3].Span, columns),
                a, b, initial, c);

            // Transposed b, whose columns are not padded.
            int turnedStride = depth + 2;
            foreach (int valid in new[] { columns, columns - 5 })
            {
                KernelCases.AssertEqualBits(
                    $"turned over, {valid} columns, {content}",
                    (width, o) => MatrixProduct.Run(
                        width, new MatrixPanels(SmallBlock), rows, valid, new Strided(o[0].Span, depth, 1),
                        new Strided(o[1].Span, 1, turnedStride), [0, depth], default, o[2].Span, columns),
                    a, KernelCases.Values(valid * turnedStride, content, 5), c);
            }

            // The same matrix stored by columns, and cut into shards of which some are empty.
            foreach (int shards in new[] { 1, 2, 3, 5, 8 })
            {
                int[] bounds = [.. Enumerable.Range(0, shards + 1).Select(s => s * depth / shards)];
                KernelCases.AssertEqualBits(
                    $"{shards} shards, {content}",
                    (width, o) => MatrixProduct.Run(
                        width, new MatrixPanels(SmallBlock), rows, columns, new Strided(o[0].Span, 1, rows),
                        new Strided(o[1].Span, columns, 1), bounds, default, o[2].Span, columns),
                    a, b, c);
            }
        }
    }

    [Fact]
    public void Run_StridesLargerThanRows_LeavesTheRestAlone()
    {
        const int rows = 5, columns = 16, stride = 48;
        float[] c = new float[rows * stride];
        Array.Fill(c, 7f);
        float[] a = [.. Enumerable.Range(0, 10).Select(i => (float)i)], b = [.. Enumerable.Repeat(1f, 2 * columns)];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            MatrixProduct.Run(
                width, new MatrixPanels(SmallBlock), rows, columns, new Strided(a, 2, 1), new Strided(b, columns, 1), [0, 2], default, c,
                stride);
            for (int i = 0; i < c.Length; i++)
                Assert.Equal(i % stride < columns ? 4 * (i / stride) + 1 : 7f, c[i]);
        }
    }

    [Fact]
    public void Run_UnderflowToNegativeZero_GivesPositiveZero()
    {
        float[] a = [-1e-30f], b = [.. Enumerable.Repeat(1e-30f, 16)], c = new float[16];
        foreach (SimdWidth width in KernelDispatch.Available)
        {
            MatrixProduct.Run(width, new MatrixPanels(), 1, 16, new Strided(a, 1, 1), new Strided(b, 16, 1), [0, 1], default, c, 16);
            Assert.All(c, value => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(value)));
        }
    }

    [Fact]
    public void Run_OperandTooShort_IsRefusedWithItsShape()
    {
        float[] a = new float[11], b = new float[4 * 16], c = new float[3 * 16];
        var panels = new MatrixPanels();
        var error = Assert.Throws<ArgumentException>(
            () => MatrixProduct.Run(SimdWidth.Scalar, panels, 3, 16, new Strided(a, 4, 1), new Strided(b, 16, 1), [0, 4], default, c, 16));
        Assert.Contains("11 values for [3, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MatrixProduct.Run(
            SimdWidth.Scalar, panels, 2, 16, new Strided(a, 4, 1), new Strided(b.AsSpan(1), 16, 1), [0, 4], default, c, 16));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Run(
            SimdWidth.Scalar, panels, 2, 16, new Strided(a, 4, 1), new Strided(b, 16, 1), [0, 4], default, c.AsSpan(17), 16));
        Assert.Throws<ArgumentException>(
            () => MatrixProduct.Run(SimdWidth.Scalar, panels, 2, 15, new Strided(a, 4, 1), new Strided(b, 16, 1), [0, 4], default, c, 16));
        Assert.Throws<ArgumentException>(
            () => MatrixProduct.Run(SimdWidth.Scalar, panels, 2, 17, new Strided(a, 4, 1), new Strided(b, 1, 4), [0, 4], default, c, 32));
        Assert.Throws<ArgumentException>(
            () => MatrixProduct.Run(SimdWidth.Scalar, panels, 2, 15, new Strided(a, 4, 1), new Strided(b, 1, 4), [0, 4], default, c, 15));
    }
}
