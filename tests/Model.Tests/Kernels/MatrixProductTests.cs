using Lockstep.Model.Kernels;

namespace Lockstep.Model.Tests.Kernels;

public class MatrixProductTests
{
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
            float[] initial = KernelCases.Values(columns, content, 3), c = KernelCases.Values(rows * columns, KernelCases.Content.Ordinary, 4);

            KernelCases.AssertEqualBits(
                $"forward, {content}",
                (width, o) => MatrixProduct.Run(width, rows, columns, new Strided(o[0].Span, depth, 1), o[1].Span, columns, [0, depth], o[2].Span, o[3].Span, columns),
                a, b, initial, c);

            // The same matrix stored by columns, and cut into shards of which some are empty.
            foreach (int shards in new[] { 1, 2, 3, 5, 8 })
            {
                int[] bounds = [.. Enumerable.Range(0, shards + 1).Select(s => s * depth / shards)];
                KernelCases.AssertEqualBits(
                    $"{shards} shards, {content}",
                    (width, o) => MatrixProduct.Run(width, rows, columns, new Strided(o[0].Span, 1, rows), o[1].Span, columns, bounds, default, o[2].Span, columns),
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
            MatrixProduct.Run(width, rows, columns, new Strided(a, 2, 1), b, columns, [0, 2], default, c, stride);
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
            MatrixProduct.Run(width, 1, 16, new Strided(a, 1, 1), b, 16, [0, 1], default, c, 16);
            Assert.All(c, value => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(value)));
        }
    }

    [Fact]
    public void Run_OperandTooShort_IsRefusedWithItsShape()
    {
        float[] a = new float[11], b = new float[4 * 16], c = new float[3 * 16];
        var error = Assert.Throws<ArgumentException>(() => MatrixProduct.Run(SimdWidth.Scalar, 3, 16, new Strided(a, 4, 1), b, 16, [0, 4], default, c, 16));
        Assert.Contains("11 values for [3, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MatrixProduct.Run(SimdWidth.Scalar, 2, 16, new Strided(a, 4, 1), b.AsSpan(1), 16, [0, 4], default, c, 16));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Run(SimdWidth.Scalar, 2, 16, new Strided(a, 4, 1), b, 16, [0, 4], default, c.AsSpan(17), 16));
        Assert.Throws<ArgumentException>(() => MatrixProduct.Run(SimdWidth.Scalar, 2, 15, new Strided(a, 4, 1), b, 16, [0, 4], default, c, 16));
    }
}
