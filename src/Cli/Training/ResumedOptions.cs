using Lockstep.Cli.Options;
using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>What options may still say of a run that is resumed: its length, and nothing else that its weights depend on.</summary>
internal static class ResumedOptions
{
    private static readonly ICliOption[] NotOfEveryRun =
    [
        OptimizerOptions.Nesterov, OptimizerOptions.ClipNorm, TrainingOptions.LabelSmoothing, TrainingOptions.ClassWeights,
        TrainingOptions.Augment,
    ];

    private const string Advice = "Leave it out to continue that run, or start a new one without --resume.";

    /// <summary>The length that the options give the run; null for that of the checkpoint.</summary>
    /// <exception cref="RequestException">Options contradict the checkpoint; all contradictions are reported.</exception>
    public static long? LengthOf(Settings settings, RunSpec spec)
    {
        var problems = new Problems();
        IReadOnlyList<(string Key, object Value)> specified = SpecSettings.Of(spec);
        foreach ((string key, object value) in specified)
        {
            ICliOption option = SpecOptions.Find(key);
            if (option == ModelOptions.Model)
                continue; // A file, or a text that takes sizes from the data: see ModelPlan.
            if (option == DataOptions.Dataset && spec.Data.Preparation is not null
                && settings.GivenNow(option) is { } place && Kinds.IsPath(place.Text))
                continue; // Where the files are now.
            if (option == TrainingOptions.Patience)
                continue; // Its metric may be left out: see StopPlan.
            if (settings.GivenNow(option)?.Value is ClassWeights weights && weights.Equals(ClassWeights.Balanced))
                continue; // What they were then is in the checkpoint.
            string saved = SpecSettings.TextOf(value);
            if (settings.GivenNow(option) is { } given && !given.Value!.Equals(option.Read([saved])))
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has {option.Name} {saved}. {Advice}");
        }

        foreach (ICliOption option in NotOfEveryRun.Where(option => specified.All(setting => setting.Key != option.Key)))
        {
            if (settings.GivenNow(option) is { } given && (option.Default is null || !given.Value!.Equals(option.Read([option.Default]))))
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has no {option.Name}. {Advice}");
        }

        foreach (ICliOption option in DataOptions.Preparing)
        {
            // A file may be somewhere else now.
            if (settings.GivenNow(option) is { } given && given.Value is not HeldOut { Path: not null })
                problems.Add($"{given.Given} has no meaning for a run that is resumed: its checkpoint says how the data are prepared. "
                    + $"{Advice}");
        }

        StopPlan.CheckResumed(settings, spec, Advice, problems);
        ModelPlan.CheckResumed(settings, spec.Model, Advice, problems);
        if (settings.GivenNow(RestoreOptions.InitFrom) is { } initFrom && spec.RestoredSha256 is null)
            problems.Add($"{initFrom.Given} contradicts the checkpoint, whose run did not begin with restored parameters. {Advice}");
        Setting? length = settings.GivenNow(TrainingOptions.Steps) ?? settings.GivenNow(TrainingOptions.Epochs);
        long? steps = length is null ? null
            : settings.FindValue(TrainingOptions.Steps) ?? settings.Get(TrainingOptions.Epochs) * spec.StepsPerEpoch;
        _ = RunPlan.Lengthen(spec, steps, length?.Given ?? "", problems);
        problems.ThrowIfAny();
        return steps;
    }
}
