namespace Lockstep.Cli.Options;

/// <summary>Which data set, and where it comes from.</summary>
internal static class DataOptions
{
    /// <summary>Names of the parts of a data set.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["train", "validation", "test"];

    public static readonly CliOption<string> Dataset = new("--dataset", Kinds.Dataset)
    {
        Placeholder = "NAME", IsCommon = true, Elsewhere = ["--data-set"],
        DefaultNote = "mnist where it can be had, else synthetic; of a checkpoint, the one it was trained on",
        Help = "Data set. The synthetic digits are built in.",
    };

    public static readonly CliOption<string> DataDir = new("--data-dir", ValueKind.Path)
    {
        Placeholder = "DIR", PlainVariable = "LOCKSTEP_DATA_DIR", IsCommon = true, Elsewhere = ["--data", "--data-path", "--data-root"],
        DefaultNote = "the user's cache, then a download",
        Help = "Folder with the four IDX files of the data set, packed (.gz) or not.",
    };

    public static readonly CliOption<bool> Offline = new("--offline", ValueKind.Flag)
    {
        Default = "false", PlainVariable = "LOCKSTEP_OFFLINE", Elsewhere = ["--no-download"],
        Help = "Never touch the network for data.",
    };

    public static readonly CliOption<string> Split = new("--split", ValueKind.Name([.. Splits]))
    {
        Placeholder = "PART", Default = "test", IsCommandLineOnly = true, Elsewhere = ["--part", "--subset"],
        Help = "Which images.",
    };
}
