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
        (OptionTable.KeepProb, spec => spec.Model.Layers is [DenseSpec first, _, ..] ? Number(first.KeepProb) : null),
        (OptionTable.Dataset, spec => spec.Data.Name),
        (OptionTable.TrainExamples, spec => Number(spec.Data.TrainingExamples)),
        (OptionTable.BatchSize, spec => Number(spec.BatchSize)),
        (OptionTable.LearningRate, spec => Number(spec.Optimizer.LearningRate)),
        (OptionTable.Schedule, spec => spec.Optimizer.Schedule.ToString()),
        (OptionTable.Momentum, spec => Number(spec.Optimizer.Momentum)),
        (OptionTable.L2, spec => Number(spec.Optimizer.L2)),
        (OptionTable.Seed, spec => Number(spec.Seed)),
        (OptionTable.Shards, spec => Number(spec.Shards)),
    ];

    private static string InitializerOf(ModelSpec model)
    {
        Initializer[] ofWeights = [.. model.Layers.OfType<DenseSpec>().Select(layer => layer.Weights.Initializer).Distinct()];
        return ofWeights is [{ } one] ? one.ToString() : Kinds.AutomaticInitializer;
    }

    private static string Number(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
