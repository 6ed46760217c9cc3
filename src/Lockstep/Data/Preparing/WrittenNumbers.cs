using System.Text.RegularExpressions;

namespace Lockstep.Data.Preparing;

/// <summary>Texts that are numbers to people: with a currency, a unit, a per cent sign, or separators of thousands.</summary>
internal static partial class WrittenNumbers
{
    // Of fewer different texts, such as 5V and 12V, a category each is as good. A few others may stand for missing values.
    private const int Fewest = 10;
    private const double LeastShare = 0.9;

    /// <summary>The first of the texts that is such a number; null unless they are many, and nearly all of them are.</summary>
    public static string? In(IReadOnlyList<string> texts) =>
        texts.Count >= Fewest && texts.Count(IsNumber) >= LeastShare * texts.Count
            ? texts.FirstOrDefault(text => IsNumber(text) && !text.All(char.IsAsciiDigit))
            : null;

    private static bool IsNumber(string text) => Number().IsMatch(text);

    // Such as $1,016.57, 1.016,57 EUR, 10%, -3.5 kg and 1 016, but no date.
    [GeneratedRegex(@"^\p{Sc}?\s?[-+]?\p{Sc}?\s?([0-9]+|[0-9]{1,3}([.,'\s][0-9]{3})+)([.,][0-9]+)?\s?(%|\p{Sc}|\p{L}{1,3}|°[CF]?)?$")]
    private static partial Regex Number();
}
