using System.CommandLine;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary>What <c>verify</c> and <c>replay</c> have in common: they train a run again, and compare every step.</summary>
internal abstract class ReplayingCommand : CliCommand
{
    private readonly Argument<string> _run;

    protected ReplayingCommand(string path, string summary)
        : base(path, summary)
    {
        _run = TakeRun("RUN", "A run folder.");
        Take(OptionHeading.Restore, ReplayedOptions.BeganWith);
        Take(OptionHeading.Data, DataOptions.Dataset, ReplayedOptions.Validation, ReplayedOptions.Test);
        Take(OptionHeading.Data, DataOptions.DataDir, DataOptions.Offline);
        Take(OptionHeading.Cluster, ReplayedOptions.Workers);
        Take(OptionHeading.Run, ReplayedOptions.UpTo);
    }

    public override string Heading => CommandHeading.Proof;

    /// <summary>The run.</summary>
    /// <exception cref="RequestException">It is not a run folder.</exception>
    protected RunHistory ReadRun(Invocation invocation) => RunHistory.Read(invocation.Get(_run));

    /// <summary>How to train a run again.</summary>
    protected static ReplayOptions OptionsOf(Settings settings, RunDisplay display) => new()
    {
        Lanes = settings.FindValue(ReplayedOptions.Workers) ?? 0,
        BeganWith = settings.Find(ReplayedOptions.BeganWith),
        OnProgress = (step, to) => display.Working($"step {Format.Count(step)} of {Format.Count(to)}, all the same so far"),
        OnNotice = notice => display.Warn($"warning: {notice}"),
    };
}
