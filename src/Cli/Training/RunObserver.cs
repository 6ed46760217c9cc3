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
/// <param name="logger">The log.</param>
internal sealed partial class RunObserver(RunSpec spec, bool isOpen, RunDisplay display, MetricsFile metrics, ILogger logger) : IProgress<RunEvent>
{
    private bool _metricsFailed;

    public void Report(RunEvent value)
    {
        if (value is not RunEvent.Progress)
            Log(value);
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

    private void Log(RunEvent value)
    {
        string? line = value is RunEvent.CheckpointSaved saved ? $"checkpoint of step {saved.Step} saved: {saved.Path}" : RunLines.Describe(value, spec);
        if (line is null)
            return;
        if (RunLines.IsWarning(value))
            LogWarning(logger, line);
        else
            LogEvent(logger, line);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private static partial void LogEvent(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Line}")]
    private static partial void LogWarning(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "Metrics cannot be written")]
    private static partial void LogMetricsFailed(ILogger logger, Exception exception);
}
