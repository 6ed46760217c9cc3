namespace Lockstep.Sweeps;

/// <summary>How rates are tried in a <see cref="RateTest"/>.</summary>
public sealed record RateTestOptions
{
    /// <summary>The first learning rate, above 0. Default 1e-6.</summary>
    public double From { get; init; } = 1e-6;

    /// <summary>The last learning rate, above <see cref="From"/>. Default 10.</summary>
    public double To { get; init; } = 10;

    /// <summary>Steps from the first rate to the last, at least 10. Default 300.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>
    /// Compute threads; 0, the default, is the number of processors that this process may use. The result does not depend on it.
    /// </summary>
    public int Lanes { get; init; }
}
