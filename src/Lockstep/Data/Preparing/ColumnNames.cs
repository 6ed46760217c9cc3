using Lockstep.Coordinator.Launching;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Preparing;

/// <summary>Columns that the user names.</summary>
internal static class ColumnNames
{
    private static readonly string[] LabelNames = ["label", "class", "target", "y"];

    /// <summary>Names as one argument of an option, for a shell.</summary>
    public static string Quoted(IReadOnlyList<string> names) => SshLaunch.QuoteIfNeeded(string.Join(',', names));

    /// <summary>The column of classes.</summary>
    /// <param name="source">The table, for messages.</param>
    /// <param name="names">Its columns.</param>
    /// <param name="label">What the user says: a name, or a position from 1 on or from the end; null takes the usual names.</param>
    /// <exception cref="DatasetException">There is no such column, or none that is called like a label.</exception>
    public static string Label(string source, IReadOnlyList<string> names, string? label)
    {
        if (label is null)
        {
            string[] usual = [.. LabelNames.SelectMany(
                usual => names.Where(name => name.Equals(usual, StringComparison.OrdinalIgnoreCase))).Take(1)];
            return usual.Length == 1
                ? usual[0]
                : throw new DatasetException(
                    $"'{source}' does not tell which column holds the class. Give its name or its position with --label, such as --label "
                    + $"{Quoted([names[^1]])} or --label -1 for the last. It has {List(names)}.");
        }

        if (names.Contains(label, StringComparer.Ordinal))
            return label;
        if (int.TryParse(label, out int position) && position != 0 && Math.Abs(position) <= names.Count)
            return position > 0 ? names[position - 1] : names[^-position];
        throw new DatasetException(
            $"'{source}' has no column {ForeignText.Quote(label)}{Near(label, names)}. Give the name or the position of the column that holds "
            + $"the class with --label. It has {List(names)}.");
    }

    /// <summary>How every column is read.</summary>
    /// <param name="source">The table, for messages.</param>
    /// <param name="names">Its columns.</param>
    /// <param name="options">What the user says of them.</param>
    /// <returns>A kind for each column.</returns>
    /// <exception cref="DatasetException">Names are no columns; the message has all of them.</exception>
    public static ColumnKind[] KindsOf(string source, IReadOnlyList<string> names, PreparationOptions options)
    {
        var kinds = new ColumnKind[names.Count];
        var problems = new List<string>();
        Set("--categorical", options.Categorical, ColumnKind.Texts);
        Set("--ignore", options.Ignore, ColumnKind.Ignored);
        return problems.Count == 0 ? kinds : throw new DatasetException($"{string.Join(' ', problems)} It has {List(names)}.");

        void Set(string option, string text, ColumnKind kind)
        {
            // A name may have commas: the longest one that is a column counts.
            string[] words = text.Split(',');
            for (int i = 0, end; text.Length > 0 && i < words.Length; i = end)
            {
                int column = -1;
                for (end = words.Length; end > i && column < 0; end--)
                    column = IndexOf(string.Join(',', words[i..end]));
                if (column >= 0)
                    kinds[column] = kind;
                else
                    problems.Add($"{option} {ForeignText.Quote(words[i])} is no column of '{source}'{Near(words[i], names)}.");
                end++;
            }
        }

        int IndexOf(string name)
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (names[i] == name || names[i] == name.Trim())
                    return i;
            }

            return -1;
        }
    }

    private static string Near(string name, IReadOnlyList<string> names) =>
        Spelling.Nearest(name, names) is { } near ? $"; did you mean {ForeignText.Quote(near)}?" : "";

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(30).Select(name => ForeignText.Quote(name))) + (names.Count > 30 ? $", ... ({names.Count:N0} columns)" : "");
}
