using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Data;

/// <summary>
/// Rows of float features with a class each, or with float targets. Every value counts as it is; where most are zero, zeros are left out of
/// the sums, which changes no bit. Scale features to a similar range before training. All values are finite.
/// </summary>
public sealed class FeatureSet : Examples
{
    /// <summary>Largest number of features of a row.</summary>
    public const int MaxFeatures = ModelSpec.MaxWidth;

    private readonly ReadOnlyMemory<float> _values;
    private readonly ReadOnlyMemory<byte> _labels;
    private readonly ReadOnlyMemory<float> _targets;

    private FeatureSet(
        ReadOnlyMemory<float> values, ReadOnlyMemory<byte> labels, int features, ReadOnlyMemory<float> targets = default, int outputs = 0)
    {
        _values = values;
        _labels = labels;
        _targets = targets;
        Outputs = outputs;
        Shape = new TensorShape(features);
    }

    /// <inheritdoc/>
    public override int Count => _labels.Length;

    /// <summary>Features of a row.</summary>
    public int Features => Shape.Columns;

    /// <summary>[features].</summary>
    public override TensorShape Shape { get; }

    /// <inheritdoc/>
    public override string KindName => "rows";

    /// <inheritdoc/>
    public override string SizeText => $"{Features} features";

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Labels => _labels.Span;

    /// <inheritdoc/>
    public override int Outputs { get; }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Targets => _targets.Span;

    /// <summary>[count, features], row-major.</summary>
    public ReadOnlySpan<float> Values => _values.Span;

    /// <inheritdoc/>
    public override ExamplesHeader Header =>
        new(Outputs > 0 ? IncomingFeatures.TargetsKind : IncomingFeatures.Kind, Count, Features, Outputs, 0);

    /// <summary>Copies rows.</summary>
    /// <param name="values">[count, features], row-major.</param>
    /// <param name="labels">[count] classes.</param>
    /// <param name="features">Features of a row, 1 to <see cref="MaxFeatures"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or a value is not finite.</exception>
    public static FeatureSet FromRows(ReadOnlySpan<float> values, ReadOnlySpan<byte> labels, int features)
    {
        CheckShape(values.Length, labels.Length, features);
        return TakeOver(values.ToArray(), labels.ToArray(), features);
    }

    /// <summary>Copies rows.</summary>
    /// <param name="values">[count, features], row-major.</param>
    /// <param name="labels">[count] classes, 0 to 255.</param>
    /// <param name="features">Features of a row, 1 to <see cref="MaxFeatures"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match, a value is not finite, or a label is out of range.</exception>
    public static FeatureSet FromRows(ReadOnlySpan<float> values, ReadOnlySpan<int> labels, int features)
    {
        CheckShape(values.Length, labels.Length, features);
        byte[] classes = new byte[labels.Length];
        for (int row = 0; row < labels.Length; row++)
        {
            if (labels[row] is < 0 or >= ModelSpec.MaxClasses)
                throw new ArgumentException(
                    $"Row {row} has the label {labels[row]}; expected 0 to {ModelSpec.MaxClasses - 1}.", nameof(labels));
            classes[row] = (byte)labels[row];
        }

        return TakeOver(values.ToArray(), classes, features);
    }

