using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The kernels of a convolution, for one block of up to 16 examples; lanes without one may be left as they are.
/// <code>
/// z[o, y, x]           = biases[o] + Σ c, i, j of weights[c, i, j, o] · in[c, y·stride + i, x·stride + j]
/// gradient of in[c, y, x]       = Σ o, i, j of weights[c, i, j, o] · dz[o, (y - i) / stride, (x - j) / stride], where these are whole
/// gradient of weights[c, i, j, o] = Σ y, x of dz[o, y, x] · in[c, y·stride + i, x·stride + j]     for each example alone
/// gradient of biases[o]         = Σ y, x of dz[o, y, x]                                           for each example alone
/// </code>
/// in: the maps below with their padding. Every sum takes its terms in the order of its indices, each by one fused multiply-add, and ends
/// by adding +0. Zeros of padding and stride are terms like others, but for rows of filters that meet nothing above.
/// </summary>
internal static class Convolution
{
    private static readonly float[] Ones = [.. Enumerable.Repeat(1f, MapShape.Lanes)];

    /// <summary>
    /// Copies a block of maps inside <paramref name="to"/>, from (padding, padding) on. What lies around and between, zeros, is not
    /// written: a buffer of one shape is cleared once.
    /// </summary>
    public static void Pad(ReadOnlySpan<float> from, MapShape shape, Span<float> to, MapShape padded, int padding, int stride = 1)
    {
        int row = shape.Width * MapShape.Lanes;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                ReadOnlySpan<float> source = from.Slice((channel * shape.Height + y) * row, row);
                Span<float> target = to[(((channel * padded.Height + padding + y * stride) * padded.Width + padding) * MapShape.Lanes)..];
                if (stride == 1)
                {
                    source.CopyTo(target);
                    continue;
                }

                for (int x = 0; x < shape.Width; x++)
                    source.Slice(x * MapShape.Lanes, MapShape.Lanes).CopyTo(target[(x * stride * MapShape.Lanes)..]);
            }
        }
    }

    /// <summary>The maps above.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="examples">Examples of the block.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="padded">A block of the padded maps below.</param>
    /// <param name="weights">[channels below · kernel · kernel, stride].</param>
    /// <param name="biases">[stride].</param>
    /// <param name="output">A block of the maps above, overwritten.</param>
    public static void Forward(
        SimdWidth width, int examples, ConvolutionShape shape, ReadOnlySpan<float> padded, ReadOnlySpan<float> weights,
        ReadOnlySpan<float> biases, Span<float> output)
    {
        MapShape above = shape.Output;
        for (int y = 0; y < above.Height; y++)
        {
            Tiles<SharedByLanes>(
                width, examples, weights, 1, padded[(y * shape.Stride * shape.Padded.Width * MapShape.Lanes)..],
                shape.Stride * MapShape.Lanes,
                shape.ForwardTerms, biases, above.Channels, above.Width, output[(y * above.Width * MapShape.Lanes)..], above.ChannelFloats,
                MapShape.Lanes);
        }
    }

    /// <summary>The gradient of the maps below.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="examples">Examples of the block.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="spread">A block of the gradients of the maps above, as <see cref="ConvolutionShape.Spread"/> has them.</param>
    /// <param name="filters">The transposed weights: [channels above · kernel · kernel, channels below with padding].</param>
    /// <param name="gradient">A block of the gradients of the maps below, overwritten.</param>
    public static void InputGradient(
        SimdWidth width, int examples, ConvolutionShape shape, ReadOnlySpan<float> spread, ReadOnlySpan<float> filters,
        Span<float> gradient)
    {
        MapShape below = shape.Input;
        for (int y = 0; y < below.Height; y++)
        {
            Tiles<SharedByLanes>(
                width, examples, filters, 1,
                spread[(((y + shape.Padding) * shape.Spread.Width + shape.Padding) * MapShape.Lanes)..], MapShape.Lanes,
                shape.InputTerms[y], default, below.Channels, below.Width, gradient[(y * below.Width * MapShape.Lanes)..],
                below.ChannelFloats, MapShape.Lanes);
        }
    }

    /// <summary>The gradient of some of the weights, for each example of a block.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="examples">Examples of the block.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="padded">A block of the padded maps below.</param>
    /// <param name="deltas">A block of the gradients of the maps above.</param>
    /// <param name="first">First of the rows, of which there are channels below · kernel · kernel; a multiple of the kernel.</param>
    /// <param name="end">End of the rows; a multiple of the kernel.</param>
    /// <param name="gradient">[rows, stride, 16]; the padding of a row stays as it is.</param>
    public static void WeightGradient(
        SimdWidth width, int examples, ConvolutionShape shape, ReadOnlySpan<float> padded, ReadOnlySpan<float> deltas, int first, int end,
        Span<float> gradient)
    {
        int row = shape.WeightStride * MapShape.Lanes;
        for (int k = first; k < end; k += shape.Kernel)
        {
            Tiles<OneALane>(
                width, examples, deltas, shape.Output.ChannelFloats, padded[shape.ForwardTerms[k].Right..], MapShape.Lanes,
                shape.WeightTerms, default, shape.Output.Channels, shape.Kernel, gradient[((k - first) * row)..], MapShape.Lanes, row);
        }
    }

    /// <summary>The gradient of the biases, for each example of a block.</summary>
    /// <param name="width">Form of the kernel.</param>
    /// <param name="examples">Examples of the block.</param>
    /// <param name="shape">The convolution.</param>
    /// <param name="deltas">A block of the gradients of the maps above.</param>
    /// <param name="gradient">[stride, 16]; the padding stays as it is.</param>
    public static void BiasGradient(
        SimdWidth width, int examples, ConvolutionShape shape, ReadOnlySpan<float> deltas, Span<float> gradient) =>
        Tiles<OneALane>(
            width, examples, deltas, shape.Output.ChannelFloats, Ones, 0, shape.BiasTerms, default, shape.Output.Channels, 1, gradient,
            MapShape.Lanes, 0);

    private static void Tiles<TLeft>(
        SimdWidth width, int examples, ReadOnlySpan<float> left, int leftRow, ReadOnlySpan<float> right, int rightColumn,
        ReadOnlySpan<LaneTerm> terms, ReadOnlySpan<float> initial, int rows, int columns, Span<float> result, int resultRow,
        int resultColumn)
        where TLeft : struct, ILaneOperand
    {
        if (terms.IsEmpty)
        {
            for (int m = 0; m < rows; m++)
                result.Slice(m * resultRow, columns * resultColumn).Clear();
            return;
        }

        bool isShared = typeof(TLeft) == typeof(SharedByLanes);
        LaneTerm last = terms[^1];
        int lanes = MapShape.Lanes;
        if (left.Length < last.Left + (rows - 1) * leftRow + (isShared ? 1 : lanes)
            || right.Length < terms[0].Right + (columns - 1) * rightColumn + lanes
            || right.Length < last.Right + (columns - 1) * rightColumn + lanes
            || result.Length < (rows - 1) * resultRow + (columns - 1) * resultColumn + lanes
            || (!initial.IsEmpty && initial.Length < rows))
            throw new ArgumentException(
                $"Operands of {left.Length} and {right.Length} floats, {initial.Length} initial ones and a result of {result.Length} for "
                    + $"{rows} rows, {columns} columns and {terms.Length} terms.");
        switch (width)
        {
            case SimdWidth.Bits512 when examples > MapShape.Lanes / 2:
                Vectorised<Simd512, Vector512<float>, TLeft>(
                    examples, left, leftRow, right, rightColumn, terms, initial, rows, columns, result, resultRow, resultColumn);
                break;
            case SimdWidth.Bits512 or SimdWidth.Bits256:
                Vectorised<Simd256, Vector256<float>, TLeft>(
                    examples, left, leftRow, right, rightColumn, terms, initial, rows, columns, result, resultRow, resultColumn);
                break;
            case SimdWidth.Bits128:
                Vectorised<Simd128, Vector128<float>, TLeft>(
                    examples, left, leftRow, right, rightColumn, terms, initial, rows, columns, result, resultRow, resultColumn);
                break;
            default:
                Scalar(
                    examples, left, leftRow, isShared, right, rightColumn, terms, initial, rows, columns, result, resultRow, resultColumn);
                break;
        }
    }

    private static void Scalar(
        int examples, ReadOnlySpan<float> left, int leftRow, bool isShared, ReadOnlySpan<float> right, int rightColumn,
        ReadOnlySpan<LaneTerm> terms, ReadOnlySpan<float> initial, int rows, int columns, Span<float> result, int resultRow,
        int resultColumn)
    {
        for (int m = 0; m < rows; m++)
        {
            for (int n = 0; n < columns; n++)
            {
                for (int lane = 0; lane < examples; lane++)
                {
                    float sum = initial.IsEmpty ? 0f : initial[m];
                    foreach (LaneTerm term in terms)
                        sum = MathF.FusedMultiplyAdd(
                            left[term.Left + m * leftRow + (isShared ? 0 : lane)], right[term.Right + n * rightColumn + lane], sum);
                    result[m * resultRow + n * resultColumn + lane] = sum + 0f;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vectorised<TSimd, TVector, TLeft>(
        int examples, ReadOnlySpan<float> left, nint leftRow, ReadOnlySpan<float> right, nint rightColumn, ReadOnlySpan<LaneTerm> terms,
        ReadOnlySpan<float> initial, int rows, int columns, Span<float> result, nint resultRow, nint resultColumn)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TLeft : struct, ILaneOperand
    {
        bool isShared = typeof(TLeft) == typeof(SharedByLanes);
        for (int lane = 0; lane < examples; lane += TSimd.Width)
        {
            ref float firstLeft = ref Unsafe.Add(ref MemoryMarshal.GetReference(left), isShared ? 0 : lane);
            ref float firstRight = ref Unsafe.Add(ref MemoryMarshal.GetReference(right), lane);
            ref float firstResult = ref Unsafe.Add(ref MemoryMarshal.GetReference(result), lane);
            for (int n = 0, tileColumns; n < columns; n += tileColumns)
            {
                tileColumns = LaneTile<TSimd, TVector, TLeft>.ColumnsOf(columns - n);
                for (int m = 0, tileRows; m < rows; m += tileRows)
                {
                    tileRows = LaneTile<TSimd, TVector, TLeft>.RowsOf(rows - m, tileColumns);
                    new LaneTile<TSimd, TVector, TLeft>
                    {
                        Left = ref Unsafe.Add(ref firstLeft, m * leftRow), LeftRow = leftRow,
                        Right = ref Unsafe.Add(ref firstRight, n * rightColumn), RightColumn = rightColumn,
                        Terms = ref MemoryMarshal.GetReference(terms), Count = terms.Length,
                        Initial = ref initial.IsEmpty
                            ? ref Unsafe.NullRef<float>()
                            : ref Unsafe.Add(ref MemoryMarshal.GetReference(initial), m),
                        Result = ref Unsafe.Add(ref firstResult, m * resultRow + n * resultColumn),
                        ResultRow = resultRow, ResultColumn = resultColumn,
                    }.Run(tileRows, tileColumns);
                }
            }
        }
    }
}
