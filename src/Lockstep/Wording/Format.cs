using System.Globalization;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Wording;

/// <summary>Figures as people read them.</summary>
internal static class Format
{
    public static string Percent(double share) =>
        double.IsFinite(share) ? (share * 100).ToString("F2", CultureInfo.InvariantCulture) + "%" : "n/a";

    /// <summary>The accuracy, or R² where there are targets.</summary>
    public static string Score(double? r2, double accuracy) => r2 is { } value ? $"R² {R2(value)}" : Percent(accuracy);

    /// <summary>The same, where either may not be known.</summary>
    public static string ScoreOrDash(double? r2, double accuracy) => r2 is null ? PercentOrDash(accuracy) : Score(r2, accuracy);

    /// <summary>R², 1 at best.</summary>
    public static string R2(double value) => double.IsFinite(value) ? value.ToString("F4", CultureInfo.InvariantCulture) : "n/a";

    /// <summary>The value of a metric.</summary>
    public static string Metric(ValidationMetric metric, double value) => metric switch
    {
        ValidationMetric.Loss => Loss(value),
        ValidationMetric.R2 => R2(value),
        _ => Percent(value),
    };

    /// <summary>A quantity of the user's, to six digits.</summary>
    public static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>A share that is not known where it is NaN.</summary>
    public static string PercentOrDash(double share) => double.IsNaN(share) ? "-" : Percent(share);

    public static string Loss(double loss) =>
        double.IsFinite(loss) ? loss.ToString(loss < 100 ? "F4" : "G5", CultureInfo.InvariantCulture) : "not finite";

    public static string Count(double count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Decimal units: 1 MB is 1,000,000 bytes.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F2} GB"),
    };

    public static string Duration(double seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds:F1} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60}:{(int)seconds % 60:D2} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)(seconds / 3600)}:{(int)seconds / 60 % 60:D2} h"),
    };

    /// <summary>Number of epochs, whole or not, and the noun.</summary>
    public static string Epochs(double epochs) =>
        $"{epochs.ToString("0.##", CultureInfo.InvariantCulture)} epoch{(epochs == 1 ? "" : "s")}";

    /// <summary>Names in a line; of many, the first ones and their number.</summary>
    public static string Names(IReadOnlyList<string> names) => names.Count <= 20
        ? string.Join(", ", names.Select(ForeignText.Beginning))
        : $"{string.Join(", ", names.Take(10).Select(ForeignText.Beginning))}, ... ({names.Count} in all)";

    /// <summary>Number and noun.</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
