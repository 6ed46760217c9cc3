using Lockstep.Cli.Options;
using Lockstep.Model.Text;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary>What <c>train</c>, <c>coordinator</c> and <c>launch</c> have in common.</summary>
internal abstract class TrainingCommand : CliCommand
{
    /// <summary>A command that trains.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="summary">One line for the list of commands.</param>
    /// <param name="network">Its options of who computes, and how they find each other.</param>
    protected TrainingCommand(string path, string summary, IReadOnlyList<ICliOption> network)
        : base(path, summary)
    {
        Take(OptionHeading.Model, SpecOptions.Model);
        Take(OptionHeading.Restore, [RestoreOptions.InitFrom, .. RestoreOptions.Rules, RestoreOptions.DryRun]);
        Take(OptionHeading.Data, SpecOptions.Data);
        Take(OptionHeading.Training, SpecOptions.Training);
        Take(OptionHeading.Training, SpecOptions.Stopping);
        Take(OptionHeading.Cluster, network);
        Take(OptionHeading.Cluster, NetworkOptions.Transport, NetworkOptions.Http, NetworkOptions.WorkerTimeout);
        Take(OptionHeading.Run, RunFolderOptions.Out, RunFolderOptions.Resume, RunFolderOptions.EvaluateEvery,
            RunFolderOptions.CheckpointEvery, RunFolderOptions.KeepCheckpoints, RunFolderOptions.KeepBest, RunFolderOptions.TensorBoard,
            RunFolderOptions.Config);
        Take(
            OptionHeading.Output, OutputOptions.Json, OutputOptions.Quiet, OutputOptions.Verbose, OutputOptions.LogFormat,
            OutputOptions.NoColor);
    }

    public override string Heading => CommandHeading.Train;

    /// <summary>Who computes, for the options that all three commands have in common.</summary>
    public abstract ClusterOptions ClusterOf(Settings settings, ClusterOptions common);

    public override Task<int> RunAsync(Invocation invocation) => new TrainingInvocation(invocation, this).RunAsync();

    /// <summary>The command line that continues the run.</summary>
    public string ResumeCommand(Settings settings, string folder) =>
        $"lockstep {FullName}{AddressesOf(settings)} --resume {ShellWord.OfPath(folder)}"
            + $"{ProgramsOf(settings)}{Again(settings, NetworkOptions.Http)}";

    /// <summary>Addresses that a command line which continues the run must have too.</summary>
    protected virtual string AddressesOf(Settings settings) => "";

    /// <summary>Programs that a command line which continues the run must name too, because no file may name one.</summary>
    protected virtual string ProgramsOf(Settings settings) => "";

    /// <summary>Options as they were given for this invocation.</summary>
    protected static string Again(Settings settings, params ReadOnlySpan<ICliOption> options)
    {
        string text = "";
        foreach (ICliOption option in options)
        {
            if (settings.GivenNow(option) is { } given)
                text += $" {option.Name} {ShellWord.Of(given.Text)}";
        }

        return text;
    }
}
