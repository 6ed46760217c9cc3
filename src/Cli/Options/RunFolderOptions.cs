using Lockstep.Model.Specs;
using Lockstep.Runs;

namespace Lockstep.Cli.Options;

/// <summary>What a training keeps, where, and which run it continues.</summary>
internal static class RunFolderOptions
{
    public static readonly CliOption<Cadence> EvaluateEvery = new("--eval-every", ValueKind.Cadence)
    {
        Placeholder = "N[UNIT]", Default = "1epoch", Elsewhere = ["--eval-steps", "--val-every", "--eval-interval"],
        Help = "When to evaluate on the validation examples and record metrics.",
    };

    public static readonly CliOption<Cadence> CheckpointEvery = new("--checkpoint-every", ValueKind.Cadence)
    {
        Placeholder = "N[UNIT]", Default = "1epoch", Elsewhere = ["--save-every", "--save-steps", "--checkpoint-interval"],
        Help = "When to save a checkpoint. Training does not wait for the disk: one that still waits for it is replaced by the next.",
    };

    public static readonly CliOption<int> KeepCheckpoints = new("--keep-checkpoints", ValueKind.Integer(1, 1_000_000))
    {
        Placeholder = "N", Default = "3", Elsewhere = ["--save-total-limit"],
        Help = "Newest checkpoints to keep.",
    };

    public static readonly CliOption<string> KeepBest = new(
        "--keep-best", ValueKind.Name([.. Enum.GetValues<ValidationMetric>().Select(StopSpec.NameOf)]))
    {
        Placeholder = "METRIC", DefaultNote = "none",
        Elsewhere = ["--save-best", "--save-best-only", "--load-best-model-at-end", "--metric-for-best-model"],
        Help = "Keep the checkpoint with the best validation accuracy, loss or R², however old. Other commands find it with "
            + "--checkpoint best.",
    };

    public static readonly CliOption<bool> TensorBoard = new("--tensorboard", ValueKind.Flag)
    {
        Default = "false", Elsewhere = ["--logdir", "--log-with-tensorboard", "--tb"],
        Help = "Write event files for TensorBoard to the folder tensorboard of the run: curves, histograms of the weights, pictures of the "
            + "first layer and of mistakes, and the settings.",
    };

    public static readonly CliOption<string> Out = new("--out", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommon = true, DefaultNote = "runs/<utc>-<id>",
        Elsewhere = ["--output", "--output-dir", "--out-dir", "--log-dir", "--save-dir", "--run-dir"],
        Help = "Folder of the run: configuration, metrics, checkpoints, log.",
    };

    public static readonly CliOption<string> Resume = new("--resume", Kinds.ResumedRun)
    {
        Placeholder = "PATH|auto", IsPerInvocation = true, IsCommon = true,
        Elsewhere = ["--continue", "--restart", "--resume-from", "--checkpoint"],
        Help = "Continue from a checkpoint, or from the newest one of a run folder. 'auto' takes the newest unfinished run in runs/, or "
            + "with --out the run there: it begins the run if nothing is saved, and if it is complete says so and exits with 0.",
    };

    public static readonly CliOption<string> Config = new("--config", ValueKind.Path)
    {
        Placeholder = "FILE.json", IsPerInvocation = true, Elsewhere = ["--configuration", "--options", "--settings"],
        Help = "Options from a JSON file, such as the config.json of an earlier run.",
    };
}
