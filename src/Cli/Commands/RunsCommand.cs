using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>runs</c>: the runs of a folder, the newest first.</summary>
internal sealed class RunsCommand : CliCommand
{
    private readonly Argument<string> _folder;

    public RunsCommand()
        : base("runs", "A list of runs: what they train, and how far they are")
    {
        _folder = Take<string>("DIR", $"Folder that holds run folders; left out, {RunFolder.DefaultParent}.", ArgumentArity.ZeroOrOne);
        Take(OptionHeading.Output, OutputOptions.Json, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Lists the run folders of a folder, the newest first: how each stands, its model, its data, its steps, and its last accuracies. "
        + "Only small files are read.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep runs", "those in runs/"), ("lockstep runs /data/experiments --json", "those of another folder, as JSON")];

    public override Task<int> RunAsync(Invocation invocation)
    {
        string parent = FolderOfRuns(invocation, _folder);
        RunOverview[] runs =
            [.. RunFolder.List(parent).Select(RunOverview.Read).OrderByDescending(run => run.Changed)];
        foreach (string note in runs.SelectMany(run => run.Record.Notes))
            invocation.Io.Error.WriteLine($"warning: {note}");
        if (invocation.Settings.Get(OutputOptions.Json))
            JsonOutput.Write(invocation.Io.Out, new RunsJson([.. runs.Select(JsonOf)]), ResultsContext.Default.RunsJson);
        else if (runs.Length == 0)
            invocation.Io.Out.WriteLine($"There is no run in {parent}.");
        else
            TextTable.Write(
                invocation.Io.Out, ["run", "state", "model", "data", "step", "of", "validation", "test"], [.. runs.Select(Cells)],
                firstNumber: 4);
        return Task.FromResult(ExitCode.Done);
    }

    private static IReadOnlyList<string> Cells(RunOverview run) =>
    [
        run.Record.Folder, StateOf(run), run.Model ?? "-", run.Dataset ?? "-", Format.Count(run.Step),
        run.TotalSteps is { } total ? Format.Count(total) : "-",
        Format.ScoreOrDash(run.Record.ValidationR2, run.Record.ValidationAccuracy),
        Format.ScoreOrDash(run.Record.TestR2, run.Record.TestAccuracy),
    ];

    private static RunsJson.Run JsonOf(RunOverview run) => new(
        run.Record.Folder, StateOf(run), run.Model, run.Dataset, run.Step, run.TotalSteps, run.Changed,
        run.Record.ValidationAccuracy, run.Record.TestAccuracy)
    {
        ValidationR2 = run.Record.ValidationR2,
        TestR2 = run.Record.TestR2,
    };

    private static string StateOf(RunOverview run) => RunStatus.Of(run.Record, run.Step, run.TotalSteps).Word;
}