    /// <summary>Takes ownership of arrays.</summary>
    /// <param name="values">[count, features], row-major.</param>
    /// <param name="labels">[count] classes.</param>
    /// <param name="features">Features of a row, 1 to <see cref="MaxFeatures"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or a value is not finite.</exception>
    public static FeatureSet TakeOver(float[] values, byte[] labels, int features)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(labels);
        CheckShape(values.Length, labels.Length, features);
        CheckFinite(values, features, firstRow: 0);
        return new FeatureSet(values, labels, features);
    }

    /// <summary>Copies rows whose targets are numbers.</summary>
    /// <param name="values">[count, features], row-major.</param>
    /// <param name="targets">[count, outputs], row-major. Scale them to mean 0 and deviation 1 before training.</param>
    /// <param name="features">Features of a row, 1 to <see cref="MaxFeatures"/>.</param>
    /// <param name="outputs">Targets of a row, 1 to <see cref="ModelSpec.MaxClasses"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or a value or a target is not finite.</exception>
    public static FeatureSet FromTargets(ReadOnlySpan<float> values, ReadOnlySpan<float> targets, int features, int outputs) =>
        TakeOverTargets(values.ToArray(), targets.ToArray(), features, outputs);

    /// <summary>Takes ownership of arrays of rows whose targets are numbers.</summary>
    /// <param name="values">[count, features], row-major.</param>
    /// <param name="targets">[count, outputs], row-major.</param>
    /// <param name="features">Features of a row, 1 to <see cref="MaxFeatures"/>.</param>
    /// <param name="outputs">Targets of a row, 1 to <see cref="ModelSpec.MaxClasses"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not match, or a value or a target is not finite.</exception>
    public static FeatureSet TakeOverTargets(float[] values, float[] targets, int features, int outputs)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(targets);
        if (!Ranges.Outputs.Contains(outputs) || targets.Length % outputs != 0)
            throw new ArgumentException(
                $"{targets.Length} targets for rows of {outputs}; expected a multiple, and {Ranges.Outputs.Words}.", nameof(targets));
        int rows = targets.Length / outputs;
        CheckShape(values.Length, rows, features);
        CheckFinite(values, features, firstRow: 0);
        CheckTargets(targets, outputs);
        return OfChecked(values, new byte[rows], features, targets, outputs);
    }

    /// <summary>Takes ownership of valid memory, unchecked.</summary>
    internal static FeatureSet OfChecked(
        ReadOnlyMemory<float> values, ReadOnlyMemory<byte> labels, int features, ReadOnlyMemory<float> targets = default,
        int outputs = 0) => new(values, labels, features, targets, outputs);

    /// <exception cref="ArgumentException">A target is not finite.</exception>
    internal static void CheckTargets(ReadOnlySpan<float> targets, int outputs)
    {
        if (TensorPrimitives.IndexOfMaxMagnitude(targets) is var worst and >= 0 && !float.IsFinite(targets[worst]))
            throw new ArgumentException(
                $"Row {worst / outputs} has the value {targets[worst]} for target {worst % outputs}; expected finite numbers.",
                nameof(targets));
    }

    /// <exception cref="ArgumentException">A value of these rows is not finite.</exception>
    internal static void CheckFinite(ReadOnlySpan<float> values, int features, int firstRow)
    {
        // The index of a NaN if there is one, otherwise of a value with the largest magnitude.
        if (TensorPrimitives.IndexOfMaxMagnitude(values) is var worst and >= 0 && !float.IsFinite(values[worst]))
            throw new ArgumentException(
                $"Row {firstRow + worst / features} has the value {values[worst]} for feature {worst % features}; expected finite "
                    + "numbers.",
                nameof(values));
    }

    /// <summary>The <paramref name="count"/> rows from <paramref name="first"/> on, without copying.</summary>
    public override FeatureSet Slice(int first, int count) =>
        new(_values.Slice(first * Features, count * Features), _labels.Slice(first, count), Features,
            _targets.Slice(first * Outputs, count * Outputs), Outputs);

    /// <summary>
    /// Appends the content to a digest: the text <c>features</c>, count and features as little-endian int32, all values as little-endian
    /// float32, all labels. With targets: the text <c>targets</c>, count, features and outputs, all values, all targets as little-endian
    /// float32.
    /// </summary>
    public override void AppendTo(IncrementalHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Features are digested as little-endian bytes; this machine is big-endian.");
        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, Count);
        BinaryPrimitives.WriteInt32LittleEndian(header[sizeof(int)..], Features);
        BinaryPrimitives.WriteInt32LittleEndian(header[(2 * sizeof(int))..], Outputs);
        hash.AppendData(Outputs > 0 ? "targets"u8 : "features"u8);
        hash.AppendData(Outputs > 0 ? header : header[..(2 * sizeof(int))]);
        hash.AppendData(MemoryMarshal.AsBytes(Values));
        hash.AppendData(Array(0));
    }

    /// <inheritdoc/>
    public override int Arrays => 2;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Array(int index) => index == 1 ? MemoryMarshal.AsBytes(Values)
        : Outputs > 0 ? MemoryMarshal.AsBytes(Targets) : Labels;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Content(int example) => MemoryMarshal.AsBytes(Values.Slice(example * Features, Features));

    private static void CheckShape(int values, int labels, int features)
    {
        if (features is < 1 or > MaxFeatures)
            throw new ArgumentException($"Rows of {features} features; expected 1 to {MaxFeatures}.", nameof(features));
        if (values != (long)labels * features)
            throw new ArgumentException(
                $"{values} values for {labels} rows of {features} features; expected {(long)labels * features}.", nameof(values));
    }
}
