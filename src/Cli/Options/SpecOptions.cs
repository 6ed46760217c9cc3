namespace Lockstep.Cli.Options;

/// <summary>The options that make a run spec: the trained weights depend on these and on nothing else.</summary>
internal static class SpecOptions
{
    /// <summary>The network.</summary>
    public static IReadOnlyList<ICliOption> Model { get; } =
        [ModelOptions.Model, ModelOptions.Initializer, ModelOptions.KeepProb, ModelOptions.Freeze];

    /// <summary>The data set, and where it comes from.</summary>
    public static IReadOnlyList<ICliOption> Data { get; } =
        [DataOptions.Dataset, DataOptions.DataDir, DataOptions.Offline, TrainingOptions.TrainExamples, .. DataOptions.Preparing];

    /// <summary>How it is trained.</summary>
    public static IReadOnlyList<ICliOption> Training { get; } =
    [
        TrainingOptions.BatchSize, TrainingOptions.Epochs, TrainingOptions.Steps,
        OptimizerOptions.LearningRate, OptimizerOptions.LearningRateFor, OptimizerOptions.Schedule, OptimizerOptions.Optimizer,
        OptimizerOptions.Momentum, OptimizerOptions.Nesterov, OptimizerOptions.Beta1, OptimizerOptions.Beta2, OptimizerOptions.Epsilon,
        OptimizerOptions.WeightDecay, OptimizerOptions.L2, OptimizerOptions.ClipNorm,
        TrainingOptions.LabelSmoothing, TrainingOptions.ClassWeights, TrainingOptions.Augment, TrainingOptions.Seed,
        TrainingOptions.Shards,
    ];

    /// <summary>When it ends before its last step.</summary>
    public static IReadOnlyList<ICliOption> Stopping { get; } = [TrainingOptions.StopWhen, TrainingOptions.Patience];

    /// <summary>The option whose key a run spec names.</summary>
    public static ICliOption Find(string key) => Model.Concat(Data).Concat(Training).Concat(Stopping).First(option => option.Key == key);
}
