using System.Globalization;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>A run spec as settings, with the names of <c>config.json</c>.</summary>
public static class SpecSettings
{
    /// <summary>The setting that names the model.</summary>
    public const string ModelKey = "model";

    /// <summary>Stands for initialisers that follow from the activations.</summary>
    public const string AutomaticInitializer = "auto";

    /// <summary>
    /// Setting and value, in the order of the help; without those that have no meaning for the model or its optimizer, and without what is
    /// not used: Nesterov momentum, clipping, label smoothing, class weights and augmentation.
    /// </summary>
    public static IReadOnlyList<(string Key, object Value)> Of(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var settings = new List<(string, object)> { (ModelKey, spec.Model.ToString()), ("initializer", InitializerOf(spec.Model)) };
        if (KeepProbOf(spec.Model) is { } keepProb)
            settings.Add(("keepProb", keepProb));
        settings.AddRange(
        [
            ("dataset", spec.Data.Name), ("trainExamples", (long)spec.Data.TrainingExamples), ("batchSize", (long)spec.BatchSize),
            ("learningRate", spec.Optimizer.LearningRate), ("lrSchedule", spec.Optimizer.Schedule.ToString()),
            ("optimizer", spec.Optimizer.Name),
        ]);
        if (spec.Optimizer is SgdSpec sgd)
        {
            settings.Add(("momentum", sgd.Momentum));
            if (sgd.IsNesterov)
                settings.Add(("nesterov", true));
        }

        if (spec.Optimizer is AdamWSpec adamW)
        {
            settings.AddRange([("beta1", adamW.Beta1), ("beta2", adamW.Beta2), ("epsilon", adamW.Epsilon)]);
            if (adamW.WeightDecay != 0.0)
                settings.Add(("weightDecay", adamW.WeightDecay));
        }

        settings.Add(("l2", spec.Optimizer.L2));
        if (spec.Optimizer.ClipNorm is { } clipNorm)
            settings.Add(("clipNorm", clipNorm));
        if (spec.LabelSmoothing != 0.0)
            settings.Add(("labelSmoothing", spec.LabelSmoothing));
        if (spec.ClassWeights.Count > 0)
            settings.Add(("classWeights", string.Join(',', spec.ClassWeights.Select(weight => TextOf(weight)))));
        if (spec.Augmentation is { } augmentation)
            settings.Add(("augment", augmentation.ToString()));
        settings.AddRange([("seed", spec.Seed), ("shards", (long)spec.Shards)]);
        if (spec.Stop?.TargetText is { } target)
            settings.Add(("stopWhen", target));
        if (spec.Stop?.PatienceText is { } patience)
            settings.Add(("patience", patience));
        return settings;
    }

    /// <summary>A value as text, in the form of an option.</summary>
    public static string TextOf(object value) =>
        value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>Length of a run: whole epochs as <c>epochs</c>, others as <c>steps</c>.</summary>
    public static (string Key, object Value) LengthOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.TotalSteps % spec.StepsPerEpoch == 0 ? ("epochs", spec.TotalSteps / spec.StepsPerEpoch) : ("steps", spec.TotalSteps);
    }

    /// <summary>Whether the settings of a run describe its model completely: widths, one initialiser and one keep probability.</summary>
    public static bool IsPlain(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string initializer = InitializerOf(model);
        var plain = ModelSpec.Parse(
            model.ToString(), KeepProbOf(model) ?? 1.0,
            initializer == AutomaticInitializer ? null : Initializer.Parse(initializer));
        return ModelFile.Write(plain) == ModelFile.Write(model);
    }

    /// <summary>Keep probability of the hidden layers of units: the first that is not 1, or 1; null where there are none.</summary>
    public static double? KeepProbOf(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        double[] each = [.. model.Layers.SkipLast(1).Select(layer => layer switch
        {
            DenseSpec dense => dense.KeepProb,
            NormalizationSpec norm when norm.InputShape.IsFlat => norm.KeepProb,
            _ => double.NaN,
        }).Where(double.IsFinite)];
        return each.Length == 0 ? null : each.FirstOrDefault(keepProb => keepProb != 1.0, 1.0);
    }

    private static string InitializerOf(ModelSpec model)
    {
        Initializer[] ofWeights = [.. model.Layers.SelectMany(layer => layer.Parameters).Where(parameter => parameter.IsWeights)
            .Select(parameter => parameter.Spec.Initializer).Distinct()];
        return ofWeights is [{ } one] ? one.ToString() : AutomaticInitializer;
    }
}
