namespace Lockstep.Model.Specs;

/// <summary>Distribution of a weight matrix's initial values.</summary>
public enum InitializerKind
{
    /// <summary>All zero. A network with a hidden layer cannot learn from it: all units stay alike.</summary>
    Zeros = 0,

    /// <summary>Normal distribution with the given standard deviation.</summary>
    RandomNormal = 1,

    /// <summary>Normal distribution, values beyond two standard deviations drawn again.</summary>
    TruncatedNormal = 2,

    /// <summary>Uniform in ±sqrt(6 / (inputs + units)) (Glorot and Bengio, 2010).</summary>
    Xavier = 3,

    /// <summary>Normal with standard deviation sqrt(2 / inputs) (He et al., 2015).</summary>
    He = 4,
}

/// <summary>An <see cref="InitializerKind"/> with its parameter.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="StandardDeviation">Used by the random and the truncated normal only.</param>
public sealed record Initializer(InitializerKind Kind, double StandardDeviation = 0.1);
