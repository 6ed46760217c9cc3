using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Training;

/// <summary>Makes the run spec out of the options, for a new run or for one that is resumed.</summary>
internal static class RunPlan
{
    /// <summary>The spec of a new run.</summary>
    /// <exception cref="UserErrorException">The options do not fit the data or each other; all mistakes are reported.</exception>
    public static RunSpec New(Settings settings, Dataset data)
    {
        var problems = new Problems();
        ModelSpec? model = ModelPlan.Build(settings, problems);
        if (model is not null)
            CheckModel(model, data, $"--model {settings.Text(OptionTable.Model)}", problems);
        long examples = settings.Text(OptionTable.TrainExamples) is null ? data.TrainingExamples : settings.Get(OptionTable.TrainExamples);
        if (examples > data.TrainingExamples)
            problems.Add($"--train-examples {examples} is more than the {data.TrainingExamples:N0} training images of {data.Name}; expected 1 to {data.TrainingExamples:N0}.");
        long batchSize = settings.Get(OptionTable.BatchSize);
        if (batchSize > examples)
            problems.Add($"--batch-size {batchSize} is more than the {examples:N0} training images of {data.Name}; expected 1 to {examples:N0}.");
        OptimizerSpec optimizer = OptimizerPlan.Build(settings, problems);
        problems.ThrowIfAny();
        var spec = new RunSpec
        {
            Model = model!,
            Seed = settings.Get(OptionTable.Seed),
            BatchSize = (int)batchSize,
            Shards = (int)settings.Get(OptionTable.Shards),
            TotalSteps = 1,
            Optimizer = optimizer,
            Data = new DataSpec
            {
                Name = data.Name,
                Sha256 = data.Sha256,
                TrainingExamples = (int)examples,
                ValidationExamples = data.ValidationExamples,
            },
        };
        spec = spec with { TotalSteps = TotalSteps(settings, spec) };
        foreach (string problem in spec.Validate())
            problems.Add(problem);
        problems.ThrowIfAny();
        return spec;
    }

    /// <summary>The spec of a run that is resumed: that of its checkpoint, longer if asked for.</summary>
    /// <exception cref="UserErrorException">Options contradict the checkpoint; all contradictions are reported.</exception>
    public static RunSpec Resumed(Settings settings, RunSpec spec)
    {
        var problems = new Problems();
        foreach ((OptionDescriptor option, Func<RunSpec, string?> text) in SpecOptions.All)
        {
            if (option == OptionTable.Model && settings.GivenNow(option) is { } model && Kinds.IsModelFile(model.Text))
                continue;
            if (settings.GivenNow(option) is { } given && text(spec) is { } saved && !option.ParseText(given.Text).Equals(option.ParseText(saved)))
            {
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has {option.Name} {saved}. "
                    + "Leave it out to continue that run, or start a new one without --resume.");
            }
        }

        ModelPlan.CheckResumed(settings, spec.Model, problems);
        if (settings.GivenNow(OptionTable.InitFrom) is { } initFrom && spec.RestoredSha256 is null)
            problems.Add($"{initFrom.Given} contradicts the checkpoint, whose run did not begin with restored parameters. Leave it out to continue that run, or start a new one without --resume.");
        RunSpec resumed = Lengthen(settings, spec, problems);
        problems.ThrowIfAny();
        return resumed;
    }

    /// <summary>Reports a model that cannot read the images or name their classes.</summary>
    public static void CheckModel(ModelSpec model, Dataset data, string given, Problems problems)
    {
        if (model.Inputs != data.Training.Pixels)
        {
            problems.Add($"{given} takes {model.Inputs:N0} values, but an image of {data.Name} has {data.Training.Height} x {data.Training.Width} = "
                + $"{data.Training.Pixels:N0} pixels; the first width must be {data.Training.Pixels}.");
        }

        int classes = Math.Max(data.Training.Classes, data.Test.Classes);
        if (model.Classes < classes)
            problems.Add($"{given} tells {model.Classes} classes apart, but {data.Name} has {classes}; the last width must be at least {classes}.");
    }

    private static long TotalSteps(Settings settings, RunSpec spec) => settings.Text(OptionTable.Steps) is null
        ? settings.Get(OptionTable.Epochs) * spec.StepsPerEpoch
        : settings.Get(OptionTable.Steps);

    private static RunSpec Lengthen(Settings settings, RunSpec spec, Problems problems)
    {
        Setting? given = settings.GivenNow(OptionTable.Steps) ?? settings.GivenNow(OptionTable.Epochs);
        if (given is null || TotalSteps(settings, spec) == spec.TotalSteps)
            return spec;
        long steps = TotalSteps(settings, spec);
        string length = $"{Format.Plural(spec.TotalSteps, "step")} ({Format.Epochs((double)spec.TotalSteps / spec.StepsPerEpoch)})";
        if (steps < spec.TotalSteps)
            problems.Add($"{given.Given} is shorter than the run, which has {length}; a run that is resumed can only be made longer.");
        else if (spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine)
            problems.Add($"{given.Given} is longer than the run, which has {length}; its cosine schedule spreads over the whole length, so the steps done would have been other ones. "
                + "Start a new run of that length.");
        return spec with { TotalSteps = steps };
    }
}
