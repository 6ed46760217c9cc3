using Lockstep.Cli.Options;
using Lockstep.Model.Specs;
using Lockstep.Sweeps;

namespace Lockstep.Cli.Sweeps;

/// <summary>A sweep, as its file says.</summary>
/// <param name="Shared">Options of all trials.</param>
/// <param name="Varied">Options that vary.</param>
/// <param name="Parameters">The same with their values, in the same order.</param>
/// <param name="Points">What each trial has for them.</param>
/// <param name="Metric">What trials are compared by.</param>
internal sealed record SweepPlan(
    IReadOnlyList<Setting> Shared, IReadOnlyList<ICliOption> Varied, IReadOnlyList<SweepParameter> Parameters,
    IReadOnlyList<SweepPoint> Points, ValidationMetric Metric)
{
    private static readonly IReadOnlyList<ICliOption> Restoring = [RestoreOptions.InitFrom, .. RestoreOptions.Rules];

    /// <summary>Options that may vary.</summary>
    public static IReadOnlyList<ICliOption> OfTrial { get; } =
        [.. SpecOptions.Model, .. Restoring, TrainingOptions.TrainExamples, .. SpecOptions.Training, .. SpecOptions.Stopping];

    /// <summary>Options that all trials may have.</summary>
    public static IReadOnlyList<ICliOption> OfAll { get; } =
    [
        .. OfTrial, .. SpecOptions.Data.Where(option => option != TrainingOptions.TrainExamples), RunFolderOptions.EvaluateEvery,
        RunFolderOptions.CheckpointEvery, RunFolderOptions.KeepCheckpoints, RunFolderOptions.KeepBest,
    ];

    /// <summary>Name of an option in a sweep, such as <c>learning-rate</c>.</summary>
    public static string NameOf(ICliOption option) => option.Name.TrimStart('-');

    /// <summary>What the file says of a trial's options.</summary>
    /// <param name="point">The trial.</param>
    public IEnumerable<Setting> SettingsOf(SweepPoint point) => Shared.Concat(Varied.Select(option =>
    {
        string[] texts = [point[NameOf(option)]];
        return new Setting(option, texts, SettingSource.CommandLine) { Value = option.Read(texts) };
    }));
}
