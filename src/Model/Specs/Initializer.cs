using System.Globalization;

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
public sealed record Initializer(InitializerKind Kind, double StandardDeviation = 0.1)
{
    /// <summary>What <see cref="Parse"/> accepts.</summary>
    public const string Syntax = "zeros, random-normal[:SD], truncated-normal[:SD], xavier or he";

    /// <summary>Reads <c>zeros</c>, <c>random-normal[:SD]</c>, <c>truncated-normal[:SD]</c>, <c>xavier</c> or <c>he</c>; SD is 0.1 if not given.</summary>
    /// <exception cref="FormatException">The text is none of these, or the standard deviation is not a number greater than 0.</exception>
    public static Initializer Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        InitializerKind kind = name switch
        {
            "zeros" => InitializerKind.Zeros,
            "random-normal" => InitializerKind.RandomNormal,
            "truncated-normal" => InitializerKind.TruncatedNormal,
            "xavier" => InitializerKind.Xavier,
            "he" => InitializerKind.He,
            _ => throw new FormatException($"'{text}' is not an initialiser; expected {Syntax}."),
        };
        if (colon < 0)
            return new Initializer(kind);
        if (kind is not (InitializerKind.RandomNormal or InitializerKind.TruncatedNormal))
            throw new FormatException($"'{text}' is not an initialiser: {name} takes no standard deviation; expected {Syntax}.");
        string number = text[(colon + 1)..];
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double deviation) || !double.IsFinite(deviation) || deviation <= 0.0)
            throw new FormatException($"'{text}' is not an initialiser: the standard deviation is '{number}'; expected a number greater than 0.");
        return new Initializer(kind, deviation);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Kind switch
    {
        InitializerKind.Zeros => "zeros",
        InitializerKind.RandomNormal => string.Create(CultureInfo.InvariantCulture, $"random-normal:{StandardDeviation}"),
        InitializerKind.TruncatedNormal => string.Create(CultureInfo.InvariantCulture, $"truncated-normal:{StandardDeviation}"),
        InitializerKind.Xavier => "xavier",
        _ => "he",
    };
}
