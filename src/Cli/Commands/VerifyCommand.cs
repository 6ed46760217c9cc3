using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Verification;

namespace Lockstep.Cli.Commands;

/// <summary><c>verify</c>: trains a run again and compares every step.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        var run = RunHistory.Read(invocation.Argument!);
        if (run.Spec is null)
            throw new UserErrorException([$"No checkpoint in {run.Folder} tells the run spec of its trace, so the run cannot be trained again.", .. run.Notes]);
        long to = settings.Text(OptionTable.UpTo) is null ? run.LastStep : settings.Get(OptionTable.UpTo);
        if (to > run.LastStep)
            throw new UserErrorException($"{OptionTable.UpTo.Name} {to}: the run in {run.Folder} got to step {Format.Count(run.LastStep)}. Give a step up to that.");

        string? difference;
        Replay replay;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            foreach (string note in run.Notes)
                display.Warn($"warning: {note}");
            Settings saved = run.SavedOptions();
            var start = ReplayStart.Beginning(run.Spec, settings.Find(OptionTable.BeganWith), saved);
            using (replay = await Replay.CreateAsync(run, start, saved, invocation, display))
            {
                display.Working($"training {Format.Plural(to, "step")} again");
                var notes = new List<string>();
                difference = replay.Run(to, compareCheckpoints: true, notes);
                foreach (string note in notes.Except(run.Notes))
                    display.Warn($"warning: {note}");
                if (difference is null)
                    display.Say(Compared(run, replay));
            }
        }

        if (settings.Get(OptionTable.Json))
            JsonOutput.Write(io.Out, writer => WriteJson(writer, replay, difference));
        else if (difference is null)
            io.Out.WriteLine($"identical: {Format.Plural(replay.Step, "step")}, sha256 {replay.WeightsSha256}");
        else
            io.Out.WriteLine($"different: {(replay.Step == 0 ? "before the first step" : $"step {Format.Count(replay.Step)}")}: {difference}");
        return difference is null ? ExitCode.Done : ExitCode.RunFailed;
    }

    private static string Compared(RunHistory run, Replay replay)
    {
        string steps = run.TracedSteps is null ? "without a trace" : $"{Format.Plural(replay.TracedSteps, "step")} of the trace";
        return $"compared: {steps}, {Format.Plural(replay.Checkpoints, "checkpoint")}";
    }

    private static void WriteJson(Utf8JsonWriter writer, Replay replay, string? difference)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("identical", difference is null);
        writer.WriteNumber(difference is null ? "steps" : "firstDifferentStep", replay.Step);
        writer.WriteString("difference", difference);
        writer.WriteNumber("tracedSteps", replay.TracedSteps);
        writer.WriteNumber("checkpoints", replay.Checkpoints);
        writer.WriteString("weightsSha256", replay.WeightsSha256);
        writer.WriteEndObject();
    }
}
