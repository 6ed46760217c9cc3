using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Images;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>compare</c>: several runs side by side, and whether they ended in the same weights.</summary>
internal static class CompareCommand
{
    public static Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        IReadOnlyList<string> with = settings.Find(OptionTable.With) ?? throw new RequestException($"{OptionTable.With.Name} is missing: give the run folders to compare {invocation.Argument} with.");
        RunRecord[] runs = [.. with.Prepend(invocation.Argument!).Select(RunRecord.Read)];
        foreach (string note in runs.SelectMany(run => run.Notes))
            io.Error.WriteLine($"warning: {note}");
        if (settings.Find(OptionTable.ComparisonFile) is { } file)
        {
            if (runs.FirstOrDefault(run => run.Metrics.Count == 0) is { } empty)
                throw new RequestException($"{empty.Folder} has no metrics to draw: no epoch of it was evaluated.");
            WholeFile.Write(file, ComparisonPicture.Draw(runs), "comparison");
        }

        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, JsonOf(runs), ResultsContext.Default.ComparisonJson);
        else
            TextTable.Write(io.Out, ["run", "model", "data", "steps", "validation", "test", "weights"], [.. runs.Select(Cells)], firstNumber: 3);
        return Task.FromResult(ExitCode.Done);
    }

    private static IReadOnlyList<string> Cells(RunRecord run) =>
    [
        run.Folder, run.Spec?.Model.ToString() ?? "-", run.Spec is { } spec ? $"{Format.Count(spec.Data.TrainingExamples)} of {spec.Data.Name}" : "-",
        run.Checkpoint is { } found ? Format.Count(found.Checkpoint.Step) : "-",
        Accuracy(Validation(run)), Accuracy(Test(run)), run.Checkpoint?.Checkpoint.WeightsSha256[..16] ?? "-",
    ];

    private static ComparisonJson JsonOf(RunRecord[] runs) => new(
        runs.Select(run => run.Checkpoint?.Checkpoint.WeightsSha256 ?? run.Folder).Distinct().Count() == 1,
        [.. runs.Select(run => new ComparisonJson.ComparedRun(
            run.Folder,
            run.Spec?.Model.ToString(),
            run.Checkpoint?.Checkpoint.Step ?? 0,
            Validation(run),
            Test(run),
            run.Checkpoint?.Checkpoint.WeightsSha256))]);

    /// <summary>That of the last evaluation.</summary>
    private static double Validation(RunRecord run) => run.Metrics.Count == 0 ? double.NaN : run.Metrics[^1].ValidationAccuracy;

    private static double Test(RunRecord run) =>
        run.Summary is { } summary && summary.TryGetProperty("testAccuracy", out JsonElement test) && test.ValueKind == JsonValueKind.Number ? test.GetDouble() : double.NaN;

    private static string Accuracy(double value) => double.IsNaN(value) ? "-" : Format.Percent(value);
}
