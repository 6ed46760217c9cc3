using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Model.Specs;

/// <summary>Distribution of a parameter's initial values.</summary>
public enum InitializerKind
{
    /// <summary>All zero. A network with a hidden layer cannot learn from zero weights: all units stay alike.</summary>
    Zeros = 0,

    /// <summary>Normal distribution with a mean and a standard deviation.</summary>
    RandomNormal = 1,

    /// <summary>Normal distribution; values beyond two standard deviations from the mean are redrawn.</summary>
    TruncatedNormal = 2,

    /// <summary>Uniform in ±sqrt(6 / (inputs + units)) (Glorot and Bengio, 2010).</summary>
    Xavier = 3,

    /// <summary>Normal with standard deviation sqrt(2 / inputs) (He et al., 2015).</summary>
    He = 4,

    /// <summary>One value everywhere.</summary>
    Constant = 5,

    /// <summary>Uniform between two bounds.</summary>
    Uniform = 6,
}

/// <summary>An <see cref="InitializerKind"/> with its numbers.</summary>
/// <param name="Kind">The distribution.</param>
/// <param name="First">The mean of a normal, the value of a constant, the lower bound of a uniform distribution; otherwise 0.</param>
/// <param name="Second">The standard deviation of a normal, the upper bound of a uniform distribution; otherwise 0.</param>
public sealed partial record Initializer(InitializerKind Kind, double First = 0, double Second = 0)
{
    /// <summary>What <see cref="Parse"/> accepts.</summary>
    public const string Syntax =
        "zeros, constant(VALUE), random_normal(MEAN, SD), truncated_normal(MEAN, SD), uniform(LOW, HIGH), xavier or he";

    /// <summary>All zero.</summary>
    public static Initializer Zeros { get; } = new(InitializerKind.Zeros);

    /// <summary>For ReLU layers.</summary>
    public static Initializer He { get; } = new(InitializerKind.He);

    /// <summary>For linear, tanh and sigmoid layers.</summary>
    public static Initializer Xavier { get; } = new(InitializerKind.Xavier);

    /// <summary>Why the numbers do not fit the kind; null if they do.</summary>
    public string? Problem => Kind switch
    {
        _ when !Enum.IsDefined(Kind) => $"kind {(int)Kind} is none of {Syntax}",
        _ when !float.IsFinite((float)First) || !float.IsFinite((float)Second) => "its numbers are not finite",
        InitializerKind.RandomNormal or InitializerKind.TruncatedNormal when Second <= 0 =>
            $"the standard deviation is {Number(Second)}; expected a number greater than 0",
        InitializerKind.Uniform when First >= Second =>
            $"the lower bound is {Number(First)}, the upper {Number(Second)}; expected the lower one to be less",
        _ => null,
    };

    /// <summary>Parses an initialiser such as <c>he</c>, <c>constant(0.1)</c> or <c>truncated_normal(0, 0.1)</c>.</summary>
    /// <exception cref="FormatException">The text is no initialiser, or a number is out of range.</exception>
    public static Initializer Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Match match = Form().Match(text);
        string name = match.Groups["name"].Value;
        InitializerKind kind = name switch
        {
            "zeros" => InitializerKind.Zeros,
            "constant" => InitializerKind.Constant,
            "random_normal" => InitializerKind.RandomNormal,
            "truncated_normal" => InitializerKind.TruncatedNormal,
            "uniform" => InitializerKind.Uniform,
            "xavier" => InitializerKind.Xavier,
            "he" => InitializerKind.He,
            _ => throw new FormatException($"'{text}' is not an initialiser; expected {Syntax}."),
        };
        string[] numbers = match.Groups["numbers"].Success ? match.Groups["numbers"].Value.Split(',', StringSplitOptions.TrimEntries) : [];
        int expected = Numbers(kind);
        if (numbers.Length != expected)
            throw new FormatException(
                $"'{text}' is not an initialiser: {name} takes {expected} numbers, not {numbers.Length}; expected {Syntax}.");
        double[] values = new double[2];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!double.TryParse(numbers[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]))
                throw new FormatException($"'{text}' is not an initialiser: '{numbers[i]}' is not a number; expected {Syntax}.");
        }

        var initializer = new Initializer(kind, values[0], values[1]);
        return initializer.Problem is { } problem ? throw new FormatException($"'{text}' is not an initialiser: {problem}.") : initializer;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString()
    {
        string name = Kind switch
        {
            InitializerKind.Zeros => "zeros",
            InitializerKind.Constant => "constant",
            InitializerKind.RandomNormal => "random_normal",
            InitializerKind.TruncatedNormal => "truncated_normal",
            InitializerKind.Uniform => "uniform",
            InitializerKind.Xavier => "xavier",
            _ => "he",
        };
        return Numbers(Kind) switch
        {
            0 => name,
            1 => $"{name}({Number(First)})",
            _ => $"{name}({Number(First)}, {Number(Second)})",
        };
    }

    private static int Numbers(InitializerKind kind) => kind switch
    {
        InitializerKind.Constant => 1,
        InitializerKind.RandomNormal or InitializerKind.TruncatedNormal or InitializerKind.Uniform => 2,
        _ => 0,
    };

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(?<name>[a-z_]+)\s*(\((?<numbers>[^()]*)\))?\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
