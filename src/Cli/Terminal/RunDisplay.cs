using System.Numerics;
using Lockstep.Cli.Options;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Terminal;

/// <summary>Shows a person how a run goes, on standard error.</summary>
internal abstract class RunDisplay : IAsyncDisposable
{
    private int _failures;

    /// <summary>A live display for a person at a terminal, else plain lines; with <c>--quiet</c> only warnings.</summary>
    public static RunDisplay Create(CommandIo io, Settings settings)
    {
        bool quiet = settings.Get(OutputOptions.Quiet);
        // Log lines would tear a display that is redrawn.
        bool live = io.ErrorIsTerminal && !quiet && !settings.Get(OutputOptions.Verbose);
        return live
            ? LiveDisplay.On(io.ErrorTerminal, colors: !settings.Get(OutputOptions.NoColor) && !io.NoColor)
            : new PlainDisplay(io.Messages, quiet);
    }

    /// <summary>Something that takes a while is under way, such as reading a data set; the next one replaces it.</summary>
    /// <param name="activity">What; a short line.</param>
    public abstract void Working(string activity);

    /// <summary>A line that stays.</summary>
    public abstract void Say(string line);

    /// <summary>A line that stays and matters even to those who asked for quiet.</summary>
    public abstract void Warn(string line);

    /// <summary>An event of a run.</summary>
    public abstract void Show(RunEvent runEvent, RunSpec spec);

    /// <summary>Ends the display; what was said stays.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>
    /// Whether an event repeats what was told: of checkpoints that fail one after the other, as on a full disk, every second, fourth,
    /// eighth and so on is told after the first.
    /// </summary>
    protected bool IsRepeated(RunEvent runEvent)
    {
        if (runEvent is RunEvent.CheckpointSaved)
            _failures = 0;
        return runEvent is RunEvent.CheckpointFailed && !BitOperations.IsPow2(++_failures);
    }
}
