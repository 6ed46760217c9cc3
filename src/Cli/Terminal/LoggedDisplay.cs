using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Terminal;

/// <summary>Writes every line that stays on a display to the log too, and also those that someone who asked for quiet does not see.</summary>
/// <param name="display">The display.</param>
/// <param name="logger">The log.</param>
internal sealed partial class LoggedDisplay(RunDisplay display, ILogger logger) : RunDisplay
{
    public override void Working(string activity) => display.Working(activity);

    public override void Say(string line)
    {
        LogLine(logger, LogLevel.Information, line);
        display.Say(line);
    }

    public override void Warn(string line)
    {
        LogLine(logger, LogLevel.Warning, line);
        display.Warn(line);
    }

    public override void Show(RunEvent runEvent, RunSpec spec)
    {
        if (RunLines.Describe(runEvent, spec) is { } line)
            LogLine(logger, RunLines.IsWarning(runEvent) ? LogLevel.Warning : LogLevel.Information, line);
        display.Show(runEvent, spec);
    }

    public override ValueTask DisposeAsync() => display.DisposeAsync();

    [LoggerMessage(Message = "{Line}")]
    private static partial void LogLine(ILogger logger, LogLevel level, string line);
}
