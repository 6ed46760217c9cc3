using System.Globalization;

namespace Lockstep.Model.Specs;

/// <summary>
/// When a run ends before its last step: early stopping. Decided by the evaluations on the validation examples at every multiple of
/// <see cref="EverySteps"/>. Their results are exact functions of the weights, so the run ends at the same step on any cluster.
/// </summary>
public sealed record StopSpec
{
    /// <summary>The result that decides.</summary>
    public required ValidationMetric Metric { get; init; }

    /// <summary>The run ends once the metric is this good: at least this accuracy or R², or at most this loss. Null: no target.</summary>
    public double? Target { get; init; }

    /// <summary>
    /// The run ends after this many evaluations in a row without a better result than the best before them. Null: no patience.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>Steps between two evaluations that decide.</summary>
    public required long EverySteps { get; init; }

    /// <summary>The target as <see cref="ParseTarget"/> reads it, such as <c>accuracy>=0.98</c>; null for none.</summary>
    public string? TargetText => Target is { } target
        ? $"{NameOf(Metric)}{OperatorOf(Metric)}{target.ToString("R", CultureInfo.InvariantCulture)}"
        : null;

    /// <summary>
    /// The patience as an option has it: a number, after the metric and a colon if that is neither the target's nor the accuracy; null for
    /// none.
    /// </summary>
    public string? PatienceText => Patience is { } patience
        ? (Target is null && Metric != default ? $"{NameOf(Metric)}:" : "") + patience.ToString(CultureInfo.InvariantCulture)
        : null;

    /// <summary>Whether the rule counts the evaluation after a step.</summary>
    public bool Counts(long step) => step > 0 && step % EverySteps == 0;

    /// <summary>Why the run ends in a state, such as <c>accuracy>=0.98</c>; null if it goes on.</summary>
    public string? ReasonIn(StopState state)
    {
        if (Target is { } target && state.Best is { } best && (Metric == ValidationMetric.Loss ? best <= target : best >= target))
            return $"the validation {WordOf(Metric)} reached {TargetText}";
        return Patience is { } patience && state.SinceBest >= patience
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"no better validation {WordOf(Metric)} for {patience:N0} {(patience == 1 ? "evaluation" : "evaluations")}")
            : null;
    }

    /// <summary>Whether a value is better than another. NaN is never better.</summary>
    /// <param name="metric">What the values are.</param>
    /// <param name="value">A value.</param>
    /// <param name="other">Another; null for none.</param>
    public static bool IsBetter(ValidationMetric metric, double value, double? other) =>
        !double.IsNaN(value) && (other is not { } old || (metric == ValidationMetric.Loss ? value < old : value > old));

    /// <summary>Name of a metric in options and files.</summary>
    public static string NameOf(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => "loss",
        ValidationMetric.R2 => "r2",
        _ => "accuracy",
    };

    /// <summary>Name of a metric in sentences.</summary>
    public static string WordOf(ValidationMetric metric) => metric == ValidationMetric.R2 ? "R²" : NameOf(metric);

    /// <summary>The metric that is meant where none is named: R² of targets, otherwise the accuracy.</summary>
    /// <param name="isRegression">Whether the model learns targets.</param>
    public static ValidationMetric DefaultMetric(bool isRegression) => isRegression ? ValidationMetric.R2 : ValidationMetric.Accuracy;

    /// <summary>A sentence if a metric is none of a model's; null if it is one.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="isRegression">Whether the model learns targets.</param>
    public static string? ProblemOf(ValidationMetric metric, bool isRegression) =>
        metric == ValidationMetric.Loss || metric == DefaultMetric(isRegression)
            ? null
            : isRegression ? "A model of targets has no accuracy; expected r2 or loss."
            : "A model of classes has no r2; expected accuracy or loss.";

    /// <summary>Reads the name of a metric.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ValidationMetric ParseMetric(string name) => name switch
    {
        "accuracy" => ValidationMetric.Accuracy,
        "loss" => ValidationMetric.Loss,
        "r2" => ValidationMetric.R2,
        _ => throw new FormatException("the metric is neither accuracy, loss nor r2"),
    };

    /// <summary>Reads a target such as <c>accuracy>=0.98</c> or <c>loss&lt;=0.1</c>.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static (ValidationMetric Metric, double Target) ParseTarget(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = text.IndexOfAny(['>', '<', '=']);
        if (at < 0)
            throw new FormatException("there is no >= or <= in it");
        ValidationMetric metric = ParseMetric(text[..at].Trim());
        string expected = OperatorOf(metric);
        if (!text.AsSpan(at).StartsWith(expected, StringComparison.Ordinal))
            throw new FormatException($"a target of the {NameOf(metric)} has {expected}");
        if (!double.TryParse(
            text.AsSpan(at + expected.Length).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double target))
            throw new FormatException("the target is not a number");
        NumberRange<double> range = RangeOf(metric);
        return range.Contains(target) ? (metric, target) : throw new FormatException($"the target is not {range.Words}");
    }

    /// <summary>Reads a patience such as <c>5</c> or <c>loss:5</c>.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static (ValidationMetric? Metric, int Patience) ParsePatience(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        ValidationMetric? metric = colon < 0 ? null : ParseMetric(text[..colon].Trim());
        if (!long.TryParse(text.AsSpan(colon + 1), NumberStyles.Integer, CultureInfo.InvariantCulture, out long count))
            throw new FormatException("not a whole number");
        return count >= Ranges.Patience.Min && count <= Ranges.Patience.Max
            ? (metric, (int)count)
            : throw new FormatException("out of range");
    }

    /// <summary>Legal targets of a metric.</summary>
    public static NumberRange<double> RangeOf(ValidationMetric metric) => metric switch
    {
        ValidationMetric.Loss => Ranges.TargetLoss,
        ValidationMetric.R2 => Ranges.TargetR2,
        _ => Ranges.TargetAccuracy,
    };

    private static string OperatorOf(ValidationMetric metric) => metric == ValidationMetric.Loss ? "<=" : ">=";
}
