using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Terminal;

/// <summary>Lines for people.</summary>
/// <param name="error">Standard error.</param>
internal sealed class TextMessages(TextWriter error) : Messages
{
    private readonly Lock _lock = new();

    public override void Say(LogLevel level, string line, RunPlace about = default, MetricsRow? metrics = null) => Write(line);

    public override void Log(LogLevel level, string source, string message, Exception? exception) =>
        Write($"{Abbreviate(level)} {message}");

    public override void Refuse(string command, IReadOnlyList<string> mistakes) => Write(mistakes.Count == 1
        ? $"{command}: {mistakes[0]}"
        : string.Join(
        Environment.NewLine,
        [$"{command}: {mistakes.Count} mistakes, nothing was started:", .. mistakes.Select(mistake => $"  - {mistake}")]));

    private void Write(string text)
    {
        lock (_lock)
            error.WriteLine(text);
    }

    private static string Abbreviate(LogLevel level) => level switch
    {
        LogLevel.Trace => "VRB",
        LogLevel.Debug => "DBG",
        LogLevel.Information => "INF",
        LogLevel.Warning => "WRN",
        LogLevel.Error => "ERR",
        _ => "FTL",
    };
}
