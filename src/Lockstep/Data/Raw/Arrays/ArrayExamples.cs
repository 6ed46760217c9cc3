using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Pictures;
using Lockstep.Model.Text;
using Lockstep.Shared.Interchange;

namespace Lockstep.Data.Raw.Arrays;

/// <summary>Makes examples of an array and its labels.</summary>
internal static class ArrayExamples
{
    /// <summary>
    /// Images of bytes in three dimensions [count, height, width], or in four with 1 or 3 channels last or second. A table of all others,
    /// whose columns <c>x0</c>, <c>x1</c>, ... are the values of an example in row-major order, and whose last column is <c>label</c>; NaN
    /// is a missing value.
    /// </summary>
    /// <param name="values">[count, ...] numbers; its bytes are taken over.</param>
    /// <param name="labels">[count] labels.</param>
    /// <param name="source">Path for messages.</param>
    /// <exception cref="DatasetException">
    /// There are no examples, the lengths do not match, they are no numbers, or one is infinite.
    /// </exception>
    public static RawExamples Of(DenseArray values, RawColumn labels, string source) => Of(values, [labels], source);

    /// <summary>The same with numbers to predict, in the columns <c>y</c>, or <c>y0</c>, <c>y1</c>, ... of several.</summary>
    /// <param name="values">[count, ...] numbers; its bytes are taken over.</param>
    /// <param name="targets">[count] or [count, targets] numbers.</param>
    /// <param name="source">Path for messages.</param>
    /// <exception cref="DatasetException">
    /// There are no examples, the lengths do not match, they are no numbers, or one is infinite.
    /// </exception>
    public static RawExamples OfTargets(DenseArray values, DenseArray targets, string source)
    {
        if (targets.IsText || targets.Shape is not ([> 0] or [> 0, > 0]))
            throw new DatasetException(
                $"'{source}': the targets '{targets.Name}' have the shape {ForeignText.Shape(targets.Shape)}"
                    + $"{(targets.IsText ? " and hold texts" : "")}; expected numbers, one row for each example.");
        RefuseInfinity(targets, source);
        int columns = targets.Shape is [_, var several] ? several : 1;
        return Of(
            values,
            [.. Enumerable.Range(0, columns).Select(i => new StridedNumbers(columns == 1 ? "y" : $"y{i}", targets, i))],
            source, areTargets: true);
    }

    private static RawExamples Of(DenseArray values, RawColumn[] labels, string source, bool areTargets = false)
    {
        string shape = ForeignText.Shape(values.Shape);
        if (values.IsText)
            throw new DatasetException($"'{source}': '{values.Name}' of shape {shape} holds texts; expected numbers.");
        if (values.Shape.Length == 0 || values.Values.Length == 0)
            throw new DatasetException($"'{source}': '{values.Name}' of shape {shape} holds no examples; expected at least one.");
        if (values.Shape[0] != labels[0].Count)
        {
            throw new DatasetException(
                $"'{source}': '{values.Name}' has the shape {shape}, but there are {labels[0].Count:N0} labels; expected one for each of "
                    + $"{values.Shape[0]:N0} examples. Save both from the same data.");
        }

        if (values.Type == ElementType.UInt8 && ImageAxes.Of(values.Shape) is { } axes)
        {
            axes.PutChannelsLast(values.Values);
            return new ByteImages(source, labels[0], values.Values, axes.Height, axes.Width, axes.Channels);
        }

        RefuseInfinity(values, source);
        int features = values.Values.Length / values.Size / values.Shape[0];
        if (features > FeatureSet.MaxFeatures)
        {
            throw new DatasetException(
                $"'{source}': '{values.Name}' of shape {shape} has {features:N0} values an example; at most "
                    + $"{FeatureSet.MaxFeatures:N0} are read. Save pictures as bytes (uint8), or fewer values.");
        }

        var columns = new List<RawColumn>(features + labels.Length);
        for (int feature = 0; feature < features; feature++)
            columns.Add(new StridedNumbers($"x{feature}", values, feature));
        columns.AddRange(labels);
        return new RawTable(source, columns) { Targets = areTargets ? [.. labels.Select(label => label.Name)] : null };
    }

    /// <summary>Throws if a number is infinite.</summary>
    /// <exception cref="DatasetException">One is; the message says where.</exception>
    public static void RefuseInfinity(DenseArray array, string source)
    {
        int at = array.Type switch
        {
            ElementType.Float16 => IndexOfInfinity<Half>(array.Values),
            ElementType.Float32 => IndexOfInfinity<float>(array.Values),
            ElementType.Float64 => IndexOfInfinity<double>(array.Values),
            _ => -1,
        };
        if (at < 0)
            return;
        int row = at / Math.Max(1, array.Values.Length / array.Size / array.Shape[0]);
        throw new DatasetException(
            $"'{source}': '{array.Name}' has an infinite value in row {row}; expected finite numbers, or NaN for missing ones. "
                + "Replace it before saving.");
    }

    private static int IndexOfInfinity<T>(byte[] values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> numbers = MemoryMarshal.Cast<byte, T>(values.AsSpan());
        if (!TensorPrimitives.IsInfinityAny(numbers))
            return -1;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (T.IsInfinity(numbers[i]))
                return i;
        }

        return -1;
    }
}
