using System.Globalization;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Runs;

/// <summary>The line of each event, for terminals and logs.</summary>
internal static class RunLines
{
    /// <summary>The line of an event; null if it has none.</summary>
    /// <param name="runEvent">The event.</param>
    /// <param name="spec">The run.</param>
    /// <param name="width">Columns that a line of metrics may take; it leaves out what does not fit.</param>
    public static string? Describe(RunEvent runEvent, RunSpec spec, int width = int.MaxValue) => runEvent switch
    {
        RunEvent.Listening listening => $"workers join with: lockstep worker --join {listening.Address}"
            + $"{(listening.NeedsSecret ? " --secret-file FILE" : "")}{(listening.NeedsTls ? " --tls-dir DIR" : "")}",
        RunEvent.SeekingLeader seeking => seeking.Reason,
        RunEvent.Following following => $"standing by for the coordinator at {following.Leader}, run {following.RunId}, "
            + $"term {following.Term}, with all that it has saved, up to step {Format.Count(following.Step)}",
        RunEvent.LeaderLost lost => $"coordinator {lost.Leader} lost: {Sentence(lost.Reason)}",
        RunEvent.Leading { HasPeers: true } leading => $"leading run {leading.RunId} with term {leading.Term}",
        RunEvent.Yielding yielding => $"the coordinator at {yielding.Leader} is further with the run: yielding to it",
        RunEvent.WaitingForWorkers waiting =>
            $"waiting for workers, {waiting.Ready} of {waiting.Needed} ready; "
            + $"giving up after {Format.Duration(waiting.Timeout.TotalSeconds)}",
        RunEvent.WorkerReady ready => $"worker {ready.Worker.Name} ready, {Format.Plural(ready.Worker.Lanes, "lane")}",
        RunEvent.WorkerLost lost => $"worker {lost.Worker} lost: {Sentence(lost.Reason)} The others do its work.",
        RunEvent.WorkerLeft left => $"worker {left.Worker} left: {Sentence(left.Reason)} The others do its work.",
        RunEvent.WorkerProcessEnded ended => $"{ended.Process} of worker {ended.Worker} {Sentence(ended.How)}",
        RunEvent.Launching launching => $"starting workers on {string.Join(", ", launching.Hosts)} by ssh; they join {launching.Address}",
        RunEvent.ProgramCarried carried => $"copying the program to {carried.Host}: "
            + $"{carried.Bytes / 1e6:0} of {carried.TotalBytes / 1e6:0} MB",
        RunEvent.WorkerRefused refused => $"worker {refused.Worker} refused: {Sentence(refused.Reason)}",
        RunEvent.StandbyReady ready => $"standby {ready.Standby} has all that is saved, up to step {Format.Count(ready.Step)}",
        RunEvent.StandbyLost lost => $"standby {lost.Standby} lost: {Sentence(lost.Reason)}",
        RunEvent.TrainingStarted { Workers: 0 } alone => "training in this process until the workers are ready"
            + (alone.FirstStep > 0 ? $", on from step {Format.Count(alone.FirstStep)}" : ""),
        RunEvent.TrainingStarted started =>
            $"training with {Format.Plural(started.Workers, "worker")}, {Format.Plural(started.Lanes, "lane")}"
            + (started.FirstStep > 0 ? $", on from step {Format.Count(started.FirstStep)}" : ""),
        RunEvent.MetricsRecorded recorded => Metrics(recorded.Metrics, spec, width),
        RunEvent.CheckpointFailed failed => $"warning: no checkpoint of step {Format.Count(failed.Step)}: {failed.Reason}",
        RunEvent.Warning warning => $"warning: {warning.Message}",
        _ => null,
    };

    /// <summary>Whether to show an event with --quiet.</summary>
    public static bool IsWarning(RunEvent runEvent) =>
        runEvent is RunEvent.Warning or RunEvent.CheckpointFailed or RunEvent.WorkerLost or RunEvent.LeaderLost or RunEvent.StandbyLost
            or RunEvent.WorkerProcessEnded or RunEvent.WorkerRefused;

    /// <summary>Step and worker of an event, where it has them.</summary>
    public static RunPlace PlaceOf(RunEvent runEvent) => runEvent switch
    {
        RunEvent.WorkerReady ready => new RunPlace(Worker: ready.Worker.Name),
        RunEvent.WorkerLost lost => new RunPlace(Worker: lost.Worker),
        RunEvent.WorkerLeft left => new RunPlace(Worker: left.Worker),
        RunEvent.WorkerProcessEnded ended => new RunPlace(Worker: ended.Worker),
        RunEvent.WorkerRefused refused => new RunPlace(Worker: refused.Worker),
        RunEvent.MetricsRecorded recorded => new RunPlace(Step: recorded.Metrics.Step),
        RunEvent.CheckpointFailed failed => new RunPlace(Step: failed.Step),
        _ => default,
    };

    // The last column stays free: some terminals wrap as soon as it is written.
    private static string Metrics(MetricsRow row, RunSpec spec, int width)
    {
        double epochs = (double)spec.TotalSteps / spec.StepsPerEpoch;
        string epoch = row.Epoch.ToString("0.##", CultureInfo.InvariantCulture), of = epochs.ToString("0.##", CultureInfo.InvariantCulture);
        string line = $"epoch {epoch.PadLeft(of.Length)}/{of}  loss {Format.Loss(row.TrainLoss)}";
        foreach (string part in new[]
        {
            Training(row), $"validation {Format.Score(row.ValidationR2, row.ValidationAccuracy)}",
            $"{Format.Count(row.ExamplesPerSecond)}/s", Format.Duration(row.ElapsedSeconds),
        })
        {
            if (part.Length > 0 && line.Length + 2 + part.Length < width)
                line += $"  {part}";
        }

        return line;
    }

    // Targets that were not prepared have no R² in training.
    private static string Training(MetricsRow row) =>
        row is { ValidationR2: not null, TrainR2: null } ? "" : $"train {Format.Score(row.TrainR2, row.TrainAccuracy)}";

    private static string Sentence(string reason) => reason.EndsWith('.') ? reason : reason + ".";
}
