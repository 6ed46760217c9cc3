using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Training;

namespace Lockstep.Cli.Commands;

/// <summary><c>train</c>: coordinator in this process, workers in processes of their own on this machine.</summary>
internal sealed class TrainCommand() : TrainingCommand(
    "train", "Train on this machine, across several worker processes",
    [NetworkOptions.Workers, NetworkOptions.MinWorkers, NetworkOptions.Lanes])
{
    public override string Details =>
        "Starts worker processes on this machine, trains, and writes a run folder with metrics, checkpoints and a summary. "
        + "The trained weights depend on the options under Model, Data and Training, and on nothing else. "
        + "Ctrl-C finishes the step, saves and says how to go on; a second Ctrl-C ends at once.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep train", "MNIST, two workers, default network"),
        ("lockstep train --workers 4 --epochs 5", "four processes; the same weights as with one"),
        ("lockstep train --model logistic --learning-rate 0.05", "a linear classifier"),
        ("lockstep train --lr-schedule cosine --seed 7 --out runs/cosine", "in a folder of your choice"),
        ("lockstep train --config runs/cosine/config.json --seed 8", "the same options with another seed"),
        ("lockstep train --resume auto", "go on with the newest unfinished run"),
        ("lockstep train --model 784-256-128-10 --init-from runs/cosine --include 'layer0/*' --freeze 'layer0/*'",
            "fine-tune a changed model"),
        ("lockstep train --model 784-256-128-10 --init-from runs/cosine --dry-run", "which parameters would fit, and which not"),
    ];

    public override ClusterOptions ClusterOf(Settings settings, ClusterOptions common)
    {
        int workers = settings.Get(NetworkOptions.Workers);
        // A run that is resumed with fewer workers need not wait for as many as before.
        return common with { Processes = workers, MinWorkers = common.MinWorkers is { } least ? Math.Min(least, workers) : null };
    }

    public override ResourceNeeds NeedsOf(Settings settings)
    {
        int workers = settings.Get(NetworkOptions.Workers);
        return new ResourceNeeds { Workers = workers, Processes = workers, Lanes = settings.FindValue(NetworkOptions.Lanes) };
    }
}
