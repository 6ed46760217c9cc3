using Lockstep.Cli.Options;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>When a run ends early, from the options that say so.</summary>
internal static class StopPlan
{
    /// <summary>The rule of the options; null without one.</summary>
    /// <exception cref="RequestException">The options contradict each other.</exception>
    public static EarlyStopping? Build(Settings settings)
    {
        string? target = settings.Find(TrainingOptions.StopWhen), patience = settings.Find(TrainingOptions.Patience);
        if (target is null && patience is null)
            return null;
        var problems = new Problems();
        (ValidationMetric Metric, double Target)? goal = target is null ? null : StopSpec.ParseTarget(target);
        (ValidationMetric? Metric, int Count)? patient = patience is null ? null : StopSpec.ParsePatience(patience);
        if (goal is { } reached && patient?.Metric is { } other && other != reached.Metric)
            problems.Add($"{TrainingOptions.Patience.Name} {patience} contradicts {TrainingOptions.StopWhen.Name} {target}: "
                + "a run stops by one metric. Give both the same.");
        Cadence every = settings.Get(RunFolderOptions.EvaluateEvery);
        if (every.Count == 0)
            problems.Add($"{RunFolderOptions.EvaluateEvery.Name} 0 evaluates only at the end, so {Given(target)} would never stop the run. "
                + $"Give a cadence such as {RunFolderOptions.EvaluateEvery.Name} 1epoch.");
        problems.ThrowIfAny();
        return new EarlyStopping
        {
            Metric = goal?.Metric ?? patient?.Metric,
            Target = goal?.Target,
            Patience = patient?.Count,
            EvaluateEvery = every,
        };
    }

    /// <summary>Finds what options say otherwise of a run that is resumed.</summary>
    public static void CheckResumed(Settings settings, RunSpec spec, string advice, Problems problems)
    {
        foreach (CliOption<string> option in new[] { TrainingOptions.StopWhen, TrainingOptions.Patience })
        {
            bool isKnown = option == TrainingOptions.StopWhen ? spec.Stop?.Target is not null : spec.Stop?.Patience is not null;
            if (settings.GivenNow(option) is { } given && !isKnown)
                problems.Add($"{given.Given} contradicts the checkpoint, whose run has no {option.Name}. {advice}");
        }

        if (spec.Stop is { Patience: { } patience } rule && settings.GivenNow(TrainingOptions.Patience) is { } patient)
        {
            (ValidationMetric? named, int count) = StopSpec.ParsePatience((string)patient.Value!);
            ValidationMetric metric = named ?? (rule.Target is null ? StopSpec.DefaultMetric(spec.IsRegression) : rule.Metric);
            if ((metric, count) != (rule.Metric, patience))
            {
                problems.Add($"{patient.Given} contradicts the checkpoint, whose run has {TrainingOptions.Patience.Name} "
                    + $"{rule.PatienceText}. {advice}");
            }
        }

        if (spec.Stop is { } stop && settings.GivenNow(RunFolderOptions.EvaluateEvery) is { } every
            && ((Cadence)every.Value!).Steps(spec.StepsPerEpoch) != stop.EverySteps)
        {
            problems.Add($"{every.Given} contradicts the checkpoint, whose run stops by what its evaluations say, and is evaluated every "
                + $"{Format.Plural(stop.EverySteps, "step")}. {advice}");
        }
    }

    private static string Given(string? target) =>
        target is null ? TrainingOptions.Patience.Name : $"{TrainingOptions.StopWhen.Name} '{target}'";
}
