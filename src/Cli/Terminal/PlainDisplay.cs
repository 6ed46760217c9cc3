using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Terminal;

/// <summary>Lines, for files, pipes, simple terminals and programs.</summary>
/// <param name="messages">Standard error.</param>
/// <param name="quiet">Whether to print warnings only.</param>
internal sealed class PlainDisplay(Messages messages, bool quiet) : RunDisplay
{
    public override void Working(string activity) => Say(activity);

    public override void Say(string line)
    {
        if (!quiet)
            messages.Say(LogLevel.Information, line);
    }

    public override void Warn(string line) => messages.Say(LogLevel.Warning, line);

    public override void Show(RunEvent runEvent, RunSpec spec)
    {
        bool isWarning = RunLines.IsWarning(runEvent);
        if ((!quiet || isWarning) && !IsRepeated(runEvent) && RunLines.Describe(runEvent, spec) is { } line)
            messages.Say(
                isWarning ? LogLevel.Warning : LogLevel.Information, line, RunLines.PlaceOf(runEvent),
                (runEvent as RunEvent.MetricsRecorded)?.Metrics);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
