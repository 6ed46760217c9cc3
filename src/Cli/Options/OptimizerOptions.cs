using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Training;

namespace Lockstep.Cli.Options;

/// <summary>The optimizer of a run and its learning rate.</summary>
internal static class OptimizerOptions
{
    private static readonly TrainerOptions Defaults = new();

    public static readonly CliOption<double> LearningRate = new("--learning-rate", ValueKind.Real(Ranges.LearningRate))
    {
        Placeholder = "RATE", Default = SpecSettings.TextOf(Defaults.LearningRate), IsCommon = true,
        Elsewhere = ["--lr", "--rate", "--eta", "--step-size"],
        DefaultNote =
            $"{SpecSettings.TextOf(Defaults.LearningRate)}; for pictures of your own 0.02, for light ones 0.002; with --target 0.01",
        Help = "Step size of gradient descent, before the schedule.",
    };

    public static readonly CliOption<LearningRateSchedule> Schedule = new("--lr-schedule", Kinds.Schedule)
    {
        Placeholder = "SHAPE", Default = "constant", Elsewhere = ["--scheduler", "--lr-scheduler", "--schedule", "--warmup"],
        Help = "How the learning rate moves over the run.",
    };

    public static readonly CliOption<ParameterRates> LearningRateFor = new("--learning-rate-for", Kinds.Rates)
    {
        Placeholder = "NAMES=RATE",
        Help = "Learning rates of their own for some parameters; the schedule applies to them too.",
    };

    public static readonly CliOption<string> Optimizer = new(
        "--optimizer", ValueKind.Name(SgdSpec.Kind, AdamWSpec.KindWithoutDecay, AdamWSpec.Kind))
    {
        Placeholder = "NAME", Default = SgdSpec.Kind, IsCommon = true, Elsewhere = ["--optim", "--opt", "--solver"],
        Help = "Gradient descent with momentum, Adam, or Adam with decoupled weight decay; the learning rate of the latter two is 0.001 "
            + "unless given.",
    };

    public static readonly CliOption<double> Momentum = new("--momentum", ValueKind.Real(Ranges.Momentum))
    {
        Placeholder = "M", Default = SpecSettings.TextOf(Defaults.Momentum),
        Help = "With sgd: share of the previous update that is carried on; 0 is plain gradient descent.",
    };

    public static readonly CliOption<bool> Nesterov = new("--nesterov", ValueKind.Flag)
    {
        Default = "false", Elsewhere = ["--nag", "--nesterovs-momentum"],
        Help = "With sgd: Nesterov momentum, which looks ahead along the update.",
    };

    public static readonly CliOption<double> Beta1 = new("--beta1", ValueKind.Real(Ranges.Momentum))
    {
        Placeholder = "X", Default = "0.9",
        Help = "With adam and adamw: share of the mean of gradients that remains at a step.",
    };

    public static readonly CliOption<double> Beta2 = new("--beta2", ValueKind.Real(Ranges.Momentum))
    {
        Placeholder = "X", Default = "0.999",
        Help = "With adam and adamw: share of the mean of their squares that remains at a step.",
    };

    public static readonly CliOption<double> Epsilon = new("--epsilon", ValueKind.Real(Ranges.Epsilon))
    {
        Placeholder = "X", Default = "1e-8", Elsewhere = ["--eps"],
        Help = "With adam and adamw: added to the root of the mean of squares.",
    };

    public static readonly CliOption<double> WeightDecay = new("--weight-decay", ValueKind.Real(Ranges.Penalty))
    {
        Placeholder = "X", Default = "0.01", Elsewhere = ["--wd", "--decay"],
        Help = "With adamw: share of the weights, times the learning rate, that is taken away at a step; biases are free.",
    };

    public static readonly CliOption<double> L2 = new("--l2", ValueKind.Real(Ranges.Penalty))
    {
        Placeholder = "X", Default = SpecSettings.TextOf(Defaults.L2), Elsewhere = ["--penalty", "--regularization"],
        Help = "Weight of the penalty on the squares of the weights; biases are free.",
    };

    public static readonly CliOption<double> ClipNorm = new("--clip-norm", ValueKind.Real(Ranges.ClipNorm))
    {
        Placeholder = "X", DefaultNote = "no limit",
        Elsewhere = ["--max-grad-norm", "--clip-grad-norm", "--gradient-clip-val", "--grad-clip", "--max-norm", "--clipnorm"],
        Help = "Largest norm of the gradient of a batch over all parameters; a larger one is scaled down to it.",
    };
}
