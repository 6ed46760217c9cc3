using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Training;

/// <summary>Passes the events of a run on to the screen, the metrics, the run's record of events and the log.</summary>
/// <param name="spec">The run.</param>
/// <param name="isOpen">Whether workers come by themselves, so that people must know the address.</param>
/// <param name="standing">Told first, so that what is said of an event knows where in the run it is.</param>
/// <param name="display">The screen.</param>
/// <param name="folder">Where the metrics go, while this coordinator leads.</param>
/// <param name="events">The record of events.</param>
/// <param name="logger">The log, for what the screen does not show.</param>
internal sealed partial class RunObserver(
    RunSpec spec, bool isOpen, RunStanding standing, RunDisplay display, RunFolder folder, EventsFile events, ILogger logger) : IProgress<RunEvent>, IDisposable
{
    private const int MostLosses = 20;
    private List<FailureReport.Loss> _losses = [];
    private MetricsFile? _metrics;
    private bool _metricsFailed, _eventsFailed;

    /// <summary>Workers that were lost or refused, the last ones.</summary>
    public IReadOnlyList<FailureReport.Loss> Losses => [.. _losses];

    /// <exception cref="RunFolderException">The metrics cannot be written.</exception>
    public void Report(RunEvent value)
    {
        standing.Update(value);
        switch (value)
        {
            case RunEvent.Leading leading:
                _metrics?.Dispose();
                _metrics = folder.OpenMetrics(leading.FirstStep);
                break;
            case RunEvent.Following:
                _metrics?.Dispose();
                _metrics = null;
                break;
            case RunEvent.WorkerLost lost:
                Remember(lost.Worker, lost.Reason);
                break;
            case RunEvent.WorkerLeft left:
                Remember(left.Worker, $"it left: {left.Reason}");
                break;
            case RunEvent.WorkerProcessEnded ended:
                _losses = [.. _losses.Select(loss => loss.Worker == ended.Worker ? loss with { ProcessEnd = ended.How } : loss)];
                break;
            case RunEvent.WorkerRefused refused:
                Remember(refused.Worker, refused.Reason);
                break;
        }

        if (value is RunEvent.CheckpointSaved saved)
            LogCheckpoint(logger, saved.Step, saved.Path);
        if (isOpen || value is not RunEvent.Listening)
            display.Show(value, spec);
        if (value is RunEvent.MetricsRecorded recorded)
            Record(recorded.Metrics);
        if (KindOf(value) is { } kind)
            Record(kind, value is RunEvent.Warning warning ? warning.Message : RunLines.Describe(value, spec)!);
    }

    public void Dispose() => _metrics?.Dispose();

    private void Remember(string worker, string reason)
    {
        if (_losses.Count == MostLosses)
            _losses.RemoveAt(0);
        _losses.Add(new FailureReport.Loss(DateTimeOffset.UtcNow, worker, reason, standing.Place.Step ?? 0));
    }

    /// <summary>Records how the run ended.</summary>
    public void Ended(RunResult result)
    {
        string reason = result.Message is null ? "" : $": {result.Message}";
        Record("ended", $"{result.Outcome switch
        {
            RunOutcome.Completed => "completed",
            RunOutcome.Stopped => "stopped",
            RunOutcome.HandedOver => "handed over",
            RunOutcome.ClusterLost => "cluster lost",
            _ => "failed",
        }} after {Format.Plural(result.Steps, "step")}{reason}");
    }

    /// <summary>Name of an event in <c>events.jsonl</c>; null for one that is not recorded there.</summary>
    private static string? KindOf(RunEvent value) => value switch
    {
        RunEvent.SeekingLeader => "seekingLeader",
        RunEvent.Following => "standingBy",
        RunEvent.LeaderLost => "leaderLost",
        RunEvent.Leading { HasPeers: true } => "leading",
        RunEvent.Yielding => "yielding",
        RunEvent.TrainingStarted => "trainingStarted",
        RunEvent.WaitingForWorkers => "waitingForWorkers",
        RunEvent.WorkerReady => "workerReady",
        RunEvent.WorkerLost => "workerLost",
        RunEvent.WorkerLeft => "workerLeft",
        RunEvent.WorkerProcessEnded => "workerProcessEnded",
        RunEvent.WorkerRefused => "workerRefused",
        RunEvent.StandbyReady => "standbyReady",
        RunEvent.StandbyLost => "standbyLost",
        RunEvent.CheckpointFailed => "checkpointFailed",
        RunEvent.Warning => "warning",
        _ => null,
    };

    private void Record(string kind, string text)
    {
        try
        {
            events.Append(kind, text);
        }
        catch (IOException e)
        {
            LogEventsFailed(logger, e);
            if (!_eventsFailed)
                display.Warn($"warning: events cannot be written: {e.Message}");
            _eventsFailed = true;
        }
    }

    // Metrics that cannot be written are no reason to lose the training.
    private void Record(MetricsRow row)
    {
        try
        {
            _metrics?.Append(row);
        }
        catch (IOException e)
        {
            LogMetricsFailed(logger, e);
            if (!_metricsFailed)
                display.Warn($"warning: metrics cannot be written: {e.Message}");
            _metricsFailed = true;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "checkpoint of step {Step} saved: {Path}")]
    private static partial void LogCheckpoint(ILogger logger, long step, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "Events cannot be written")]
    private static partial void LogEventsFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Metrics cannot be written")]
    private static partial void LogMetricsFailed(ILogger logger, Exception exception);
}
