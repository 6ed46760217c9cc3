using System.Globalization;
using Lockstep.Model.Text;

namespace Lockstep.Wording;

/// <summary>Figures as people read them.</summary>
internal static class Format
{
    public static string Percent(double share) =>
        double.IsFinite(share) ? (share * 100).ToString("F2", CultureInfo.InvariantCulture) + "%" : "n/a";

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
