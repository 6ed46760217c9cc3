using System.Globalization;
using Lockstep.Model.Text;

namespace Lockstep.Model.Specs;

/// <summary>
/// How training images are changed at random, anew in every epoch, so that a model sees more of what an image may look like. Each example
/// of an epoch is changed in one way that depends on the seed, the epoch and the example alone; evaluation and prediction see images as
/// they are. What comes in from outside the image is 0. Strengths are maxima, 0 is without effect, and random numbers are uniform unless
/// stated otherwise. In this order: flips, scale, rotation and shift about the centre, elastic displacement, noise, cutout.
/// </summary>
public sealed record AugmentationSpec
{
    /// <summary>
    /// Largest shift to each side in pixels, 0 to 128; shifts are whole pixels. It is the same as padding an image with as many zeros on
    /// each side and cropping it at random to its size.
    /// </summary>
    public int Shift { get; init; }

    /// <summary>Largest rotation to each side in degrees, 0 to 180.</summary>
    public double Rotate { get; init; }

    /// <summary>Largest change of size as a share, 0 to 0.9: the factor is from 1 - this to 1 + this.</summary>
    public double Scale { get; init; }

    /// <summary>
    /// Largest elastic displacement of a pixel along each axis, in pixels, 0 to 64. For images of 28 x 28 pixels, 5 is about as strong as
    /// α = 34 with σ = 4 in Simard et al., "Best practices for convolutional neural networks" (ICDAR 2003).
    /// </summary>
    public double Elastic { get; init; }

    /// <summary>Share of the images that are flipped left to right, 0 to 1.</summary>
    public double Flip { get; init; }

    /// <summary>Share of the images that are flipped upside down, 0 to 1.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Standard deviation of the noise that is added to each intensity, as a share of 255, 0 to 1.</summary>
    public double Noise { get; init; }

    /// <summary>
    /// Side in pixels, 0 to 256, of a square that is set to 0 at a random place, which may be partly outside (DeVries and Taylor, "Improved
    /// regularization of convolutional neural networks with cutout", 2017).
    /// </summary>
    public int Cutout { get; init; }

    /// <summary>Largest height and width of an image that can be augmented: positions in it have 16 bits behind the point.</summary>
    public const int MaxSide = 2048;

    /// <summary>Names that stand for several strengths.</summary>
    public static IReadOnlyDictionary<string, AugmentationSpec> Presets { get; } = new Dictionary<string, AugmentationSpec>
    {
        ["digits"] = new() { Shift = 2, Rotate = 10, Scale = 0.1, Elastic = 4 },
    };

    /// <summary>What <see cref="Parse"/> accepts.</summary>
    public static string Syntax { get; } =
        $"one or more of shift:PIXELS, rotate:DEGREES, scale:SHARE, elastic:PIXELS, flip[:SHARE], vflip[:SHARE], noise:SHARE and "
            + $"cutout:PIXELS, separated by commas, or {string.Join(", ", Presets.Keys)}";

    /// <summary>Reads a text such as <c>shift:2,rotate:10,flip</c>, or the name of a preset.</summary>
    /// <exception cref="FormatException">The text is something else, or a strength is out of range.</exception>
    public static AugmentationSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Presets.TryGetValue(text.Trim(), out AugmentationSpec? preset))
            return preset;
        var spec = new AugmentationSpec();
        var given = new HashSet<string>();
        foreach (string part in text.Split(','))
        {
            string[] words = part.Split(':', 2, StringSplitOptions.TrimEntries);
            AugmentationKind kind = AugmentationKind.All.FirstOrDefault(kind => kind.Name == words[0])
                ?? throw new FormatException(Unknown(words[0]));
            if (!given.Add(kind.Name))
                throw new FormatException($"{kind.Name} occurs twice.");
            double strength = kind.Default ?? 0.0;
            if (words.Length == 1 && kind.Default is null)
                throw new FormatException($"{kind.Name} has no strength: give {kind.Unit}, {kind.Range.Words}, after a colon.");
            if (words.Length == 2 && !double.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out strength))
                throw new FormatException($"the strength of {kind.Name} is not a number; it counts {kind.Unit}.");
            if (kind.Problem(strength) is not null)
                throw new FormatException($"the strength of {kind.Name}, which counts {kind.Unit}, is not {kind.Range.Words}.");
            spec = kind.With(spec, strength + 0.0); // A negative zero is zero.
        }

        return spec.HasEffect ? spec : throw new FormatException("all strengths are 0.");
    }

    /// <summary>Whether any strength is above 0.</summary>
    public bool HasEffect => AugmentationKind.All.Any(kind => kind.StrengthOf(this) != 0.0);

    /// <summary>Problems of the strengths, one sentence each; empty if they are legal.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (AugmentationKind kind in AugmentationKind.All)
        {
            if (kind.Problem(kind.StrengthOf(this)) is { } problem)
                yield return $"The augmentation {problem}";
        }

        if (!HasEffect)
            yield return "An augmentation whose strengths are all 0; expected one above 0, or no augmentation.";
    }

    /// <summary>Why examples cannot be augmented, as a sentence; null if they can.</summary>
    /// <param name="shape">Shape of an example.</param>
    public string? ProblemWith(TensorShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Dimensions is not [var height, var width, _]
            ? $"The augmentation {this} is for images, and these examples are rows of numbers. Leave it out."
            : height > MaxSide || width > MaxSide
                ? $"The augmentation {this} of images of {height} x {width} pixels; expected sides of at most {MaxSide:N0}. Leave it out."
                : null;
    }

    /// <summary>The text that <see cref="Parse"/> reads: the strengths that are not 0.</summary>
    public override string ToString() =>
        string.Join(',', AugmentationKind.All.Where(kind => kind.StrengthOf(this) != 0.0).Select(TextOf));

    private string TextOf(AugmentationKind kind)
    {
        double strength = kind.StrengthOf(this);
        return strength == kind.Default ? kind.Name : $"{kind.Name}:{strength.ToString("R", CultureInfo.InvariantCulture)}";
    }

    private static string Unknown(string name) => name switch
    {
        "crop" => "there is no crop: a random crop of the padded image is a shift by as many pixels, such as shift:4.",
        _ when Presets.ContainsKey(name) => $"{name} stands alone.",
        "" => "there is nothing between two commas.",
        _ when name.Contains('=', StringComparison.Ordinal) => $"{ForeignText.Quote(name)} has its strength after '=', expected a colon: "
            + $"{ForeignText.Quote(name.Replace('=', ':'))}.",
        _ => Spelling.Nearest(name, AugmentationKind.All.Select(kind => kind.Name)) is { } near
            ? $"there is no {ForeignText.Quote(name)}; did you mean {near}?"
            : $"there is no {ForeignText.Quote(name)}",
    };
}
