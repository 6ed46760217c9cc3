using Lockstep.Model.Specs;
using Lockstep.Runs;

namespace Lockstep.Cli.Options;

/// <summary>Which network a run trains.</summary>
internal static class ModelOptions
{
    public static readonly CliOption<string> Model = new("--model", Kinds.Model)
    {
        Placeholder = "LAYERS|FILE", Default = "784-256-10", IsCommon = true,
        DefaultNote = "784-256-10; for data of your own in-128-out",
        Elsewhere = ["--arch", "--net", "--network", "--layers", "-a"],
        Help = "Network. Widths make hidden layers of ReLU and a linear last one; 'in' and 'out' are the widths of the data. "
            + "conv:FILTERSxSIZE and pool2 are layers of images, bn and ln normalise a batch or layer, "
            + "'convnet', 'lenet5' and 'logistic' are whole networks. A file says more: see docs/models.md.",
    };

    public static readonly CliOption<string> Initializer = new("--initializer", Kinds.Initializer)
    {
        Placeholder = "NAME", Default = SpecSettings.AutomaticInitializer, Elsewhere = ["--init"],
        Help = "Initial weights; auto is he for ReLU layers and xavier for all others.",
    };

    public static readonly CliOption<double> KeepProb = new("--keep-prob", ValueKind.Real(Ranges.KeepProb))
    {
        Placeholder = "P", Default = "0.8",
        Help = "Probability that dropout keeps a hidden unit in training; 1 is no dropout.",
    };

    public static readonly CliOption<NameGlobs> Freeze = new("--freeze", Kinds.Globs)
    {
        Placeholder = "NAMES",
        Help = "Parameters that training leaves as they are; they cost neither gradient nor traffic.",
    };
}
