using System.Text.RegularExpressions;

namespace Lockstep.Data.Preparing;

/// <summary>Texts that are numbers or dates to people, and categories to a table.</summary>
internal static partial class WrittenValues
{
    // Of fewer different texts, such as 5V and 12V, a category each is as good. A few others may stand for missing values.
    private const int Fewest = 10;
    private const double LeastShare = 0.9;

    /// <summary>
    /// A number with a currency, a unit, a per cent sign, or separators of thousands; null unless nearly all texts are such.
    /// </summary>
    public static string? NumberIn(IReadOnlyList<string> texts) =>
        AreMostly(texts, Number()) ? texts.FirstOrDefault(text => Number().IsMatch(text) && !text.All(char.IsAsciiDigit)) : null;

    /// <summary>A date, with or without a time; null unless nearly all texts are such.</summary>
    public static string? DateIn(IReadOnlyList<string> texts) => AreMostly(texts, Date()) ? texts.First(Date().IsMatch) : null;

    private static bool AreMostly(IReadOnlyList<string> texts, Regex form) =>
        texts.Count >= Fewest && texts.Count(form.IsMatch) >= LeastShare * texts.Count;

    // Such as $1,016.57, 1.016,57 EUR, 10%, -3.5 kg and 1 016, but no date.
    [GeneratedRegex(@"^\p{Sc}?\s?[-+]?\p{Sc}?\s?([0-9]+|[0-9]{1,3}([.,'\s][0-9]{3})+)([.,][0-9]+)?\s?(%|\p{Sc}|\p{L}{1,3}|°[CF]?)?$")]
    private static partial Regex Number();

    // Such as 2024-03-31, 31.03.2024, 3/31/24 and 2024-03-31T12:00:00Z.
    [GeneratedRegex(@"^([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))([T ].*)?$")]
    private static partial Regex Date();
}
