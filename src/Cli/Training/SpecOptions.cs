using System.Globalization;
using Lockstep.Cli.Configuration;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Training;

/// <summary>The options that a run spec is made of, read back from a spec in the form that the user would give them.</summary>
internal static class SpecOptions
{
    /// <summary>Option and its text in a spec; null where the option has no meaning for the model.</summary>
    public static IReadOnlyList<(OptionDescriptor Option, Func<RunSpec, string?> Text)> All { get; } =
    [
        (OptionTable.Model, spec => spec.Model.ToString()),
        (OptionTable.Initializer, spec => InitializerOf(spec.Model)),
        (OptionTable.KeepProb, spec => spec.Model.Layers.Count == 1 ? null : Number(spec.Model.Layers[0].KeepProb)),
        (OptionTable.Dataset, spec => spec.Data.Name),
        (OptionTable.TrainExamples, spec => Number(spec.Data.TrainingExamples)),
        (OptionTable.BatchSize, spec => Number(spec.BatchSize)),
        (OptionTable.LearningRate, spec => Number(spec.Optimizer.LearningRate)),
        (OptionTable.Schedule, spec => spec.Optimizer.Schedule.ToString()),
        (OptionTable.Optimizer, spec => spec.Optimizer.Name),
        (OptionTable.Momentum, spec => spec.Optimizer is SgdSpec sgd ? Number(sgd.Momentum) : null),
        (OptionTable.Beta1, spec => spec.Optimizer is AdamWSpec adamW ? Number(adamW.Beta1) : null),
        (OptionTable.Beta2, spec => spec.Optimizer is AdamWSpec adamW ? Number(adamW.Beta2) : null),
        (OptionTable.Epsilon, spec => spec.Optimizer is AdamWSpec adamW ? Number(adamW.Epsilon) : null),
        (OptionTable.WeightDecay, spec => spec.Optimizer is AdamWSpec adamW ? Number(adamW.WeightDecay) : null),
        (OptionTable.L2, spec => Number(spec.Optimizer.L2)),
        (OptionTable.Seed, spec => Number(spec.Seed)),
        (OptionTable.Shards, spec => Number(spec.Shards)),
    ];

    private static string InitializerOf(ModelSpec model)
    {
        Initializer first = model.Layers[0].Weights.Initializer;
        return model.Layers.All(layer => layer.Weights.Initializer == first) ? first.ToString() : Kinds.AutomaticInitializer;
    }

    private static string Number(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
