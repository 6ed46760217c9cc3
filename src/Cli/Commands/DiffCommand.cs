using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Text;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>diff</c>: the first step in which two runs differ, and what differs.</summary>
internal sealed class DiffCommand : CliCommand
{
    private readonly Argument<string[]> _runs;

    public DiffCommand()
        : base("diff", "The first step in which two runs differ")
    {
        _runs = CompleteRuns(Take<string[]>("RUN", "A run folder.", new ArgumentArity(2, 2)));
        Take(OptionHeading.Output, OutputOptions.Json, OutputOptions.Verbose);
    }

    public override string Heading => CommandHeading.Proof;

    public override string Details =>
        "Compares the traces of two runs and names the first step that differs, what differs in their specs, and, where both have a "
        + "checkpoint of one later step, the value that differs most. Nothing is trained. The exit code is 0 for runs that are the same, "
        + "else 1.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("lockstep diff runs/mine runs/theirs", "the same code on two machines?")];

    public override Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        string[] runs = invocation.Get(_runs);
        RunHistory first = RunHistory.Read(runs[0]), second = RunHistory.Read(runs[1]);
        var notes = new List<string>([.. first.Notes, .. second.Notes]);
        notes.AddRange(new[] { first, second }.Where(
            run => run.TracedSteps is null).Select(run => $"{run.Folder} has no trace, so only checkpoints of equal steps are compared."));
        var difference = RunDifference.Between(first, second, notes);
        foreach (string note in notes.Distinct())
            io.Error.WriteLine($"warning: {note}");
        if (difference.FirstStep is null && difference.SameSteps is null)
            throw new RequestException(
                $"{first.Folder} and {second.Folder} have no step in common: neither in their traces nor as checkpoints.");

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, DifferenceJson.Of(difference), ResultsContext.Default.DifferenceJson);
        else
            WriteText(io.Out, first, second, difference);
        return Task.FromResult(difference.FirstStep is null ? ExitCode.Done : ExitCode.RunFailed);
    }

    private static void WriteText(TextWriter writer, RunHistory first, RunHistory second, RunDifference difference)
    {
        var lines = new List<(string, string)> { ("runs", $"A is {first.Folder}, B is {second.Folder}") };
        if (difference.FirstStep is { } step)
        {
            string place = step == 0 ? "before the first step" : $"step {Format.Count(step)}";
            lines.Add(("first difference", difference.ByTrace ? place : $"{place}, by the checkpoints; steps before it may differ too"));
        }

        lines.Add(("the same", difference.SameSteps switch
        {
            null => "nothing",
            0 => "the weights before the first step",
            { } same => $"up to step {Format.Count(same)}",
        }));
        foreach (RunHistory run in new[] { first, second })
        {
            if (difference.FirstStep is null && run.LastStep > difference.SameSteps)
                lines.Add(("", $"{(run == first ? 'A' : 'B')} goes on to step {Format.Count(run.LastStep)}"));
        }

        string[] specs = difference.Specs is null
            ? [difference.SameSpec ? "the same" : "another one; without a checkpoint of each run it is not known what differs"]
            : difference.Specs.Count == 0 ? ["the same"] : [.. difference.Specs.Select(entry => entry.ToString("A", "B"))];
        lines.AddRange(specs.Select((entry, i) => (i == 0 ? "run spec" : "", entry)));
        if (difference.Largest is { } largest)
            lines.Add(("largest difference", $"after step {Format.Count(largest.Step)}: {largest.Value.ToString("in A", "in B")}"));
        else if (difference.FirstStep is { } unsaved)
            lines.AddRange(HowToKnow(first, second, unsaved));
        TextTable.WritePairs(writer, lines);
    }

    private static IEnumerable<(string, string)> HowToKnow(RunHistory first, RunHistory second, long step)
    {
        yield return ("largest difference", "not known: no later step has a checkpoint in both runs. To make those of the first that "
            + "differs:");
        foreach (RunHistory run in new[] { first, second }.Where(run => run.Files.All(file => file.Step != step)))
        {
            string file = Path.Combine(RunFolder.CheckpointDirectoryOf(run.Folder), CheckpointStore.FileName(step));
            yield return ("", $"lockstep replay {ShellWord.OfPath(run.Folder)} --to {step} --out {ShellWord.OfPath(file)}");
        }
    }
}
