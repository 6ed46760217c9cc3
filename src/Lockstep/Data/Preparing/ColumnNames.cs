using Lockstep.Coordinator.Launching;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;

namespace Lockstep.Data.Preparing;

/// <summary>Columns that the user names.</summary>
internal static class ColumnNames
{
    private static readonly string[] LabelNames = ["label", "class", "target", "y"];

    /// <summary>Names as one argument of an option, for a shell.</summary>
    public static string Quoted(IReadOnlyList<string> names) => SshLaunch.QuoteIfNeeded(string.Join(',', names));

    /// <summary>The option that leaves columns out, together with those that are left out already.</summary>
    /// <param name="ignored">What <c>--ignore</c> has now.</param>
    /// <param name="names">The columns.</param>
    public static string IgnoreAlso(string ignored, IReadOnlyList<string> names) =>
        "--ignore " + Quoted([.. ignored.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), .. names]);

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
            $"'{source}' has no column {ForeignText.Quote(label)}{Near(label, names)} Give the name or the position of the column that "
                + $"holds the class with --label. It has {List(names)}.");
    }

    /// <summary>How a column is read.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">What the user says of columns.</param>
    public static ColumnKind KindOf(string name, PreparationOptions options)
    {
        if (IsAmong(name, options.Ignore))
            return ColumnKind.Ignored;
        return IsAmong(name, options.Categorical) ? ColumnKind.Texts : ColumnKind.Automatic;
    }

    /// <summary>How columns are read for a run that read such a table before.</summary>
    public static Func<string, ColumnKind> KindsOf(Preparation preparation)
    {
        // Without a header, names are places, which move where the label is left out.
        if (preparation.Inputs is not TableSpec table || table.Columns.All(column => IsPlace(column.Name)))
            return _ => ColumnKind.Automatic;
        Dictionary<string, ColumnSpec> known = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        return name => known.TryGetValue(name, out ColumnSpec? column) ? column is NumberColumn ? ColumnKind.Numbers : ColumnKind.Texts
            : name == preparation.Label ? ColumnKind.Automatic
            : ColumnKind.Ignored;
    }

    /// <summary>Whether a name stands for the place of a column without a header.</summary>
    public static bool IsPlace(string name) =>
        name.StartsWith("column", StringComparison.Ordinal) && name.AsSpan(6).IndexOfAnyExceptInRange('0', '9') < 0 && name.Length > 6;

    /// <summary>Refuses names that are no columns.</summary>
    /// <param name="source">The table, for messages.</param>
    /// <param name="names">Its columns.</param>
    /// <param name="options">What the user says of columns.</param>
    /// <exception cref="DatasetException">There are such names; the message has all of them.</exception>
    public static void RefuseUnknown(string source, IReadOnlyList<string> names, PreparationOptions options)
    {
        var problems = new List<string>();
        foreach ((string option, string text) in new[] { ("--ignore", options.Ignore), ("--categorical", options.Categorical) })
        {
            // What is left when the names that there are have been taken out; longer names first, because names may have commas.
            string rest = Listed(text);
            foreach (string name in names.OrderByDescending(name => name.Length))
                rest = rest.Replace(Listed(name), ",,", StringComparison.Ordinal);
            foreach (string unknown in rest.Split(',', StringSplitOptions.RemoveEmptyEntries))
                problems.Add($"{option} {ForeignText.Quote(unknown)} is no column of '{source}'{Near(unknown, names)}");
        }

        if (problems.Count > 0)
            throw new DatasetException($"{string.Join(' ', problems)} It has {List(names)}.");
    }

    // Names in a list that is separated by commas; a name may have commas itself.
    private static bool IsAmong(string name, string list) => Listed(list).Contains(Listed(name), StringComparison.Ordinal);

    // Blanks around commas do not count.
    private static string Listed(string names) => $",{string.Join(',', names.Split(',', StringSplitOptions.TrimEntries))},";

    private static string Near(string name, IReadOnlyList<string> names) =>
        Spelling.Nearest(name, names) is { } near ? $"; did you mean {ForeignText.Quote(near)}?" : ".";

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(30).Select(name => ForeignText.Quote(name))) + (
            names.Count > 30 ? $", ... ({names.Count:N0} columns)" : "");
}
