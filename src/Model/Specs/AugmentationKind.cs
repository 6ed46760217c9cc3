namespace Lockstep.Model.Specs;

/// <summary>One kind of augmentation. A new one is added to <see cref="All"/>; texts, files and messages follow from there.</summary>
/// <param name="Name">Its name in texts and files.</param>
/// <param name="Unit">What its strength counts.</param>
/// <param name="Range">Legal strengths; 0 is without effect.</param>
/// <param name="IsWhole">Whether strengths are whole numbers.</param>
/// <param name="StrengthOf">The strength in a spec.</param>
/// <param name="With">A spec with another strength.</param>
public sealed record AugmentationKind(
    string Name, string Unit, NumberRange<double> Range, bool IsWhole, Func<AugmentationSpec, double> StrengthOf,
    Func<AugmentationSpec, double, AugmentationSpec> With)
{
    /// <summary>The strength where a text gives none, such as one half of <c>flip</c>; null where it must.</summary>
    public double? Default { get; init; }

    /// <summary>All kinds, in the order in which texts and files have them.</summary>
    public static IReadOnlyList<AugmentationKind> All { get; } =
    [
        new("shift", "pixels", Ranges.Shift, IsWhole: true, spec => spec.Shift, (spec, value) => spec with { Shift = (int)value }),
        new("rotate", "degrees", Ranges.Rotate, IsWhole: false, spec => spec.Rotate, (spec, value) => spec with { Rotate = value }),
        new("scale", "a share of the size", Ranges.Scale, IsWhole: false, spec => spec.Scale, (spec, value) => spec with { Scale = value }),
        new("elastic", "pixels", Ranges.Elastic, IsWhole: false, spec => spec.Elastic, (spec, value) => spec with { Elastic = value }),
        new("flip", "a share of the images", Ranges.Flip, IsWhole: false, spec => spec.Flip, (spec, value) => spec with { Flip = value })
        {
            Default = 0.5,
        },
        new("vflip", "a share of the images", Ranges.Flip, IsWhole: false, spec => spec.VerticalFlip,
            (spec, value) => spec with { VerticalFlip = value })
        {
            Default = 0.5,
        },
        new("noise", "a share of white", Ranges.Noise, IsWhole: false, spec => spec.Noise, (spec, value) => spec with { Noise = value }),
        new("cutout", "pixels", Ranges.Cutout, IsWhole: true, spec => spec.Cutout, (spec, value) => spec with { Cutout = (int)value }),
    ];

    /// <summary>What is wrong with a strength, such as <c>scale 1; expected a number from 0 to 0.9.</c>; null if it is legal.</summary>
    public string? Problem(double strength) =>
        Range.Problem(Name, strength)
            ?? (IsWhole && strength != Math.Floor(strength)
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {strength}; expected {Range.Words}.")
                : null);
}
