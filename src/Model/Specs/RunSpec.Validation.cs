using System.Numerics;

namespace Lockstep.Model.Specs;

public sealed partial record RunSpec
{
    /// <summary>Maximum number of steps: the step is one 32-bit word of the random generator's counter.</summary>
    public const long MaxSteps = 1L << 32;

    /// <summary>Problems of the spec, one sentence each with the value and the legal range; empty if it can be trained.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        void Require(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }

        void In<T>(NumberRange<T> range, string what, T value)
            where T : struct, INumber<T>
        {
            if (range.Problem(what, value) is { } problem)
                problems.Add(problem);
        }

        In(Ranges.BatchSize, "Batch size", BatchSize);
        In(Ranges.Shards, "Shards", Shards);
        In(Ranges.TotalSteps, "Steps", TotalSteps);
        In(Ranges.TrainingExamples, "Training examples", Data.TrainingExamples);
        In(Ranges.ValidationExamples, "Validation examples", Data.ValidationExamples);

        In(Ranges.LearningRate, "Learning rate", Optimizer.LearningRate);
        In(Ranges.Penalty, "L2", Optimizer.L2);
        if (Optimizer.ClipNorm is { } clipNorm)
            In(Ranges.ClipNorm, "Norm to clip gradients at", clipNorm);
        if (Optimizer is SgdSpec sgd)
        {
            In(Ranges.Momentum, "Momentum", sgd.Momentum);
            Require(!sgd.IsNesterov || sgd.Momentum != 0.0, "Nesterov momentum with momentum 0; expected a momentum above 0.");
        }

        if (Optimizer is AdamWSpec adamW)
        {
            In(Ranges.Momentum, "Beta1", adamW.Beta1);
            In(Ranges.Momentum, "Beta2", adamW.Beta2);
            In(Ranges.Epsilon, "Epsilon", adamW.Epsilon);
            In(Ranges.Penalty, "Weight decay", adamW.WeightDecay);
        }

        foreach (BatchNormSpec layer in Model.Layers.OfType<BatchNormSpec>().Where(layer => layer.InputShape.Count == layer.InputChannels))
            Require(
                BatchSize >= 2 * Shards,
                $"{layer.Name} normalises over the examples of a shard, and a batch of {BatchSize} in {Shards} shards has shards of fewer "
                    + "than 2; expected a larger batch or fewer shards.");

        LearningRateSchedule schedule = Optimizer.Schedule;
        Require(Enum.IsDefined(schedule.Kind), $"Schedule {schedule.Kind}; expected constant, step or cosine.");
        In(Ranges.EveryEpochs, "Epochs between drops of the rate", schedule.EveryEpochs);
        In(Ranges.DropFactor, "Factor of a drop of the rate", schedule.Factor);
        In(Ranges.FinalShare, "Final share of the rate", schedule.FinalShare);
        In(Ranges.WarmupSteps, "Warm-up steps", schedule.WarmupSteps);

        Require(Enum.IsDefined(Loss), $"The loss {Loss}; expected {string.Join(", ", Enum.GetNames<LossKind>())}.");
        In(Ranges.LabelSmoothing, "Label smoothing", LabelSmoothing);
        foreach (double weight in ClassWeights)
            In(Ranges.ClassWeight, "A class weight", weight);
        if (ClassWeights.Count > 0 && Model.Layers.Count > 0)
        {
            Require(
                ClassWeights.Count == Model.Classes,
                $"{ClassWeights.Count} class weights for the {Model.Classes} outputs of the model; expected one for each.");
        }

        Require(
            ClassWeights.Count == 0 || ClassWeights.Any(weight => weight != 0.0), "Class weights that are all 0; expected one above 0.");
        Require(
            Loss == LossKind.SoftmaxCrossEntropy || (LabelSmoothing == 0.0 && ClassWeights.Count == 0),
            $"Label smoothing or class weights with the loss {Loss}; expected {LossKind.SoftmaxCrossEntropy}.");
        if (Augmentation is { } augmentation)
        {
            problems.AddRange(augmentation.Validate());
            if (Data.Preparation is { } preparation && augmentation.ProblemWith(preparation.Inputs.Shape) is { } problem)
                problems.Add(problem);
        }

        problems.AddRange(ValidateOutputs());
        if (Stop is { } stop)
            problems.AddRange(ProblemsOf(stop));
        problems.AddRange(Model.Validate());
        return problems;
    }

    /// <summary>Problems of the loss and the outputs of the model with what the data hold: classes or targets.</summary>
    public IReadOnlyList<string> ValidateOutputs()
    {
        var problems = new List<string>();
        int targets = Data.Preparation?.Targets.Count ?? 0;
        if (!IsRegression && targets > 0)
            problems.Add($"The loss {Loss} for data with targets; expected {LossKind.TargetSquaredError}.");
        if (IsRegression && Data.Preparation is not null && targets == 0)
            problems.Add($"The loss {LossKind.TargetSquaredError} for data with classes; expected data with targets.");
        if (Model.Layers.Count == 0)
            return problems;
        if (!IsRegression && Model.Classes == 1)
            problems.Add($"A model of 1 output; expected one for each class, {Ranges.Classes.Words}.");
        if (targets > 0 && targets != Model.Classes)
            problems.Add($"A model of {Model.Classes} outputs for {targets} targets; expected one for each.");
        return problems;
    }

    private IEnumerable<string> ProblemsOf(StopSpec stop)
    {
        if (StopSpec.ProblemOf(stop.Metric, IsRegression) is { } wrongMetric)
            yield return wrongMetric;
        if (stop.Target is null && stop.Patience is null)
            yield return "The rule that ends the run early has neither a target nor a patience.";
        if (stop.Target is { } target && StopSpec.RangeOf(stop.Metric).Problem($"Target of the {StopSpec.NameOf(stop.Metric)}", target)
            is { } wrongTarget)
            yield return wrongTarget;
        if (stop.Patience is { } patience && Ranges.Patience.Problem("Patience", patience) is { } wrongPatience)
            yield return wrongPatience;
        if (Ranges.TotalSteps.Problem("Steps between evaluations", stop.EverySteps) is { } wrongSteps)
            yield return $"{wrongSteps} The rule that ends the run early is decided by them.";
        if (Data.ValidationExamples == 0)
            yield return "The rule that ends the run early needs validation examples, and the data have none.";
    }

    /// <summary>Throws if <see cref="Validate"/> finds a problem.</summary>
    /// <exception cref="ArgumentException">The message lists all problems.</exception>
    public void ThrowIfInvalid()
    {
        IReadOnlyList<string> problems = Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems));
    }
}
