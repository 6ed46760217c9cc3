namespace Lockstep.Model.Text;

/// <summary>
/// The order of names in which digits count as numbers: <c>2.png</c> before <c>10.png</c>. Names that are equal so, such as
/// <c>1.png</c> and <c>01.png</c>, by length, then ordinal.
/// </summary>
public sealed class NaturalOrder : IComparer<string>
{
    /// <summary>The only one.</summary>
    public static NaturalOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        while (left.Length > 0 && right.Length > 0)
        {
            int order;
            if (char.IsAsciiDigit(left[0]) && char.IsAsciiDigit(right[0]))
            {
                ReadOnlySpan<char> a = TakeNumber(ref left), b = TakeNumber(ref right);
                order = a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
            }
            else
            {
                order = left[0].CompareTo(right[0]);
                left = left[1..];
                right = right[1..];
            }

            if (order != 0)
                return order;
        }

        int rest = left.Length.CompareTo(right.Length);
        return rest != 0 ? rest
            : x?.Length != y?.Length ? (x?.Length ?? 0).CompareTo(y?.Length ?? 0)
            : string.CompareOrdinal(x, y);
    }

    /// <summary>Takes the digits at the beginning, and gives them without zeros before them.</summary>
    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        int length = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> digits = text[..(length < 0 ? text.Length : length)];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
