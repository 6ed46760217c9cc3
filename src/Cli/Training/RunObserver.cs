using Lockstep.Cli.Terminal;
using Lockstep.Coordinator;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Training;

/// <summary>Passes the events of a run on to the screen, the metrics and the log.</summary>
/// <param name="spec">The run.</param>
/// <param name="isOpen">Whether workers come by themselves, so that people must know the address.</param>
/// <param name="display">The screen.</param>
/// <param name="metrics">The metrics.</param>
/// <param name="logger">The log, for what the screen does not show.</param>
internal sealed partial class RunObserver(RunSpec spec, bool isOpen, RunDisplay display, MetricsFile metrics, ILogger logger) : IProgress<RunEvent>
{
    private bool _metricsFailed;

    public void Report(RunEvent value)
    {
        if (value is RunEvent.CheckpointSaved saved)
            LogCheckpoint(logger, saved.Step, saved.Path);
        if (isOpen || value is not RunEvent.Listening)
            display.Show(value, spec);
        if (value is RunEvent.MetricsRecorded recorded)
            Record(recorded.Metrics);
    }

    // Metrics that cannot be written are no reason to lose the training.
    private void Record(MetricsRow row)
    {
        try
        {
            metrics.Append(row);
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Metrics cannot be written")]
    private static partial void LogMetricsFailed(ILogger logger, Exception exception);
}
