using System.Globalization;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Results;
using Lockstep.Chaos.Watching;
using Lockstep.Cli.Terminal;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary>The result for people.</summary>
internal static class ChaosTable
{
    /// <summary>Writes the result as a table for people.</summary>
    /// <param name="writer">Standard output.</param>
    /// <param name="result">The result.</param>
    /// <param name="picture">Path of the timeline.</param>
    public static void Write(TextWriter writer, ChaosResult result, string picture)
    {
        if (result.Story.Faults.Count > 0)
        {
            WriteFaults(writer, result);
            writer.WriteLine();
            WriteKinds(writer, result.Story.Faults);
            writer.WriteLine();
        }

        TextTable.WritePairs(writer, Pairs(result, picture));
        writer.WriteLine(result.Verdict);
    }

    private static void WriteFaults(TextWriter writer, ChaosResult result)
    {
        string[] heading = ["#", "fault", "at", "step", "recovered in", "steps repeated", "weights"];
        TextTable.Write(writer, heading, [.. result.Story.Faults.Select(record => Row(record, result))], firstNumber: 2);
    }

    private static string[] Row(FaultRecord record, ChaosResult result) =>
    [
        Number(record.Number), record.Fault.ToString(), Seconds(record.At - result.Origin, 1), Format.Count(record.Step),
        record.SecondsToRecover is { } recovered ? Seconds(recovered, 3) : "not",
        Format.Count(record.StepsRepeated),
        result.IsEqualAfter(record) switch { true => "equal", false => "DIFFERENT", null => "not known" },
    ];

    private static void WriteKinds(TextWriter writer, IReadOnlyList<FaultRecord> records)
    {
        IEnumerable<string[]> rows = records.GroupBy(record => record.Fault.Name)
            .OrderBy(kind => (kind.First().Fault.Coordinator, kind.First().Fault.Kind)).Select(kind =>
        {
            double[] times = [.. kind.Select(record => record.SecondsToRecover).OfType<double>().Order()];
            return new[]
            {
                kind.Key, Number(kind.Count()),
                times.Length == 0 ? "not" : Seconds((times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2, 3),
                times.Length == 0 ? "not" : Seconds(times[^1], 3),
            };
        });
        TextTable.Write(writer, ["kind", "faults", "recovered in: median", "longest"], [.. rows], firstNumber: 1);
    }

    private static List<(string Name, string Value)> Pairs(ChaosResult result, string picture)
    {
        RunStory story = result.Story;
        var pairs = new List<(string, string)>
        {
            ("steps",
                $"{Format.Count(result.Steps)} in {Format.Duration(story.End - story.TrainingBegan)}, "
                    + $"{Format.Count(result.ExamplesPerSecond)} examples/s, faults included"),
            ("longest wait", $"{Seconds(story.LongestWait, 2)} without a new step"),
        };
        if (story.Faults.Any(record => record.Fault.Kind == FaultKind.Disk))
            pairs.Add(("disk", $"{result.Disk}; {Format.Plural(result.CheckpointsRefused, "checkpoint")} could not be written"));
        if (result.Comparison is { } comparison)
        {
            pairs.Add((
                "compared",
                $"{Format.Plural(comparison.TracedSteps, "step")} of the trace, {Format.Plural(comparison.Checkpoints, "checkpoint")}"));
            pairs.Add(("undisturbed", $"sha256 {comparison.UndisturbedSha256}"));
            pairs.Add(("under faults", $"sha256 {comparison.RunSha256}"));
        }

        pairs.Add(("picture", picture));
        return pairs;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(double seconds, int digits) => seconds.ToString($"F{digits}", CultureInfo.InvariantCulture) + " s";
}
