using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Board;

/// <summary>Keeps what a page has to be told; a page shows no progress but that something is under way.</summary>
internal sealed class PageDisplay : RunDisplay
{
    private readonly List<string> _warnings = [];

    /// <summary>What the user should know: a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public override void Working(string activity)
    {
    }

    public override void Say(string line)
    {
    }

    public override void Warn(string line) => _warnings.Add(line);

    public override void Show(RunEvent runEvent, RunSpec spec)
    {
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
