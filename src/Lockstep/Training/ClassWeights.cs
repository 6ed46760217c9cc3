using System.Globalization;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Training;

/// <summary>
/// Weights of the classes in the loss of training (see <see cref="RunSpec.ClassWeights"/>): given ones, or those that balance the classes
/// of the training examples.
/// </summary>
public sealed class ClassWeights : IEquatable<ClassWeights>
{
    private const string BalancedText = "balanced";

    private readonly double[] _weights;

    private ClassWeights(double[] weights) => _weights = weights;

    /// <summary>
    /// With n training examples of k classes, the weight of a class with m of them is <c>n / (k · m)</c>: all classes count the same in
    /// sum, and the mean weight of the training examples is 1. A class without a training example has weight 1.
    /// </summary>
    public static ClassWeights Balanced { get; } = new([]);

    /// <summary>Weights as they are, one for each output of the model in the order of the classes, ≥ 0.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static ClassWeights Of(params IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights.Count > 0 ? new ClassWeights([.. weights]) : throw new ArgumentException("No weights.", nameof(weights));
    }

    /// <summary>Reads <c>balanced</c>, or numbers separated by commas.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static ClassWeights Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text == BalancedText)
            return Balanced;
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > ModelSpec.MaxClasses)
            throw new FormatException($"{parts.Length} weights; a model has at most {ModelSpec.MaxClasses} classes");
        double[] weights = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out weights[i])
                || !Ranges.ClassWeight.Contains(weights[i]))
                throw new FormatException($"'{parts[i]}' is not {Ranges.ClassWeight.Words}");
        }

        return new ClassWeights(weights);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() =>
        _weights.Length == 0
            ? BalancedText
            : string.Join(',', _weights.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public bool Equals(ClassWeights? other) => other is not null && _weights.AsSpan().SequenceEqual(other._weights);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClassWeights);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>One weight for each output.</summary>
    /// <param name="training">The training file.</param>
    /// <param name="examples">Its examples that are trained on: the first ones.</param>
    /// <param name="outputs">Outputs of the model.</param>
    internal IReadOnlyList<double> Resolve(Examples training, int examples, int outputs)
    {
        if (_weights.Length > 0)
            return _weights;
        ReadOnlySpan<byte> labels = training.Labels[..Math.Clamp(examples, 0, training.Count)];
        var counts = new long[ModelSpec.MaxClasses];
        foreach (byte label in labels)
            counts[label]++;
        int classes = counts.Count(count => count > 0);
        double[] weights = new double[outputs];
        for (int c = 0; c < outputs; c++)
            weights[c] = c >= counts.Length || counts[c] == 0 ? 1.0 : labels.Length / ((double)classes * counts[c]);
        return weights;
    }
}
