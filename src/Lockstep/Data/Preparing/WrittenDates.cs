using System.Text.RegularExpressions;

namespace Lockstep.Data.Preparing;

/// <summary>Texts that are dates, with or without a time.</summary>
internal static partial class WrittenDates
{
    // A few days, such as holidays, may be categories.
    private const int Fewest = 10;
    private const double LeastShare = 0.9;

    /// <summary>The first of the texts that is a date; null unless they are many, and nearly all of them are.</summary>
    public static string? In(IReadOnlyList<string> texts) =>
        texts.Count >= Fewest && texts.Count(IsDate) >= LeastShare * texts.Count ? texts.First(IsDate) : null;

    private static bool IsDate(string text) => Date().IsMatch(text);

    // Such as 2024-03-31, 31.03.2024, 3/31/24 and 2024-03-31T12:00:00Z.
    [GeneratedRegex(@"^([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))([T ].*)?$")]
    private static partial Regex Date();
}
