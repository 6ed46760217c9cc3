using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Training;

/// <summary>
/// Makes the run spec from the options, and finds every mistake in them. Messages about an option begin with its name in
/// <see cref="TrainerOptions"/>.
/// </summary>
internal static class RunPlan
{
    /// <summary>The spec of a new run.</summary>
    /// <exception cref="RequestException">The messages have every mistake.</exception>
    public static RunSpec Make(ModelSpec model, Dataset data, TrainerOptions options)
    {
        int examples = options.TrainingExamples ?? data.TrainingExamples;
        var spec = new RunSpec
        {
            Model = model,
            Seed = options.Seed,
            BatchSize = options.BatchSize,
            Shards = options.Shards,
            Loss = data.Training.Outputs > 0 ? LossKind.TargetSquaredError : options.Loss,
            LabelSmoothing = data.Training.Outputs > 0 ? 0 : options.LabelSmoothing,
            ClassWeights = model.Layers.Count == 0 || data.Training.Outputs > 0
                ? []
                : options.ClassWeights?.Resolve(data.Training, examples, model.Classes) ?? [],
            Augmentation = options.Augmentation,
            TotalSteps = options.Steps ?? 1,
            Optimizer = options.Optimizer ?? new SgdSpec
            {
                LearningRate = options.LearningRate,
                Schedule = options.Schedule,
                Momentum = options.Momentum,
                IsNesterov = options.IsNesterov,
                L2 = options.L2,
                ClipNorm = options.ClipNorm,
            },
            Data = data.ToSpec(options.TrainingExamples),
        };
        var problems = new Problems();
        if (model.Layers.Count > 0)
            CheckModel(model, data, $"The model {model}", problems);
        // Of outputs that do not fit is told once.
        IReadOnlyList<string> told = problems.Messages.Count > 0 ? spec.ValidateOutputs() : [];
        if (data.Training.Outputs > 0)
            RefuseOfClasses(options, data, problems);
        if (examples > data.TrainingExamples)
            problems.Add($"{nameof(options.TrainingExamples)} {examples} is more than the {data.TrainingExamples:N0} training "
                + $"{data.Training.KindName} of {data.Name}; expected 1 to {data.TrainingExamples:N0}.");
        if (options.BatchSize > examples)
            problems.Add($"{nameof(options.BatchSize)} {options.BatchSize} is more than the "
                + $"{examples:N0} training {data.Training.KindName} of {data.Name}; expected 1 to {examples:N0}.");
        if (data.Preparation is null && options.Augmentation?.ProblemWith(data.Training.Shape) is { } wrong)
            problems.Add(wrong);
        if (options.Steps is null && options.Epochs < 1)
            problems.Add($"{nameof(options.Epochs)} {options.Epochs} is too few; expected at least 1.");
        foreach (string problem in spec.Validate().Except(told))
            problems.Add(problem);
        if (problems.Messages.Count == 0)
        {
            spec = spec with
            {
                TotalSteps = options.Steps ?? (long)options.Epochs * spec.StepsPerEpoch,
                Stop = options.Stop?.ToSpec(spec.StepsPerEpoch, spec.IsRegression),
            };
            AddAll(problems, spec);
        }

        problems.ThrowIfAny();
        return spec;
    }

    /// <summary>The spec of a run that is resumed.</summary>
    /// <exception cref="RequestException">The messages have every mistake.</exception>
    public static RunSpec Resume(RunSpec spec, Dataset data, long? totalSteps)
    {
        var problems = new Problems();
        if (spec.Data.Sha256 != data.Sha256)
            problems.Add($"The run was trained on {spec.Data.Name} with digest {spec.Data.Sha256}; "
                + $"this is {data.Name} with digest {data.Sha256}. Give the same data set.");
        spec = Lengthen(spec, totalSteps, $"{totalSteps} steps", problems);
        AddAll(problems, spec);
        problems.ThrowIfAny();
        return spec;
    }

