using Lockstep.Cli.Configuration;
using Lockstep.Cli.Results;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>verify</c>: trains a run again and compares every step.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        var run = RunHistory.Read(invocation.Argument!);
        VerificationResult result;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            LoadedDataset loaded = await DatasetAccess.LoadAsync(run, settings, io, display);
            long to = settings.Text(OptionTable.UpTo) is null ? run.LastStep : settings.Get(OptionTable.UpTo);
            display.Working($"training {Format.Plural(to, "step")} again");
            result = await run.VerifyAsync(loaded.Data, OptionsOf(settings, display) with { UpTo = to });
            if (result.IsIdentical)
                display.Say(Compared(run, result));
        }

        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, VerificationJson.Of(result), ResultsContext.Default.VerificationJson);
        else if (result.IsIdentical)
            io.Out.WriteLine($"identical: {Format.Plural(result.Steps, "step")}, sha256 {result.WeightsSha256}");
        else
            io.Out.WriteLine($"different: {(result.Steps == 0 ? "before the first step" : $"step {Format.Count(result.Steps)}")}: {result.Difference}");
        return result.IsIdentical ? ExitCode.Done : ExitCode.RunFailed;
    }

    /// <summary>How to train a run again.</summary>
    public static ReplayOptions OptionsOf(Settings settings, RunDisplay display) => new()
    {
        Lanes = settings.Text(OptionTable.ReplayWorkers) is null ? 0 : (int)settings.Get(OptionTable.ReplayWorkers),
        BeganWith = settings.Find(OptionTable.BeganWith),
        OnProgress = (step, to) => display.Working($"step {Format.Count(step)} of {Format.Count(to)}, all the same so far"),
        OnNotice = notice => display.Warn($"warning: {notice}"),
    };

    private static string Compared(RunHistory run, VerificationResult result)
    {
        string steps = run.TracedSteps is null ? "without a trace" : $"{Format.Plural(result.TracedSteps, "step")} of the trace";
        return $"compared: {steps}, {Format.Plural(result.Checkpoints, "checkpoint")}";
    }
}
