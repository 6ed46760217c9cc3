using Lockstep.Cli.Options;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>verify</c>: trains a run again and compares every step.</summary>
internal sealed class VerifyCommand : ReplayingCommand
{
    public VerifyCommand()
        : base("verify", "Train a run again here, and compare every step")
    {
        Take(OptionHeading.Output, [OutputOptions.Json, .. OutputOptions.Progress]);
    }

    public override string Details =>
        "Trains the run again in this process, from its spec and its data set, and compares the weights after every step with its "
        + "trace and its checkpoints. Stops at the first step that differs (exit code 1), or says that all are identical.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep verify runs/cosine", "all of it"),
        ("lockstep verify runs/cosine --to 1000 --workers 1", "the first thousand steps, on one thread"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        RunHistory run = ReadRun(invocation);
        VerificationResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            LoadedDataset loaded = await DatasetAccess.LoadAsync(run, settings, io, display);
            long to = settings.FindValue(ReplayedOptions.UpTo) ?? run.LastStep;
            display.Working($"training {Format.Plural(to, "step")} again");
            result = await run.VerifyAsync(loaded.Data, OptionsOf(settings, display) with { UpTo = to });
            if (result.IsIdentical)
                display.Say(Compared(run, result));
        }

        if (settings.Get(OutputOptions.Json))
            JsonOutput.Write(io.Out, VerificationJson.Of(result), ResultsContext.Default.VerificationJson);
        else if (result.IsIdentical)
            io.Out.WriteLine($"identical: {Format.Plural(result.Steps, "step")}, sha256 {result.WeightsSha256}");
        else
            io.Out.WriteLine(
                $"different: {(result.Steps == 0 ? "before the first step" : $"step {Format.Count(result.Steps)}")}: {result.Difference}");
        return result.IsIdentical ? ExitCode.Done : ExitCode.RunFailed;
    }

    private static string Compared(RunHistory run, VerificationResult result)
    {
        string steps = run.TracedSteps is null ? "without a trace" : $"{Format.Plural(result.TracedSteps, "step")} of the trace";
        return $"compared: {steps}, {Format.Plural(result.Checkpoints, "checkpoint")}";
    }
}
