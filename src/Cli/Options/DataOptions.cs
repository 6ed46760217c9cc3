using Lockstep.Data;

namespace Lockstep.Cli.Options;

/// <summary>Which data set, and where it comes from.</summary>
internal static class DataOptions
{
    /// <summary>Missing values count as the mean of their column, or as no category.</summary>
    public const string Fill = "fill";

    /// <summary>Numbers are scaled to mean 0 and deviation 1.</summary>
    public const string Standard = "standard";

    /// <summary>Names of the parts of a data set.</summary>
    public static IReadOnlyList<string> Splits { get; } = ["train", "validation", "test"];

    public static readonly CliOption<string> Dataset = new("--dataset", Kinds.Dataset)
    {
        Placeholder = "NAME|PATH", IsCommon = true, Elsewhere = ["--data-set", "-d"],
        DefaultNote = "mnist where it can be had, else synthetic; of a checkpoint, the one it was trained on",
        Help = "Data set: a name, or a file or folder of your own (CSV, Parquet, npz, IDX, or folders of pictures; see "
            + "docs/your-own-data.md). The synthetic digits are built in.",
    };

    public static readonly CliOption<string> DataDir = new("--data-dir", ValueKind.Path)
    {
        Placeholder = "DIR", PlainVariable = "LOCKSTEP_DATA_DIR", IsCommon = true, Elsewhere = ["--data", "--data-path", "--data-root"],
        DefaultNote = "the user's cache, then a download",
        Help = "Folder with the four IDX files of a data set with a name, packed (.gz) or not.",
    };

    public static readonly CliOption<bool> Offline = new("--offline", ValueKind.Flag)
    {
        Default = "false", PlainVariable = "LOCKSTEP_OFFLINE", Elsewhere = ["--no-download"],
        Help = "Never touch the network for data.",
    };

    public static readonly CliOption<string> Split = new("--split", ValueKind.Name([.. Splits]))
    {
        Placeholder = "PART", Default = "test", IsCommandLineOnly = true, Elsewhere = ["--part", "--subset"],
        Help = "Which examples.",
    };

    public static readonly CliOption<string> Label = new("--label", ValueKind.Text)
    {
        Placeholder = "COLUMN", IsPerInvocation = true, Elsewhere = ["--label-column", "--class-column"],
        DefaultNote = "the column called label, class, target or y",
        Help = "Column of a table that holds the class: its name, or its position in the file (1 is the first, -1 the last).",
    };

    public static readonly CliOption<string> Target = new("--target", ValueKind.Columns)
    {
        Placeholder = "COLUMNS", IsPerInvocation = true, Elsewhere = ["--targets", "--regression", "--y-column", "--outputs"],
        DefaultNote = "none: classes are learnt",
        Help = "Columns of a table that hold numbers to predict, in place of --label: names or positions, separated by commas; "
            + "y for arrays. They are learnt with the mean squared error.",
    };

    public static readonly CliOption<string> Ignore = new("--ignore", ValueKind.Columns)
    {
        Placeholder = "COLUMNS", IsPerInvocation = true, Elsewhere = ["--drop", "--exclude-columns"],
        Help = "Columns of a table to leave out.",
    };

    public static readonly CliOption<string> Categorical = new("--categorical", ValueKind.Columns)
    {
        Placeholder = "COLUMNS", IsPerInvocation = true,
        Help = "Columns of numbers that are categories, such as postal codes.",
    };

    public static readonly CliOption<string> Missing = new("--missing", ValueKind.Name(Fill, "refuse"))
    {
        Placeholder = "HOW", Default = Fill, IsPerInvocation = true,
        Help = "Missing values of a table: fill takes the mean of a number and no category for a text; refuse stops.",
    };

    public static readonly CliOption<string> Scale = new("--scale", ValueKind.Name(Standard, "none"))
    {
        Placeholder = "HOW", Default = Standard, IsPerInvocation = true, Elsewhere = ["--normalize", "--standardize"],
        Help = "Numbers of a table: standard scales each column to mean 0 and deviation 1 of the training rows.",
    };

    public static readonly CliOption<ImageSize> ImageSize = new("--image-size", Kinds.ImageSize)
    {
        Placeholder = "HxW[xC]", IsPerInvocation = true, Elsewhere = ["--resize", "--img-size"],
        DefaultNote = "that of the pictures, which then must be one",
        Help = "Size to which pictures are resized, with 1 for grey or 3 for RGB; or the size of images whose pixels are columns.",
    };

    public static readonly CliOption<HeldOut> Validation = new("--validation", Kinds.HeldOut)
    {
        Placeholder = "SHARE|PATH", IsPerInvocation = true, Elsewhere = ["--val", "--valid", "--validation-split"],
        DefaultNote = "the part for validation where there is one, else a tenth of each class",
        Help = "Examples for validation: a share of each class, or a file or folder.",
    };

    public static readonly CliOption<HeldOut> Test = new("--test", Kinds.HeldOut)
    {
        Placeholder = "SHARE|PATH", IsPerInvocation = true, Elsewhere = ["--test-split", "--test-size"],
        DefaultNote = "the part for the test where there is one, else a tenth of each class",
        Help = "Examples for the test: a share of each class, or a file or folder.",
    };

    public static readonly CliOption<ulong> SplitKey = new("--split-key", ValueKind.Key)
    {
        Placeholder = "N", Default = "1", IsPerInvocation = true, Elsewhere = ["--split-seed"],
        Help = "Key of the choice of held-out examples.",
    };

    public static readonly CliOption<string> Name = new("--name", ValueKind.Text)
    {
        Placeholder = "NAME", IsPerInvocation = true,
        DefaultNote = "that of the file or folder",
        Help = "Name of your own data set.",
    };

    /// <summary>How files of one's own become a data set. A run keeps what they led to, not the options.</summary>
    public static IReadOnlyList<ICliOption> Preparing { get; } =
        [Label, Target, Ignore, Categorical, Missing, Scale, ImageSize, Validation, Test, SplitKey, Name];
}
