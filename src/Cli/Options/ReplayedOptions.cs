using Lockstep.Model.Specs;

namespace Lockstep.Cli.Options;

/// <summary>How a run is trained again to look at it, and where a checkpoint is written.</summary>
internal static class ReplayedOptions
{
    public static readonly CliOption<string> BeganWith = new("--init-from", ValueKind.Path)
    {
        Placeholder = "CHECKPOINT", IsPerInvocation = true, IsCommandLineOnly = true, DefaultNote = "where the run had them from",
        Help = "Where the parameters are that a fine-tuned run began with.",
    };

    public static readonly CliOption<string> Validation = PlaceOf("--validation", "for validation");

    public static readonly CliOption<string> Test = PlaceOf("--test", "for the test");

    public static readonly CliOption<int> Workers = new("--workers", ValueKind.Integer(1, 256))
    {
        Placeholder = "N", IsPerInvocation = true, IsCommandLineOnly = true, DefaultNote = "as many as there are processors",
        Elsewhere = ["--lanes", "--threads"],
        Help = "Workers to train again with, as threads of this process. The result does not depend on it.",
    };

    public static readonly CliOption<long> UpTo = new(
        "--to", ValueKind.Integer(0L, RunSpec.MaxSteps))
    {
        Placeholder = "STEP", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--step", "--steps", "--until"],
        Help = "Last step to train again; without it, verify goes as far as the run did.",
    };

    public static readonly CliOption<string> CheckpointFile = new("--out", ValueKind.Path)
    {
        Placeholder = "FILE.ckpt", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--output", "-o"],
        Help = "Where to write the checkpoint; the file must not exist.",
    };

    private static CliOption<string> PlaceOf(string name, string what) => new(name, ValueKind.Path)
    {
        Placeholder = "PATH", IsPerInvocation = true, IsCommandLineOnly = true, DefaultNote = "where the run had it",
        Help = $"Where the examples {what} are, of a run that was trained with files of its own for them.",
    };
}
