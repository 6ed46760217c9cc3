using System.Globalization;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>A run spec as the settings that a person would give for it: names as in <c>config.json</c>.</summary>
public static class SpecSettings
{
    /// <summary>What stands for initialisers that follow the activations.</summary>
    public const string AutomaticInitializer = "auto";

    /// <summary>Setting and value, in the order of the help; those without a meaning for the model are left out.</summary>
    public static IReadOnlyList<(string Key, object Value)> Of(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var settings = new List<(string, object)> { ("model", spec.Model.ToString()), ("initializer", InitializerOf(spec.Model)) };
        if (spec.Model.Layers is [DenseSpec first, _, ..])
            settings.Add(("keepProb", first.KeepProb));
        settings.AddRange(
        [
            ("dataset", spec.Data.Name), ("trainExamples", (long)spec.Data.TrainingExamples), ("batchSize", (long)spec.BatchSize),
            ("learningRate", spec.Optimizer.LearningRate), ("lrSchedule", spec.Optimizer.Schedule.ToString()), ("optimizer", spec.Optimizer.Name),
        ]);
        if (spec.Optimizer is SgdSpec sgd)
            settings.Add(("momentum", sgd.Momentum));
        if (spec.Optimizer is AdamWSpec adamW)
        {
            settings.AddRange(
                [("beta1", adamW.Beta1), ("beta2", adamW.Beta2), ("epsilon", adamW.Epsilon), ("weightDecay", adamW.WeightDecay)]);
        }

        settings.AddRange([("l2", spec.Optimizer.L2), ("seed", spec.Seed), ("shards", (long)spec.Shards)]);
        return settings;
    }

    /// <summary>A value as text, as a person would give it.</summary>
    public static string TextOf(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>Length of a run: whole epochs as <c>epochs</c>, others as <c>steps</c>.</summary>
    public static (string Key, object Value) LengthOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.TotalSteps % spec.StepsPerEpoch == 0 ? ("epochs", spec.TotalSteps / spec.StepsPerEpoch) : ("steps", spec.TotalSteps);
    }

    private static string InitializerOf(ModelSpec model)
    {
        Initializer[] ofWeights = [.. model.Layers.OfType<DenseSpec>().Select(layer => layer.Weights.Initializer).Distinct()];
        return ofWeights is [{ } one] ? one.ToString() : AutomaticInitializer;
    }
}
