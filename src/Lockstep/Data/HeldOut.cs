using System.Globalization;
using Lockstep.Model.Specs;

namespace Lockstep.Data;

/// <summary>Where held-out examples come from: a share of the training file's, or a file or folder of their own.</summary>
/// <param name="Share">Share of the examples of each class, above 0 and below 1; null where there is a path.</param>
/// <param name="Path">The file or folder; null where there is a share.</param>
public sealed record HeldOut(double? Share, string? Path)
{
    /// <summary>Reads a number, such as 0.2 or 20%, as a share, and anything else as a path.</summary>
    /// <exception cref="FormatException">The number is no share.</exception>
    public static HeldOut Parse(string text)
    {
        bool isPercent = text.EndsWith('%');
        if (!double.TryParse(isPercent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share))
            return new HeldOut(null, text);
        share /= isPercent ? 100 : 1;
        return Ranges.HeldOutShare.Contains(share)
            ? new HeldOut(share, null)
            : throw new FormatException($"'{text}' is not {Ranges.HeldOutShare.Words}");
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Path ?? Share!.Value.ToString(CultureInfo.InvariantCulture);
}
