using Lockstep.Coordinator;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Terminal;

/// <summary>Lines, for files, pipes and simple terminals.</summary>
/// <param name="error">Standard error.</param>
/// <param name="quiet">Whether to print warnings only.</param>
internal sealed class PlainDisplay(TextWriter error, bool quiet) : RunDisplay
{
    private readonly Lock _lock = new();

    public override void Working(string activity) => Say(activity);

    public override void Say(string line)
    {
        if (!quiet)
            Warn(line);
    }

    public override void Warn(string line)
    {
        lock (_lock)
            error.WriteLine(line);
    }

    public override void Show(RunEvent runEvent, RunSpec spec)
    {
        if ((!quiet || RunLines.IsWarning(runEvent)) && RunLines.Describe(runEvent, spec) is { } line)
            Warn(line);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
