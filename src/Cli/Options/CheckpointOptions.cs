namespace Lockstep.Cli.Options;

/// <summary>Which checkpoint of a run folder a command takes.</summary>
internal static class CheckpointOptions
{
    /// <summary>The one with the best validation result.</summary>
    public const string Best = "best";

    public static readonly CliOption<string> Which = new("--checkpoint", ValueKind.Name("newest", Best))
    {
        Placeholder = "WHICH", Default = "newest", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--which", "--best"],
        Help = "Which checkpoint of a run folder: the newest, or the one with the best validation result, of a run with --keep-best.",
    };
}
