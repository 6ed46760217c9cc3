namespace Lockstep.Model.Specs;

public sealed partial record RunSpec
{
    /// <summary>Largest number of steps: the step is one 32-bit word of the random generator's counter.</summary>
    public const long MaxSteps = 1L << 32;

    /// <summary>Largest number of examples in a batch.</summary>
    public const int MaxBatchSize = 1 << 20;

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
        Require(Optimizer.Momentum is >= 0.0 and < 1.0, $"Momentum {Optimizer.Momentum}; expected at least 0, less than 1.");
        Require(Optimizer.L2 >= 0.0 && float.IsFinite((float)Optimizer.L2), $"L2 {Optimizer.L2}; expected a number, 0 or greater.");
        LearningRateSchedule schedule = Optimizer.Schedule;
        Require(Enum.IsDefined(schedule.Kind), $"Schedule {schedule.Kind}; expected constant, step or cosine.");
        Require(schedule.EveryEpochs >= 1, $"Rate drops every {schedule.EveryEpochs} epochs; expected at least 1.");
        Require(schedule.Factor is > 0.0 and <= 1.0, $"Rate drops by the factor {schedule.Factor}; expected greater than 0, at most 1.");
        Require(schedule.FinalShare is >= 0.0 and <= 1.0, $"Final share of the rate {schedule.FinalShare}; expected 0 to 1.");
        Require(schedule.WarmupSteps >= 0, $"{schedule.WarmupSteps} warm-up steps; expected 0 or more.");

        Require(Enum.IsDefined(Loss), $"The loss {Loss}; expected {string.Join(", ", Enum.GetNames<LossKind>())}.");
        problems.AddRange(Model.Validate());
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

    private static bool IsPositive(double value) => value > 0.0 && float.IsFinite((float)value);
}
