using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep;

/// <summary>Makes the run spec out of what the caller gave, and finds everything that is wrong with it.</summary>
internal static class RunPlan
{
    /// <summary>The spec of a new run.</summary>
    /// <exception cref="ArgumentException">The message has every mistake.</exception>
    public static RunSpec Make(ModelSpec model, Dataset data, TrainerOptions options)
    {
        int examples = options.TrainingExamples ?? data.TrainingExamples;
        var spec = new RunSpec
        {
            Model = model,
            Seed = options.Seed,
            BatchSize = options.BatchSize,
            Shards = options.Shards,
            TotalSteps = options.Steps ?? 1,
            Optimizer = options.Optimizer ?? new SgdSpec
            {
                LearningRate = options.LearningRate,
                Schedule = options.Schedule,
                Momentum = options.Momentum,
                L2 = options.L2,
            },
            Data = new DataSpec
            {
                Name = data.Name,
                Sha256 = data.Sha256,
                TrainingExamples = examples,
                ValidationExamples = data.ValidationExamples,
            },
        };
        List<string> problems = [.. spec.Validate()];
        if (model.Layers.Count > 0)
            CheckImages(model, data, problems);
        if (examples > data.TrainingExamples)
            problems.Add($"{nameof(TrainerOptions.TrainingExamples)} is {examples}; {data.Name} has {data.TrainingExamples} training images.");
        if (options.BatchSize > examples)
            problems.Add($"{nameof(TrainerOptions.BatchSize)} is {options.BatchSize}; expected at most the {examples} training images.");
        if (options.Steps is null && options.Epochs < 1)
            problems.Add($"{nameof(TrainerOptions.Epochs)} is {options.Epochs}; expected at least 1.");
        CheckKeep(options.KeepCheckpoints, problems);
        if (problems.Count == 0 && options.Steps is null)
        {
            spec = spec with { TotalSteps = (long)options.Epochs * spec.StepsPerEpoch };
            problems.AddRange(spec.Validate());
        }

        ThrowIfAny(problems);
        return spec;
    }

    /// <summary>The spec of a run that goes on.</summary>
    /// <exception cref="ArgumentException">The message has every mistake.</exception>
    public static RunSpec Resume(RunSpec spec, Dataset data, long? totalSteps, int keepCheckpoints)
    {
        var problems = new List<string>();
        if (spec.Data.Sha256 != data.Sha256)
            problems.Add($"The run was trained on {spec.Data.Name} with digest {spec.Data.Sha256}; this is {data.Name} with digest {data.Sha256}. Give the same data set.");
        if (totalSteps < spec.TotalSteps)
            problems.Add($"{totalSteps} steps are fewer than the {spec.TotalSteps} of the run; a run that is resumed can only be made longer.");
        if (totalSteps > spec.TotalSteps && spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine)
            problems.Add($"{totalSteps} steps are more than the {spec.TotalSteps} of the run; its cosine schedule spreads over the whole length. Start a new run of that length.");
        CheckKeep(keepCheckpoints, problems);
        spec = spec with { TotalSteps = totalSteps ?? spec.TotalSteps };
        problems.AddRange(spec.Validate());
        ThrowIfAny(problems);
        return spec;
    }

    private static void CheckImages(ModelSpec model, Dataset data, List<string> problems)
    {
        if (model.Inputs != data.Training.Pixels)
            problems.Add($"The model {model} takes {model.Inputs} values; an image of {data.Name} has {data.Training.Height} x {data.Training.Width} = {data.Training.Pixels} pixels.");
        int classes = Math.Max(data.Training.Classes, data.Test.Classes);
        if (model.Classes < classes)
            problems.Add($"The model {model} tells {model.Classes} classes apart; {data.Name} has {classes}.");
    }

    private static void CheckKeep(int keep, List<string> problems)
    {
        if (keep < 1)
            problems.Add($"{keep} checkpoints to keep; expected at least 1.");
    }

    private static void ThrowIfAny(List<string> problems)
    {
        if (problems.Count > 0)
            throw new ArgumentException(string.Join(" ", problems));
    }
}
