using Lockstep.Model.Specs;
using Lockstep.Networks;

namespace Lockstep.Cli.Options;

/// <summary>Which parameters of an earlier checkpoint a run begins with.</summary>
internal static class RestoreOptions
{
    public static readonly CliOption<string> InitFrom = new("--init-from", ValueKind.Path)
    {
        Placeholder = "CHECKPOINT", Elsewhere = ["--pretrained", "--weights", "--load", "--finetune", "--fine-tune"],
        Help = "Begin with the parameters of a checkpoint or run folder, matched by name; the optimizer begins anew.",
    };

    public static readonly CliOption<NameGlobs> Include = new("--include", Kinds.Globs)
    {
        Placeholder = "NAMES", DefaultNote = "all",
        Help = "Restore only these parameters of the model.",
    };

    public static readonly CliOption<NameGlobs> Exclude = new("--exclude", Kinds.Globs)
    {
        Placeholder = "NAMES", DefaultNote = "none",
        Help = "Do not restore these.",
    };

    public static readonly CliOption<NameMap> Map = new("--map", Kinds.Map)
    {
        Placeholder = "THEIRS=OURS", Elsewhere = ["--rename"],
        Help = "Parameters that have another name in the file than in the model.",
    };

    public static readonly CliOption<bool> AllowMissing = new("--allow-missing", ValueKind.Flag)
    {
        Default = "false",
        Help = "Initialise parameters that the file does not have, instead of refusing.",
    };

    public static readonly CliOption<bool> AllowUnused = new("--allow-unused", ValueKind.Flag)
    {
        Default = "false",
        Help = "Leave in the file what the model does not have, instead of refusing.",
    };

    public static readonly CliOption<bool> AllowShapeMismatch = new("--allow-shape-mismatch", ValueKind.Flag)
    {
        Default = "false",
        Help = "Initialise parameters that have another shape in the file, instead of refusing.",
    };

    public static readonly CliOption<bool> DryRun = new("--dry-run", ValueKind.Flag)
    {
        Default = "false", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--plan"],
        Help = "With --init-from: only print what would become of every parameter.",
    };

    /// <summary>What is restored of <see cref="InitFrom"/>.</summary>
    public static IReadOnlyList<ICliOption> Rules { get; } = [Include, Exclude, Map, AllowMissing, AllowUnused, AllowShapeMismatch];
}
