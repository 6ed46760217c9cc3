using Lockstep.Cli.Options;
using Lockstep.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
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
    /// <param name="settings">The options.</param>
    /// <param name="spec">The run's spec.</param>
    /// <param name="folder">The run folder, which says how files of one's own were prepared; null for none.</param>
    /// <exception cref="RequestException">Options contradict the checkpoint; all contradictions are reported.</exception>
    public static long? LengthOf(Settings settings, RunSpec spec, string? folder = null)
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

        CheckPreparing(settings, folder, problems);
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

    private static void CheckPreparing(Settings settings, string? folder, Problems problems)
    {
        // A file may be somewhere else now.
        Setting[] given = [.. DataOptions.Preparing.Select(settings.GivenNow).OfType<Setting>()
            .Where(setting => setting.Value is not HeldOut { Path: not null })];
        if (given.Length == 0)
            return;
        IReadOnlyList<Setting>? saved = folder is not null && File.Exists(RunFolder.ConfigFileOf(folder))
            ? settings.SavedIn(RunFolder.ConfigFileOf(folder), problems)
            : null;
        foreach (Setting setting in given)
        {
            ICliOption option = setting.Option;
            if (saved is null)
            {
                problems.Add($"{setting.Given} has no meaning here: the checkpoint says how the data are prepared. {Advice}");
                continue;
            }

            string? text = saved.FirstOrDefault(own => own.Option == option)?.Text ?? option.Default;
            if (text is null || !setting.Value!.Equals(option.Read([text])))
                problems.Add($"{setting.Given} contradicts the run, which has {(text is null ? "no " : "")}{option.Name}"
                    + $"{(text is null ? "" : $" {ShellWord.Of(text)}")}. {Advice}");
        }
    }
}
