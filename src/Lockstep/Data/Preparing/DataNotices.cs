using Lockstep.Data.Describing;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>What the user should know of data that are prepared.</summary>
/// <param name="options">What the user says.</param>
/// <param name="isNew">Whether they are prepared for the first time; otherwise most of it was said then.</param>
internal sealed class DataNotices(PreparationOptions options, bool isNew)
{
    private const int MostNamed = 3, FewExamples = 10, FewOfAClass = 2;

    private readonly List<string> _notices = [];

    /// <summary>A sentence each.</summary>
    public IReadOnlyList<string> All => _notices;

    /// <summary>Columns that give the class away, as far as they were looked for.</summary>
    public IReadOnlyList<string> Leaks { get; private set; } = [];

    /// <summary>Adds a notice. Parts of one file have the same to say.</summary>
    public void Add(string notice)
    {
        if (!_notices.Contains(notice))
            _notices.Add(notice);
    }

    /// <summary>Notices of how examples are divided.</summary>
    public void OfDivision(Division parts)
    {
        OfClasses(parts);
        OfFewLeft(parts);
        if (isNew && parts.Training.Raw is ImageFolder { EmptyClasses: { Count: > 0 } empty })
            _notices.Add($"{(empty.Count == 1 ? "The folder" : "The folders")} {Listed([.. empty])} "
                + $"{(empty.Count == 1 ? "has no picture and is no class." : "have no pictures and are no classes.")}");
        OfPassedOver(parts);
    }

    /// <summary>A notice of columns of a table that give the class away.</summary>
    public void OfLeaks(Division parts, InputSpec inputs)
    {
        if (!isNew || inputs is not TableSpec || parts is not { Training: { Raw: RawTable table, Labels: var labels }, Label: { } label })
            return;
        Leaks = Describing.Leaks.In(table, labels, label);
        if (Leaks.Count > 0)
            _notices.Add($"Leak? {Listed([.. Leaks])} alone {(Leaks.Count == 1 ? "tells" : "tell")} the class of every row. If that is not "
                + $"known beforehand for new rows, leave {(Leaks.Count == 1 ? "it" : "them")} out with "
                + $"{ColumnNames.IgnoreAlso(options.Ignore, Leaks)}.");
    }

    /// <summary>A notice of held-out examples in files of their own that are trained on, too.</summary>
    public void OfRepeated(Division parts, Dataset data)
    {
        if (!isNew || (parts.Validation.Raw == parts.Training.Raw && parts.Test.Raw == parts.Training.Raw))
            return;
        _notices.AddRange(RepeatedExamples.In(data).HeldOutTexts(data));
    }

    /// <summary>A notice of options without effect: images in a file of their own each, or in an array, have no columns.</summary>
    public void OfOptions(RawExamples training)
    {
        if (!isNew || training is not (ImageFolder or ByteImages))
            return;
        string[] given = [.. new (string Option, bool IsGiven)[]
        {
            ("--label", options.Label is not null), ("--ignore", options.Ignore.Length > 0),
            ("--categorical", options.Categorical.Length > 0), ("--missing", !options.FillsMissing), ("--scale", !options.Standardizes),
        }.Where(option => option.IsGiven).Select(option => option.Option)];
        if (given.Length > 0)
            Add($"{string.Join(", ", given)} {(given.Length == 1 ? "has" : "have")} no meaning for '{training.Source}': it holds images "
                + (training is ImageFolder ? "whose folders are their classes." : "and an array of their classes."));
    }

    private void OfPassedOver(Division parts)
    {
        if (!isNew)
            return;
        ImageFolder[] folders = [.. parts.All.Select(part => part.Part.Raw).OfType<ImageFolder>().Distinct()];
        OfPassedOver([.. folders.SelectMany(folder => folder.PassedOver)], "file that is no picture", "files that are no pictures");
        OfPassedOver(
            [.. folders.SelectMany(folder => folder.Loose)], "picture beside the folders of the classes",
            "pictures beside the folders of the classes");
    }

    private void OfPassedOver(string[] files, string one, string several)
    {
        if (files.Length > 0)
            _notices.Add($"Passed over: {Format.Count(files.Length)} {(files.Length == 1 ? one : several)} ("
                + $"{string.Join(", ", files.Take(MostNamed).Select(ForeignText.Beginning))}{(files.Length > MostNamed ? ", ..." : "")}).");
    }

