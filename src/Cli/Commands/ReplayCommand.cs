using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Cli.Verification;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Cli.Commands;

/// <summary><c>replay</c>: the checkpoint of any step of a run.</summary>
internal static class ReplayCommand
{
    public static async Task<int> RunAsync(Invocation invocation)
    {
        (Settings settings, CommandIo io) = (invocation.Settings, invocation.Io);
        (string file, long to) = Wanted(settings);
        InterchangeFile.RefuseExisting(file);
        var run = RunHistory.Read(invocation.Argument!);
        if (run.Spec is not { } spec)
            throw new UserErrorException([$"No checkpoint in {run.Folder} tells the run spec of its trace, so the run cannot be trained again.", .. run.Notes]);
        if (to > spec.TotalSteps)
            throw new UserErrorException($"{OptionTable.UpTo.Name} {to}: the run in {run.Folder} has {Format.Plural(spec.TotalSteps, "step")}. Give a step up to that.");

        string? difference;
        Checkpoint? checkpoint = null;
        long differs;
        await using (RunDisplay display = RunDisplay.Create(io, settings))
        {
            var notes = new List<string>(run.Notes);
            Settings saved = run.SavedOptions();
            ReplayStart start = FindCheckpoint(run, to, notes) ?? ReplayStart.Beginning(spec, settings.Find(OptionTable.BeganWith), saved);
            foreach (string note in notes.Distinct())
                display.Warn($"warning: {note}");
            using Replay replay = await Replay.CreateAsync(run, start, saved, invocation, display);
            display.Working($"training {Format.Plural(to - start.Step, "step")} {(start.From is null ? "from the beginning" : $"on from the checkpoint of step {Format.Count(start.Step)}")}");
            difference = replay.Run(to, compareCheckpoints: false, notes);
            differs = replay.Step;
            if (difference is null)
                CheckpointStore.SaveAs(checkpoint = replay.ToCheckpoint(), file);
        }

        if (checkpoint is null)
        {
            io.Error.WriteLine($"Nothing is written: step {Format.Count(differs)} differs from the run: {difference}. See 'lockstep verify {run.Folder}'.");
            return ExitCode.RunFailed;
        }

        if (settings.Get(OptionTable.Json))
        {
            JsonOutput.Write(io.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("checkpoint", file);
                writer.WriteNumber("step", checkpoint.Step);
                writer.WriteString("weightsSha256", checkpoint.WeightsSha256);
                writer.WriteEndObject();
            });
        }
        else
        {
            io.Out.WriteLine($"{file}: step {Format.Count(checkpoint.Step)}, sha256 {checkpoint.WeightsSha256}");
        }

        return ExitCode.Done;
    }

    private static (string File, long To) Wanted(Settings settings)
    {
        var problems = new Problems();
        string? file = settings.Find(OptionTable.CheckpointFile);
        if (file is null)
            problems.Add($"{OptionTable.CheckpointFile.Name} is missing: give the checkpoint to write, such as {OptionTable.CheckpointFile.Name} step.ckpt.");
        if (settings.Text(OptionTable.UpTo) is null)
            problems.Add($"{OptionTable.UpTo.Name} is missing: give the step whose checkpoint you want.");
        problems.ThrowIfAny();
        return (file!, settings.Get(OptionTable.UpTo));
    }

    private static ReplayStart? FindCheckpoint(RunHistory run, long to, List<string> notes)
    {
        foreach ((string path, long _) in run.Files.Where(file => file.Step <= to).Reverse())
        {
            if (RunHistory.TryRead(path, notes) is { } checkpoint && checkpoint.Step <= to && TraceChain.HashOf(checkpoint.Spec) == run.SpecHash)
                return ReplayStart.At(checkpoint);
        }

        return null;
    }
}
