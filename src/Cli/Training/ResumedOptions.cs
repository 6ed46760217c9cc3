using Lockstep.Cli.Configuration;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>What options may still say of a run that is resumed: its length, and nothing else that its weights depend on.</summary>
internal static class ResumedOptions
{
    private const string Advice = "Leave it out to continue that run, or start a new one without --resume.";

    /// <summary>The length that the options give the run; null for that of the checkpoint.</summary>
    /// <exception cref="RequestException">Options contradict the checkpoint; all contradictions are reported.</exception>
    public static long? LengthOf(Settings settings, RunSpec spec)
    {
        var problems = new Problems();
        foreach ((string key, object value) in SpecSettings.Of(spec))
        {
            OptionDescriptor option = OptionTable.Find(key)!;
            if (option == OptionTable.Model && settings.GivenNow(option) is { } model && Kinds.IsModelFile(model.Text))
                continue;
            string saved = SpecSettings.TextOf(value);
            if (settings.GivenNow(option) is { } given && !option.ParseText(given.Text).Equals(option.ParseText(saved)))
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has {option.Name} {saved}. {Advice}");
        }

        ModelPlan.CheckResumed(settings, spec.Model, problems);
        if (settings.GivenNow(OptionTable.InitFrom) is { } initFrom && spec.RestoredSha256 is null)
            problems.Add($"{initFrom.Given} contradicts the checkpoint, whose run did not begin with restored parameters. {Advice}");
        Setting? length = settings.GivenNow(OptionTable.Steps) ?? settings.GivenNow(OptionTable.Epochs);
        long? steps = length is null ? null
            : settings.Text(OptionTable.Steps) is null ? settings.Get(OptionTable.Epochs) * spec.StepsPerEpoch : settings.Get(OptionTable.Steps);
        _ = RunPlan.Lengthen(spec, steps, length?.Given ?? "", problems);
        problems.ThrowIfAny();
        return steps;
    }
}
