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
    public static string Quoted(IReadOnlyList<string> names) => ShellWord.Of(string.Join(',', names));

    /// <summary>The option that leaves columns out, together with those that are left out already.</summary>
    /// <param name="ignored">What <c>--ignore</c> has now.</param>
    /// <param name="names">The columns.</param>
    public static string IgnoreAlso(string ignored, IReadOnlyList<string> names) =>
        "--ignore " + Quoted([.. ignored.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), .. names]);

    /// <summary>The column of classes.</summary>
    /// <param name="table">The table.</param>
    /// <param name="label">
    /// What the user says: a name, or a position in the file from 1 on or from the end; null takes the usual names.
    /// </param>
    /// <exception cref="DatasetException">There is no such column, or none that is called like a label.</exception>
    public static string Label(RawTable table, string? label)
    {
        (string source, IReadOnlyList<string> names) = (table.Source, table.Names);
        if (label is null)
        {
            names = [.. table.Columns.Select(column => column.Name)];
            string[] usual = [.. LabelNames.SelectMany(
                usual => names.Where(name => name.Equals(usual, StringComparison.OrdinalIgnoreCase))).Take(1)];
            return usual.Length == 1
                ? usual[0]
                : throw new DatasetException(
                    $"'{source}' does not tell which column holds the class. Give its name or its position with --label, such as --label "
                    + $"{Quoted([names[^1]])} or --label -1 for the last; or name the numbers to predict with --target. "
                    + $"It has {List(names)}.");
        }

        return Find(table, label, "--label") ?? throw new DatasetException(
            $"'{source}' has no column {ForeignText.Quote(label)}{NearOrPositions(label, names)} Give the name or the position of the "
                + $"column that holds the class with --label. It has {List(names)}.");
    }

    /// <summary>The columns of targets.</summary>
    /// <param name="table">The table.</param>
    /// <param name="targets">What the user says: names or positions in the file, separated by commas.</param>
    /// <param name="categorical">What the user says of columns of texts.</param>
    /// <exception cref="DatasetException">There is no such column, too many, one twice, or one of texts.</exception>
    public static IReadOnlyList<string> Targets(RawTable table, string targets, string categorical)
    {
        (string source, IReadOnlyList<string> names) = (table.Source, table.Names);
        string[] found = [.. TargetTexts(targets, names).Select(text => Find(table, text, "--target") ?? throw new DatasetException(
            $"'{source}' has no column {ForeignText.Quote(text)}{NearOrPositions(text, names)} Give the names or the positions of the "
                + $"columns to predict with --target. It has {List(names)}."))];
        if (Array.Find(found, name => IsAmong(name, categorical)) is { } text)
            throw new DatasetException($"--target and --categorical both have the column {ForeignText.Quote(text)}; numbers are predicted. "
                + "Take it out of one of them, or predict it as a class with --label.");
        if (!Ranges.Outputs.Contains(found.Length))
            throw new DatasetException($"--target names {found.Length} columns; expected {Ranges.Outputs.Words}.");
        return found.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice }
            ? throw new DatasetException($"--target names the column {ForeignText.Quote(twice)} twice; name it once.")
            : found;
    }

    // A name may have commas itself.
    private static string[] TargetTexts(string targets, IReadOnlyList<string> names) => names.Contains(targets, StringComparer.Ordinal)
        ? [targets]
        : targets.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A column that was read, by its name or its position in the file; null for none.</summary>
    /// <exception cref="DatasetException">It is left out.</exception>
    private static string? Find(RawTable table, string text, string option) =>
        Find(table.Names, text) is not { } name || table.Columns.Any(column => column.Name == name)
            ? Find(table.Names, text)
            : throw new DatasetException(
                $"'{table.Source}': {option} {ForeignText.Quote(text)} is the column {ForeignText.Quote(name)}, which --ignore leaves out. "
                    + "Take it out of one of them.");

    /// <summary>A column by its name, or its position from 1 on or from the end; null for none.</summary>
    private static string? Find(IReadOnlyList<string> names, string text) => names.Contains(text, StringComparer.Ordinal) ? text
        : int.TryParse(text, out int position) && position != 0 && Math.Abs(position) <= names.Count
            ? position > 0 ? names[position - 1] : names[^-position]
        : null;

    /// <summary>How a column is read.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">What the user says of columns.</param>
    public static ColumnKind KindOf(string name, PreparationOptions options)
    {
        if (IsAmong(name, options.Ignore))
            return ColumnKind.Ignored;
        if (options.Target is { } targets && IsAmong(name, targets))
            return ColumnKind.Numbers;
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
            : name == preparation.Label || preparation.Targets.Any(target => target.Name == name) ? ColumnKind.Automatic
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
            {
                while (rest.Contains(Listed(name), StringComparison.Ordinal))
                    rest = rest.Replace(Listed(name), ",,", StringComparison.Ordinal);
            }

            foreach (string unknown in rest.Split(',', StringSplitOptions.RemoveEmptyEntries))
                problems.Add($"{option} {ForeignText.Quote(unknown)} is no column of '{source}'{NearOrName(unknown, names)}");
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

    private static string NearOrPositions(string text, IReadOnlyList<string> names) => !int.TryParse(text, out _) ? Near(text, names)
        : $"; positions go from 1 for {ForeignText.Quote(names[0])} to {names.Count} for {ForeignText.Quote(names[^1])}, or from -1 for "
            + $"the last to -{names.Count}.";

    private static string NearOrName(string text, IReadOnlyList<string> names) =>
        !int.TryParse(text, out _) ? Near(text, names)
        : Find(names, text) is { } meant ? $": give names here, not positions; this is {ForeignText.Quote(meant)}."
        : ": give names here, not positions.";

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(30).Select(name => ForeignText.Quote(name))) + (
            names.Count > 30 ? $", ... ({names.Count:N0} columns)" : "");
}
