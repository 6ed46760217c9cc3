using System.Numerics;

namespace Lockstep.Model.Specs;

public sealed partial record RunSpec
{
    /// <summary>Largest number of steps: the step is one 32-bit word of the random generator's counter.</summary>
    public const long MaxSteps = 1L << 32;

    /// <summary>All that is wrong with the spec, a sentence each with what was got and what is legal; nothing if it can be trained.</summary>
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
        if (Optimizer is SgdSpec sgd)
            In(Ranges.Momentum, "Momentum", sgd.Momentum);
        if (Optimizer is AdamWSpec adamW)
        {
            In(Ranges.Momentum, "Beta1", adamW.Beta1);
            In(Ranges.Momentum, "Beta2", adamW.Beta2);
            In(Ranges.Epsilon, "Epsilon", adamW.Epsilon);
            In(Ranges.Penalty, "Weight decay", adamW.WeightDecay);
        }

        LearningRateSchedule schedule = Optimizer.Schedule;
        Require(Enum.IsDefined(schedule.Kind), $"Schedule {schedule.Kind}; expected constant, step or cosine.");
        In(Ranges.EveryEpochs, "Epochs between drops of the rate", schedule.EveryEpochs);
        In(Ranges.DropFactor, "Factor of a drop of the rate", schedule.Factor);
        In(Ranges.FinalShare, "Final share of the rate", schedule.FinalShare);
        In(Ranges.WarmupSteps, "Warm-up steps", schedule.WarmupSteps);

        ValidateModel(Require);
        return problems;
    }

    /// <summary>Throws if <see cref="Validate"/> finds anything.</summary>
    /// <exception cref="ArgumentException">The message holds every problem.</exception>
    public void ThrowIfInvalid()
    {
        IReadOnlyList<string> problems = Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems));
    }

    private void ValidateModel(Action<bool, string> require)
    {
        IReadOnlyList<LayerSpec> layers = Model.Layers;
        require(Ranges.Layers.Contains(layers.Count), $"The model has {layers.Count} layers; expected {Ranges.Layers.Words}.");
        long parameters = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            LayerSpec layer = layers[i];
            bool last = i == layers.Count - 1;
            require(Ranges.Width.Contains(layer.Inputs), $"{layer.Name} has {layer.Inputs} inputs; expected {Ranges.Width.Words}.");
            NumberRange<int> units = last ? Ranges.Classes : Ranges.Width;
            require(units.Contains(layer.Units), $"{layer.Name} has {layer.Units} units; expected {units.Words}.");
            require(i == 0 || layer.Inputs == layers[i - 1].Units, $"{layer.Name} has {layer.Inputs} inputs; expected the {layers[Math.Max(0, i - 1)].Units} units of the layer before.");
            require(
                last ? layer.Activation == Activation.Linear : Enum.IsDefined(layer.Activation),
                $"{layer.Name} has the activation {layer.Activation}; expected {(last ? "Linear, as it is the last layer" : string.Join(", ", Enum.GetNames<Activation>()))}.");
            require(
                last ? layer.KeepProb == 1.0 : Ranges.KeepProb.Contains(layer.KeepProb),
                last ? $"{layer.Name} has keep probability {layer.KeepProb}; the last layer has no dropout, expected 1."
                    : $"{layer.Name} has keep probability {layer.KeepProb}; expected {Ranges.KeepProb.Words}.");
            parameters += (layer.Inputs + 1L) * layer.Units;
        }

        require(Ranges.KeepProb.Contains(Model.InputKeepProb), $"The input has keep probability {Model.InputKeepProb}; expected {Ranges.KeepProb.Words}.");
        require(layers.Select(layer => layer.Name).Distinct(StringComparer.Ordinal).Count() == layers.Count, "Two layers have one name; expected names that differ.");
        require(Model.Parameters.Any(parameter => parameter.IsTrainable), "Every parameter is frozen; expected one to train.");
        foreach (ParameterSpec parameter in Model.Parameters)
        {
            require(ParameterSpec.NameProblem(parameter.Name) is null, $"The parameter name '{parameter.Name}' {ParameterSpec.NameProblem(parameter.Name)}.");
            require(parameter.Initializer.Problem is null, $"The initialiser of {parameter.Name}: {parameter.Initializer.Problem}.");
            require(
                parameter.L2 is null || Ranges.Penalty.Contains(parameter.L2.Value),
                $"{parameter.Name} has L2 {parameter.L2}; expected {Ranges.Penalty.Words}.");
            require(
                parameter.LearningRate is null || Ranges.LearningRate.Contains(parameter.LearningRate.Value),
                $"{parameter.Name} has the learning rate {parameter.LearningRate}; expected {Ranges.LearningRate.Words}.");
        }

        foreach (IGrouping<string, ParameterSpec> same in Model.Parameters.GroupBy(parameter => parameter.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            require(false, $"{same.Count()} parameters have the name '{same.Key}'; expected names that differ.");
        require(parameters <= ModelSpec.MaxParameters, $"The model has {parameters} parameters; expected at most {ModelSpec.MaxParameters}.");
    }
}