    /// <summary>The spec of a run with another length.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="totalSteps">The new length; null keeps the old one.</param>
    /// <param name="given">How the length was given, for messages.</param>
    /// <param name="problems">Receives the reason if it cannot have that length.</param>
    public static RunSpec Lengthen(RunSpec spec, long? totalSteps, string given, Problems problems)
    {
        if (totalSteps is not { } steps || steps == spec.TotalSteps)
            return spec;
        string length = $"{Format.Plural(spec.TotalSteps, "step")} ({Format.Epochs((double)spec.TotalSteps / spec.StepsPerEpoch)})";
        if (steps < spec.TotalSteps)
            problems.Add($"{given} is shorter than the run, which has {length}; a run that is resumed can only be made longer.");
        else if (spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine)
            problems.Add($"{given} is longer than the run, which has {length}; "
                + "its cosine schedule spreads over the whole length, so the completed steps would have had other rates. "
                + "Start a new run of that length.");
        return spec with { TotalSteps = steps };
    }

    /// <summary>Finds every mistake in how a training is run.</summary>
    /// <param name="options">How it is run.</param>
    /// <param name="spec">What is trained.</param>
    /// <exception cref="RequestException">The messages have every mistake.</exception>
    public static void Check(RunOptions options, RunSpec spec)
    {
        var problems = new Problems();
        if (options.KeepBest is { } metric && StopSpec.ProblemOf(metric, spec.IsRegression) is { } problem)
            problems.Add($"{nameof(options.KeepBest)} {StopSpec.NameOf(metric)}: {problem}");
        if (options.KeepCheckpoints < 1)
            problems.Add($"{nameof(options.KeepCheckpoints)} {options.KeepCheckpoints} is too few; expected at least 1.");
        if (options.Lanes < 0)
            problems.Add($"{nameof(options.Lanes)} {options.Lanes} is too few; expected 0 or more.");
        if (options.TensorBoard is not null && options.RunFolder is null)
            problems.Add($"{nameof(options.TensorBoard)} writes files in the run folder, and there is none. "
                + $"Give {nameof(options.RunFolder)}, or leave it out.");
        problems.ThrowIfAny();
    }

    /// <summary>Reports a model that cannot read the images or name their classes.</summary>
    public static void CheckModel(ModelSpec model, Dataset data, string given, Problems problems)
    {
        if (!model.Takes(data.Training.Shape))
        {
            problems.Add($"{given} takes {model.Inputs:N0} values, but an example of {data.Name} has {data.Training.SizeText}; "
                + (model.InputShape.IsFlat
                    ? $"the first width must be {data.Training.Shape.Count}."
                    : $"the model must begin with {string.Join('x', data.Training.Shape.Dimensions)}, or with 'in', which is that of the "
                        + "data."));
        }

        if (data.Training.Outputs is var targets and > 0)
        {
            if (model.Classes != targets)
                problems.Add($"{given} has {model.Classes} outputs, but {data.Name} has {Format.Plural(targets, "target")}; "
                    + $"the last width must be {targets}.");
            return;
        }

        int classes = data.Classes;
        if (model.Classes < classes)
            problems.Add($"{given} tells {model.Classes} classes apart, but {data.Name} has {classes}; "
                + $"the last width must be at least {classes}.");
    }

    private static void RefuseOfClasses(TrainerOptions options, Dataset data, Problems problems)
    {
        foreach ((string option, bool isGiven) in new[]
            {
                (nameof(options.LabelSmoothing), options.LabelSmoothing != 0.0),
                (nameof(options.ClassWeights), options.ClassWeights is not null),
            })
        {
            if (isGiven)
                problems.Add($"{option} is for classes, but {data.Name} has targets. Leave it out.");
        }
    }

    private static void AddAll(Problems problems, RunSpec spec)
    {
        foreach (string problem in spec.Validate())
            problems.Add(problem);
    }
}