    /// <summary>Notices of the columns of a table.</summary>
    public void OfColumns(RawExamples raw, InputSpec inputs)
    {
        if (!isNew || inputs is not TableSpec spec || raw is not RawTable table)
            return;
        string[] empty = [.. TableFit.EmptyOf(table).Select(column => column.Name)];
        if (empty.Length > 0)
            _notices.Add($"Left out, as neither name nor values are there: {string.Join(", ", empty)}.");
        IReadOnlyList<string> names = table.Numbering;
        if (names.Count > 0)
            _notices.Add(
                $"{string.Join(", ", names.Select(name => ForeignText.Quote(name)))} {(names.Count == 1 ? "numbers" : "number")} the "
                + $"rows and {(names.Count == 1 ? "says" : "say")} nothing about new ones. Leave {(names.Count == 1 ? "it" : "them")} "
                + $"out with {ColumnNames.IgnoreAlso(options.Ignore, names)}.");
        string[] constant = [.. table.Columns.Where(column => spec.Columns.Any(input => input.Name == column.Name) && IsConstant(column))
            .Select(column => column.Name)];
        if (constant.Length > 0)
            _notices.Add($"{Listed(constant)} {(constant.Length == 1 ? "has" : "have")} the same value in all rows, which tells nothing. "
                + $"Leave {(constant.Length == 1 ? "it" : "them")} out with {ColumnNames.IgnoreAlso(options.Ignore, constant)}.");
        _notices.AddRange(table.Columns.Select(column => column.Doubt).OfType<string>());
        foreach (CategoryColumn column in spec.Columns.OfType<CategoryColumn>())
            OfCategories(column);
    }

    private void OfCategories(CategoryColumn column)
    {
        string name = ForeignText.Quote(column.Name);
        if (ColumnNames.KindOf(column.Name, options) == ColumnKind.Automatic)
        {
            string becomes = $"{name} becomes {Format.Count(column.Categories.Count)} categories.";
            if (WrittenValues.NumberIn(column.Categories) is { } number)
                _notices.Add($"{becomes} If numbers such as {ForeignText.Quote(number)} are meant, write them without units and "
                    + "separators of thousands.");
            else if (WrittenValues.DateIn(column.Categories) is { } date)
                _notices.Add($"{becomes} Of dates such as {ForeignText.Quote(date)}, new rows have others: give what matters of them as "
                    + "columns of numbers, such as the month or the days since another date.");
        }

        string[] alike = [.. column.Categories.GroupBy(text => text.Trim(), StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Skip(1).Any()) ?? Enumerable.Empty<string>()];
        if (alike.Length > 0)
            _notices.Add($"{name} has {Listed(alike)}, which differ only in upper and lower case or blanks. If they are one, write them "
                + "alike.");
    }

    private static bool IsConstant(RawColumn column)
    {
        if (column is TextValues texts)
            return texts.Texts.Count == 1 && column.Missing == 0;
        double[] block = new double[Math.Min(column.Count, 1024)];
        double first = double.NaN;
        for (int start = 0; start < column.Count; start += block.Length)
        {
            Span<double> values = block.AsSpan(0, Math.Min(block.Length, column.Count - start));
            ((NumberValues)column).CopyTo(start, values);
            first = start == 0 ? values[0] : first;
            if (values.ContainsAnyExcept(first))
                return false;
        }

        return column.Count > 1 && !double.IsNaN(first);
    }

    // Where the user chose the shares.
    private void OfFewLeft(Division parts)
    {
        int left = parts.Training.Rows.Length;
        if (isNew && (options.Validation?.Share ?? options.Test?.Share) is not null
            && left < Math.Max(FewExamples, FewOfAClass * parts.Classes.Names.Count))
            _notices.Add($"With {ExampleSplit.SharesText(parts.Split.Validation, parts.Split.Test)} only "
                + $"{Format.Plural(left, "example")} {(left == 1 ? "is" : "are")} left to train on. Smaller shares leave more.");
    }

    private void OfClasses(Division parts)
    {
        IReadOnlyList<string> names = parts.Classes.Names;
        if (names.Count == 0)
            return;
        int[] counts = new int[names.Count];
        foreach (byte label in parts.All.SelectMany(part => part.Part.LabelsOfRows()))
            counts[label]++;
        string[] single = [.. names.Where((_, i) => counts[i] == 1)];
        if (isNew && single.Length > 0)
            _notices.Add($"{(single.Length == 1 ? "The class" : "The classes")} {Listed(single)} {(single.Length == 1 ? "has" : "have")} a "
                + "single example, which cannot be trained on and tested as well. Give more of them, or leave them out.");
        foreach ((string what, Part part) in parts.All)
        {
            byte[] labels = part.LabelsOfRows();
            string[] absent = [.. names.Where((_, i) => counts[i] != 1 && !labels.Contains((byte)i))];
            if (absent.Length > 0)
                _notices.Add($"No example for {what} has the class {Listed(absent)}.");
        }

        string[] alike = [.. names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(
            group => group.Skip(1).Any()) ?? Enumerable.Empty<string>()];
        if (isNew && alike.Length > 0)
            _notices.Add($"The classes {Listed(alike)} differ only in upper and lower case. If they are one, write them alike.");
    }

    private static string Listed(string[] names) =>
        string.Join(", ", names.Take(10).Select(name => ForeignText.Quote(name))) + (names.Length > 10 ? ", ..." : "");
}
