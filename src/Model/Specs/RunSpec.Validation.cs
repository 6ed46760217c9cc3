namespace Lockstep.Model.Specs;

public sealed partial record RunSpec
{
    /// <summary>Largest number of steps: the step is one 32-bit word of the random generator's counter.</summary>
    public const long MaxSteps = 1L << 32;

    /// <summary>Largest number of examples in a batch.</summary>
    public const int MaxBatchSize = 1 << 20;

    /// <summary>Smallest keep probability: dropout compares draws of 16 bits.</summary>
    public const double MinKeepProb = 1.0 / 65536;

    /// <summary>All that is wrong with the spec, a sentence each with what was got and what is legal; nothing if it can be trained.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        void Require(bool holds, string problem)
        {
            if (!holds)
                problems.Add(problem);
        }

        Require(BatchSize is >= 1 and <= MaxBatchSize, $"Batch size {BatchSize}; expected 1 to {MaxBatchSize}.");
        Require(Shards is >= 1 and <= MaxShards, $"{Shards} shards; expected 1 to {MaxShards}.");
        Require(TotalSteps is >= 1 and <= MaxSteps, $"{TotalSteps} steps; expected 1 to {MaxSteps}.");
        Require(Data.TrainingExamples >= 1, $"{Data.TrainingExamples} training examples; expected at least 1.");
        Require(Data.ValidationExamples >= 0, $"{Data.ValidationExamples} validation examples; expected 0 or more.");

        Require(IsPositive(Optimizer.LearningRate), $"Learning rate {Optimizer.LearningRate}; expected a number greater than 0.");
        if (Optimizer is SgdSpec sgd)
            Require(sgd.Momentum is >= 0.0 and < 1.0, $"Momentum {sgd.Momentum}; expected at least 0, less than 1.");
        if (Optimizer is AdamWSpec adamW)
        {
            Require(adamW.Beta1 is >= 0.0 and < 1.0, $"Beta1 {adamW.Beta1}; expected at least 0, less than 1.");
            Require(adamW.Beta2 is >= 0.0 and < 1.0, $"Beta2 {adamW.Beta2}; expected at least 0, less than 1.");
            Require(IsPositive(adamW.Epsilon) && (float)adamW.Epsilon > 0f, $"Epsilon {adamW.Epsilon}; expected a number greater than 0.");
            Require(adamW.WeightDecay >= 0.0 && float.IsFinite((float)adamW.WeightDecay), $"Weight decay {adamW.WeightDecay}; expected a number, 0 or greater.");
        }

        Require(Optimizer.L2 >= 0.0 && float.IsFinite((float)Optimizer.L2), $"L2 {Optimizer.L2}; expected a number, 0 or greater.");
        LearningRateSchedule schedule = Optimizer.Schedule;
        Require(Enum.IsDefined(schedule.Kind), $"Schedule {schedule.Kind}; expected constant, step or cosine.");
        Require(schedule.EveryEpochs >= 1, $"Rate drops every {schedule.EveryEpochs} epochs; expected at least 1.");
        Require(schedule.Factor is > 0.0 and <= 1.0, $"Rate drops by the factor {schedule.Factor}; expected greater than 0, at most 1.");
        Require(schedule.FinalShare is >= 0.0 and <= 1.0, $"Final share of the rate {schedule.FinalShare}; expected 0 to 1.");
        Require(schedule.WarmupSteps >= 0, $"{schedule.WarmupSteps} warm-up steps; expected 0 or more.");

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
        require(layers.Count is >= 1 and <= ModelSpec.MaxLayers, $"The model has {layers.Count} layers; expected 1 to {ModelSpec.MaxLayers}.");
        long parameters = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            LayerSpec layer = layers[i];
            bool last = i == layers.Count - 1;
            require(layer.Inputs is >= 1 and <= ModelSpec.MaxWidth, $"{layer.Name} has {layer.Inputs} inputs; expected 1 to {ModelSpec.MaxWidth}.");
            int maxUnits = last ? 256 : ModelSpec.MaxWidth;
            require(layer.Units >= (last ? 2 : 1) && layer.Units <= maxUnits, $"{layer.Name} has {layer.Units} units; expected {(last ? 2 : 1)} to {maxUnits}.");
            require(i == 0 || layer.Inputs == layers[i - 1].Units, $"{layer.Name} has {layer.Inputs} inputs; expected the {layers[Math.Max(0, i - 1)].Units} units of the layer before.");
            require(
                last ? layer.Activation == Activation.Linear : Enum.IsDefined(layer.Activation),
                $"{layer.Name} has the activation {layer.Activation}; expected {(last ? "Linear, as it is the last layer" : string.Join(", ", Enum.GetNames<Activation>()))}.");
            require(
                last ? layer.KeepProb == 1.0 : layer.KeepProb is >= MinKeepProb and <= 1.0,
                last ? $"{layer.Name} has keep probability {layer.KeepProb}; the last layer has no dropout, expected 1."
                    : $"{layer.Name} has keep probability {layer.KeepProb}; expected greater than 0, at most 1.");
            parameters += (layer.Inputs + 1L) * layer.Units;
        }

        require(Model.InputKeepProb is >= MinKeepProb and <= 1.0, $"The input has keep probability {Model.InputKeepProb}; expected greater than 0, at most 1.");
        require(layers.Select(layer => layer.Name).Distinct(StringComparer.Ordinal).Count() == layers.Count, "Two layers have one name; expected names that differ.");
        require(Model.Parameters.Any(parameter => parameter.IsTrainable), "Every parameter is frozen; expected one to train.");
        foreach (ParameterSpec parameter in Model.Parameters)
        {
            require(ParameterSpec.NameProblem(parameter.Name) is null, $"The parameter name '{parameter.Name}' {ParameterSpec.NameProblem(parameter.Name)}.");
            require(parameter.Initializer.Problem is null, $"The initialiser of {parameter.Name}: {parameter.Initializer.Problem}.");
            require(
                parameter.L2 is null || (parameter.L2 >= 0.0 && float.IsFinite((float)parameter.L2)),
                $"{parameter.Name} has L2 {parameter.L2}; expected a number, 0 or greater.");
            require(
                parameter.LearningRate is null || IsPositive(parameter.LearningRate.Value),
                $"{parameter.Name} has the learning rate {parameter.LearningRate}; expected a number greater than 0.");
        }

        foreach (IGrouping<string, ParameterSpec> same in Model.Parameters.GroupBy(parameter => parameter.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            require(false, $"{same.Count()} parameters have the name '{same.Key}'; expected names that differ.");
        require(parameters <= ModelSpec.MaxParameters, $"The model has {parameters} parameters; expected at most {ModelSpec.MaxParameters}.");
    }

    private static bool IsPositive(double value) => value > 0.0 && float.IsFinite((float)value);
}
