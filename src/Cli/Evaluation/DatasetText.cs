using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Data.Describing;
using Lockstep.Data.Preparing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Evaluation;

/// <summary>A data set for people.</summary>
internal static class DatasetText
{
    private const int MostColumns = 60, MostClasses = 40;

    // A row of the table of columns fits into 80 characters; --json has the whole texts.
    private const int LongestName = 24, LongestText = 12;

    /// <summary>Writes a data set of the catalogue.</summary>
    public static void Write(TextWriter writer, LoadedDataset loaded)
    {
        WriteIdentity(writer, loaded.Data, loaded.Source);
        WriteParts(writer, loaded.Data);
    }

    /// <summary>Writes files of the user's.</summary>
    public static void Write(TextWriter writer, DataDescription own)
    {
        if (own.Data is { } data)
            WriteIdentity(writer, data, own.Source);
        else
            TextTable.WritePairs(writer, [("from", own.Source), ("holds", own.Kind)]);
        if (own.Columns.Count > 0)
            WriteColumns(writer, own.Columns);
        if (own.Data is not null)
            WriteParts(writer, own.Data);
        string[] findings = [.. Findings(own)];
        if (findings.Length > 0)
            writer.WriteLine();
        foreach (string finding in findings)
            writer.WriteLine(finding);
    }

    private static void WriteIdentity(TextWriter writer, Dataset data, string source)
    {
        List<(string, string)> pairs =
        [
            ("data set", data.Name),
            ("from", source),
            (data.Training.KindName, data.Training.SizeText),
        ];
        if (data.Preparation is { } preparation)
        {
            if (preparation.Label is { } label)
                pairs.Add(("label", ForeignText.Beginning(label)));
            if (preparation.Targets.Count == 0)
                pairs.Add(("classes", Format.Names(preparation.Classes)));
            foreach (TargetSpec target in preparation.Targets)
                pairs.Add(("target", $"{ForeignText.Beginning(target.Name)}, mean {Format.Number(target.Mean)}, "
                    + $"deviation {Format.Number(target.Deviation)} of the training rows"));
        }

        pairs.Add(("sha256", data.Sha256));
        TextTable.WritePairs(writer, [.. pairs]);
    }

    private static void WriteParts(TextWriter writer, Dataset data)
    {
        (string Name, SplitCounts Counts)[] parts = [.. DataOptions.Splits.Select(split => (split, SplitCounts.Of(data, split)))];
        DataSpec spec = data.ToSpec();
        IReadOnlyList<string> total =
            ["all", .. parts.Select(part => Format.Count(part.Counts.Examples.Count))];
        IReadOnlyList<string> nonZero = ["not zero", .. parts.Select(part => Format.Percent(part.Counts.NonZeroShare))];
        IReadOnlyList<string>[] classes = [.. Enumerable.Range(0, Math.Min(data.Classes, MostClasses)).Select(label =>
            (IReadOnlyList<string>)[
                ForeignText.Beginning(spec.ClassName(label)), .. parts.Select(part => Format.Count(part.Counts.Classes[label]))])];
        writer.WriteLine();
        string heading = data.Training.Outputs > 0 ? data.Training.KindName : "class";
        TextTable.Write(writer, [heading, .. parts.Select(part => part.Name)], [.. classes, total, nonZero], firstNumber: 1);
        if (data.Classes > MostClasses)
            writer.WriteLine($"... and {data.Classes - MostClasses} more classes; --json has all.");
    }

    private static void WriteColumns(TextWriter writer, IReadOnlyList<ColumnDescription> columns)
    {
        writer.WriteLine();
        TextTable.Write(
            writer, ["column", "holds", "missing", "different", "values"], [.. columns.Take(MostColumns).Select(Cells)], firstNumber: 2,
            endsWithText: true);
        if (columns.Count > MostColumns)
            writer.WriteLine($"... and {columns.Count - MostColumns:N0} more columns; --json has all.");
    }

    private static string Shortened(string text, int most) =>
        ForeignText.Printable(text.Length <= most ? text : text[..(most - 3)] + "...");

    private static IReadOnlyList<string> Cells(ColumnDescription column) =>
    [
        Shortened(column.Name, LongestName),
        column.IsText ? "texts" : "numbers",
        Format.Count(column.Missing),
        Format.Count(column.Different),
        column.IsText
            ? string.Join(", ", column.Common.Select(text => $"{Shortened(text.Text, LongestText)} ({Format.Count(text.Rows)})"))
            : double.IsNaN(column.Least) ? ""
            : $"{Format.Number(column.Least)} to {Format.Number(column.Greatest)}, mean {Format.Number(column.Mean)}",
    ];

    private static IEnumerable<string> Findings(DataDescription own)
    {
        if (own.Problem is { } problem)
            yield return $"It cannot be trained on yet. {problem}";
        foreach (string notice in own.Loaded?.Notices ?? [])
            yield return notice;
        // A data set has a notice of its own about them, and so has a refusal of names.
        if (own.Numbering.Count > 0 && own.Loaded is null && own.Problem?.Contains(" the rows;", StringComparison.Ordinal) != true)
            yield return $"{Names(own.Numbering)} {(own.Numbering.Count == 1 ? "numbers" : "number")} the rows and says nothing about "
                + $"new ones. Leave {(own.Numbering.Count == 1 ? "it" : "them")} out: {ColumnNames.IgnoreAlso(own.Ignored, own.Numbering)}";
        if (own.Repeated is not { } repeated || own.Data is not { } data)
            yield break;
        // Of files of their own a notice has told already.
        foreach (string finding in repeated.HeldOutTexts(data).Except(own.Loaded!.Notices))
            yield return finding;
        if (repeated.InTraining > 0)
            yield return $"{Format.Plural(repeated.InTraining, $"training {data.Training.KindName[..^1]}")} "
                + $"{(repeated.InTraining == 1 ? "repeats" : "repeat")} an earlier one"
                + (repeated.Contradicting == 0 ? "." : $", {Format.Count(repeated.Contradicting)} of them with another "
                    + $"{(data.Training.Outputs > 0 ? "target" : "class")}.");
    }

    private static string Names(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(10).Select(name => ForeignText.Quote(name)));
}
