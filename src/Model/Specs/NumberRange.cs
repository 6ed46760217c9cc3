namespace Lockstep.Model.Specs;

/// <summary>The legal values of a number, and how they are called.</summary>
/// <param name="Text">Such as <c>greater than 0, at most 1</c>.</param>
/// <param name="Contains">Whether a value is legal; false for NaN.</param>
public sealed record NumberRange(string Text, Func<double, bool> Contains)
{
    /// <summary>Smallest keep probability: dropout compares draws of 16 bits.</summary>
    public const double MinKeepProb = 1.0 / 65536;

    /// <summary>Keep probabilities of dropout.</summary>
    public static NumberRange KeepProb { get; } = new("greater than 0, at most 1", value => value is >= MinKeepProb and <= 1.0);

    /// <summary>Learning rates: they are applied in single precision.</summary>
    public static NumberRange LearningRate { get; } = new("a number greater than 0", value => value > 0.0 && float.IsFinite((float)value));

    /// <summary>Weights of an L2 penalty.</summary>
    public static NumberRange L2 { get; } = new("a number, 0 or greater", value => value >= 0.0 && float.IsFinite((float)value));
}
