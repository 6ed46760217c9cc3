using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Training;

namespace Lockstep.Cli.Options;

/// <summary>How a run trains its network, apart from the optimizer.</summary>
internal static class TrainingOptions
{
    private static readonly TrainerOptions Defaults = new();

    public static readonly CliOption<int> BatchSize = new("--batch-size", ValueKind.Integer(Ranges.BatchSize))
    {
        Placeholder = "N", Default = SpecSettings.TextOf(Defaults.BatchSize), IsCommon = true, Elsewhere = ["--batch", "--bs", "-b"],
        DefaultNote = $"{SpecSettings.TextOf(Defaults.BatchSize)}; for data of your own a tenth of the training examples, from 8",
        Help = "Examples per step, over all workers together.",
    };

    public static readonly CliOption<int> Epochs = new("--epochs", ValueKind.Integer(1, 100_000))
    {
        Placeholder = "N", Default = SpecSettings.TextOf(Defaults.Epochs), IsCommon = true,
        Elsewhere = ["--num-epochs", "--max-epochs", "-e"],
        Help = "Length of the run in passes over the training examples.",
    };

    public static readonly CliOption<long> Steps = new("--steps", ValueKind.Integer(Ranges.TotalSteps))
    {
        Placeholder = "N", DefaultNote = "as many as --epochs takes", Elsewhere = ["--max-steps", "--iterations", "--iters"],
        Help = "Length of the run in steps, instead of --epochs.",
    };

    public static readonly CliOption<double> LabelSmoothing = new("--label-smoothing", ValueKind.Real(Ranges.LabelSmoothing))
    {
        Placeholder = "X", Default = SpecSettings.TextOf(Defaults.LabelSmoothing), Elsewhere = ["--smoothing"],
        Help = "Share of each label that is spread over all classes in the loss of training; evaluation has none.",
    };

    public static readonly CliOption<ClassWeights> ClassWeights = new("--class-weights", Kinds.ClassWeights)
    {
        Placeholder = "A,B,...", DefaultNote = "1 for each class", Elsewhere = ["--class-weight", "--pos-weight"],
        Help = "Weights of the classes in the loss of training, so that rare ones count; balanced takes them from the training examples.",
    };

    public static readonly CliOption<AugmentationSpec> Augment = new("--augment", Kinds.Augmentation)
    {
        Placeholder = "KIND:N,...", DefaultNote = "images as they are",
        Elsewhere = ["--augmentation", "--aug", "--data-augmentation", "--transforms"],
        Help = "Change training images at random, anew in every epoch: shift (pixels), rotate (degrees), scale (share), elastic (pixels), "
            + "flip and vflip (share of the images), noise (share of white), cutout (pixels).",
    };

    public static readonly CliOption<string> StopWhen = new("--stop-when", Kinds.StopWhen)
    {
        Placeholder = "RULE", DefaultNote = "never", Elsewhere = ["--target-accuracy", "--early-stopping-threshold"],
        Help = "End the run once an evaluation on the validation examples gives at least this accuracy or R², or at most this loss.",
    };

    public static readonly CliOption<string> Patience = new("--patience", Kinds.Patience)
    {
        Placeholder = "[METRIC:]N", DefaultNote = "without end",
        Help = "End the run after N evaluations in a row without a better result. The metric is that of --stop-when, else the "
            + "accuracy, or R² of targets.",
    };

    public static readonly CliOption<ulong> Seed = new("--seed", ValueKind.Key)
    {
        Placeholder = "N", Default = SpecSettings.TextOf(Defaults.Seed), IsCommon = true, Elsewhere = ["--random-seed", "--random-state"],
        Help = "Key of all random numbers: initial weights, order of examples, dropout.",
    };

    public static readonly CliOption<int> Shards = new("--shards", ValueKind.Integer(Ranges.Shards))
    {
        Placeholder = "N", Default = SpecSettings.TextOf(Defaults.Shards),
        Help = "Fixed slices of a batch, computed by the workers. Part of the run, unlike the workers: with more workers than shards, "
            + "some wait.",
    };

    public static readonly CliOption<int> TrainExamples = new("--train-examples", ValueKind.Integer(Ranges.TrainingExamples))
    {
        Placeholder = "N", DefaultNote = "all", Elsewhere = ["--limit", "--num-examples"],
        Help = "Train on the first N training examples only.",
    };
}
