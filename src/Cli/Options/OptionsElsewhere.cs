namespace Lockstep.Cli.Options;

/// <summary>Options that other trainers have and no command here does, with a sentence on what there is instead.</summary>
internal static class OptionsElsewhere
{
    private static readonly (string[] Names, string Instead)[] All =
    [
        (["--gpu", "--gpus", "--cuda", "--device", "--devices", "--accelerator", "--use-gpu", "--mps", "--tpu"],
            "Lockstep computes on processors only, with all their vector units; --workers and --lanes say on how many cores."),
        (["--fp16", "--bf16", "--amp", "--half", "--mixed-precision", "--precision", "--dtype"],
            "Everything is computed in float32, so that the weights do not depend on the machine."),
        (["--wandb", "--mlflow", "--logger", "--visdom"],
            "The curves of a run are in metrics.jsonl and report.html of its folder: 'lockstep report RUN'; "
                + "--tensorboard writes them for TensorBoard, and --http serves metrics to Prometheus."),
        (["--deterministic", "--cudnn-deterministic", "--reproducible"],
            "Every run is deterministic: equal options give equal weights, on any number of workers."),
        (["--master-addr", "--master-port", "--rdzv-endpoint", "--rdzv-backend", "--init-method", "--rank", "--local-rank",
            "--node-rank"],
            "Workers find their coordinator by the --join of 'lockstep worker', and have no ranks."),
        (["--distributed", "--strategy", "--ddp", "--data-parallel", "--multiprocessing-distributed"],
            "Every training is distributed: --workers starts workers here, 'lockstep launch' on other machines."),
        (["--accumulate-grad-batches", "--gradient-accumulation-steps", "--accumulate"],
            "A batch need not fit anywhere at once, so --batch-size is the whole batch of an update."),
        (["--shuffle", "--no-shuffle"], "Examples come in an order of each epoch's own, which --seed decides."),
        (["--callbacks", "--hooks", "--plugins"], "A program of yours can follow a run: see docs/api.md."),
        (["--loss", "--criterion", "--objective"],
            "Classes are trained with cross-entropy, and numbers, which --target names, with squared error."),
        (["--activation", "--nonlinearity", "--act"], "A model file says the activation of each layer: see docs/models.md."),
        (["--batch-norm", "--batchnorm", "--bn", "--layer-norm"], "Normalisation is a layer of --model, such as 784-256-bn-10."),
        (["--dropout", "--drop-rate", "--drop-prob", "--p-drop"],
            "--keep-prob says which share dropout keeps: --keep-prob 0.9 is dropout of 0.1."),
        (["--hidden", "--hidden-size", "--hidden-layer-sizes", "--hidden-dim", "--units"],
            "--model says all widths: --model in-100-out has one hidden layer of 100."),
        (["--metrics", "--metric"], "Loss and accuracy, or R², are always measured; --keep-best and --stop-when take one of them."),
        (["--early-stopping", "--early-stopping-patience", "--early-stop"],
            "--patience 5 stops after 5 evaluations that are not better than the best before them."),
        (["--max-iter"], "--epochs or --steps says how long to train."),
        (["--alpha"], "--l2 is the weight of the squared weights, --learning-rate the rate."),
        (["--log-interval"], "--eval-every says how often a line is printed."),
        (["--no-cuda", "--cpu"], "There is nothing else than processors: leave it out."),
        (["--overwrite", "--force", "--exist-ok"], "Nothing is overwritten: give another folder with --out, or remove the old one."),
        (["--compile", "--jit", "--xla"], "There is nothing to compile."),
    ];

    /// <summary>What there is instead of an option; null for an option that nobody has.</summary>
    /// <param name="name">The option, such as <c>--gpu</c>.</param>
    public static string? Instead(string name) => All.FirstOrDefault(entry => entry.Names.Contains(name)).Instead;

    /// <summary>All the names.</summary>
    public static IEnumerable<string> Names => All.SelectMany(entry => entry.Names);
}
