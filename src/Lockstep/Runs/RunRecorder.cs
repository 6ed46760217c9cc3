using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Wording;
using Microsoft.Extensions.Logging;

namespace Lockstep.Runs;

/// <summary>
/// Writes the run folder: metrics, events, log, and in the end the summary, or why the run failed. When a file cannot be written, warns
/// once, and the training goes on.
/// </summary>
/// <param name="folder">The folder; the caller owns it.</param>
/// <param name="spec">The run.</param>
/// <param name="loggers">The log.</param>
/// <param name="warn">Receives a sentence for a file that cannot be written.</param>
internal sealed partial class RunRecorder(RunFolder folder, RunSpec spec, ILoggerFactory loggers, Action<string> warn) : IDisposable
{
    private const int MostLosses = 20;
    private readonly ILogger _logger = loggers.CreateLogger<RunRecorder>();
    private readonly EventsFile _events = folder.OpenEvents(TimeProvider.System);
    private readonly List<FailureReport.Loss> _losses = [];
    private MetricsFile? _metrics;
    private long _step;
    private bool _metricsFailed, _eventsFailed;

    /// <summary>Records an event.</summary>
    /// <exception cref="RunFolderException">The metrics cannot be opened.</exception>
    public void Report(RunEvent value)
    {
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
            case RunEvent.Progress progress:
                _step = progress.Step;
                break;
            case RunEvent.WorkerLost lost:
                Remember(lost.Worker, lost.Reason);
                break;
            case RunEvent.WorkerLeft left:
                Remember(left.Worker, $"it left: {left.Reason}");
                break;
            case RunEvent.WorkerProcessEnded ended:
                RememberEnd(ended);
                break;
            case RunEvent.WorkerRefused refused:
                Remember(refused.Worker, refused.Reason);
                break;
            case RunEvent.MetricsRecorded recorded:
                Record(recorded.Metrics);
                break;
            case RunEvent.BestSaved best:
                LogBest(_logger, best.Step, best.Path);
                break;
            case RunEvent.CheckpointSaved saved:
                LogCheckpoint(_logger, saved.Step, saved.Path);
                break;
        }

        if (RunLines.Describe(value, spec) is { } line)
            Log(_logger, RunLines.IsWarning(value) ? LogLevel.Warning : LogLevel.Information, line);
        if (KindOf(value) is { } kind)
            Record(kind, value is RunEvent.Warning warning ? warning.Message : RunLines.Describe(value, spec)!);
    }

    /// <summary>Records how the run ended: its last event, its summary, and after a failure a report.</summary>
    public void End(RunSummary summary)
    {
        RunResult result = summary.Result;
        string reason = (result.Message ?? result.StopReason) is { } why ? $": {why}" : "";
        Record("ended", $"{RunSummary.WordsOf(result.Outcome)} after {Format.Plural(result.Steps, "step")}{reason}");
        if (result.Outcome == RunOutcome.Completed && result.TestR2 is { } r2)
            LogTargetsCompleted(_logger, result.Steps, result.TrainSeconds, r2, result.WeightsSha256);
        else if (result.Outcome == RunOutcome.Completed)
            LogCompleted(_logger, result.Steps, result.TrainSeconds, result.TestAccuracy, result.WeightsSha256);
        else
            Log(_logger, IsAsAsked(result.Outcome) ? LogLevel.Information : LogLevel.Error, summary.Ending);
        if (!Directory.Exists(folder.Path))
            return; // Its ending says so.
        Write(folder.SummaryFile, () => JsonFile.Write(folder.SummaryFile, summary.Write));
        if (result.Outcome is RunOutcome.ClusterLost or RunOutcome.Failed)
            Write(folder.FailureFile, () => JsonFile.Write(folder.FailureFile, new FailureReport(summary, _losses, summary.Ending).Write));
    }

    // A run that was asked to stop.
    private static bool IsAsAsked(RunOutcome outcome) => outcome is RunOutcome.Stopped or RunOutcome.HandedOver;

    public void Dispose()
    {
        _metrics?.Dispose();
        _events.Dispose();
    }

    private void Remember(string worker, string reason)
    {
        if (_losses.Count == MostLosses)
            _losses.RemoveAt(0);
        _losses.Add(new FailureReport.Loss(DateTimeOffset.UtcNow, worker, reason, _step));
    }

    private void RememberEnd(RunEvent.WorkerProcessEnded ended)
    {
        for (int i = 0; i < _losses.Count; i++)
        {
            if (_losses[i].Worker == ended.Worker)
                _losses[i] = _losses[i] with { ProcessEnd = ended.How };
        }
    }

    /// <summary>Name of an event in <c>events.jsonl</c>; null if it is not recorded there.</summary>
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
            _events.Append(kind, text);
        }
        catch (IOException e)
        {
            LogNotWritten(_logger, "events", e);
            WarnOnce(ref _eventsFailed, $"events cannot be written: {e.Message}");
        }
    }

    private void Record(MetricsRow row)
    {
        try
        {
            _metrics?.Append(row);
        }
        catch (IOException e)
        {
            LogNotWritten(_logger, "metrics", e);
            WarnOnce(ref _metricsFailed, $"metrics cannot be written: {e.Message}");
        }
    }

    private void WarnOnce(ref bool isSaid, string message)
    {
        if (isSaid)
            return;
        isSaid = true;
        warn(message);
    }

    // The training is done; its result is reported even so.
    private void Write(string file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"{file} cannot be written: {e.Message}");
        }
    }

    [LoggerMessage(Message = "{Line}")]
    private static partial void Log(ILogger logger, LogLevel level, string line);

    [LoggerMessage(Level = LogLevel.Information, Message = "checkpoint of step {Step} saved: {Path}")]
    private static partial void LogCheckpoint(ILogger logger, long step, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "best checkpoint so far, of step {Step}, saved: {Path}")]
    private static partial void LogBest(ILogger logger, long step, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "Completed after {Steps} steps in {Seconds:F1} s: "
        + "test accuracy {TestAccuracy:P2}, weights sha256 {WeightsSha256}")]
    private static partial void LogCompleted(ILogger logger, long steps, double seconds, double? testAccuracy, string? weightsSha256);

    [LoggerMessage(Level = LogLevel.Information, Message = "Completed after {Steps} steps in {Seconds:F1} s: "
        + "test R² {TestR2:F4}, weights sha256 {WeightsSha256}")]
    private static partial void LogTargetsCompleted(ILogger logger, long steps, double seconds, double testR2, string? weightsSha256);

    [LoggerMessage(Level = LogLevel.Error, Message = "The {What} cannot be written")]
    private static partial void LogNotWritten(ILogger logger, string what, Exception exception);
}
