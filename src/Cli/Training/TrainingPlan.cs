using System.Net;
using Lockstep.Cli.Options;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Makes the library's options out of those of the command line.</summary>
internal static class TrainingPlan
{
    /// <summary>A new run that begins with initial or restored parameters.</summary>
    /// <exception cref="RequestException">The options do not fit the data or each other; all mistakes are reported.</exception>
    public static Trainer New(Settings settings, ModelSpec model, Dataset data, TrainedModel? initFrom = null)
    {
        TrainerOptions options = OptionsOf(settings, data);
        return OptionNames.Translate(() => new Trainer(
            model, data, initFrom is null ? options : options with { InitFrom = initFrom, Restore = RulesOf(settings) }));
    }

    /// <summary>How to train.</summary>
    public static TrainerOptions OptionsOf(Settings settings, Dataset data) => new()
    {
        Epochs = settings.FindValue(TrainingOptions.Epochs) ?? 1,
        Steps = settings.FindValue(TrainingOptions.Steps),
        BatchSize = settings.IsGiven(TrainingOptions.BatchSize)
            ? settings.Get(TrainingOptions.BatchSize)
            : TrainerOptions.For(data, settings.FindValue(TrainingOptions.TrainExamples)).BatchSize,
        Optimizer = OptimizerPlan.Build(settings, data),
        LabelSmoothing = settings.Get(TrainingOptions.LabelSmoothing),
        ClassWeights = settings.Find(TrainingOptions.ClassWeights),
        Augmentation = settings.Find(TrainingOptions.Augment),
        Seed = settings.Get(TrainingOptions.Seed),
        Shards = settings.Get(TrainingOptions.Shards),
        Stop = StopPlan.Build(settings),
        TrainingExamples = settings.FindValue(TrainingOptions.TrainExamples),
    };

    /// <summary>Which parameters are restored.</summary>
    public static RestoreRules RulesOf(Settings settings) => new()
    {
        Include = settings.Find(RestoreOptions.Include) ?? NameGlobs.All,
        Exclude = settings.Find(RestoreOptions.Exclude) ?? NameGlobs.None,
        Map = (settings.Find(RestoreOptions.Map) ?? NameMap.Empty).Names,
        AllowMissing = settings.Get(RestoreOptions.AllowMissing),
        AllowUnused = settings.Get(RestoreOptions.AllowUnused),
        AllowShapeMismatch = settings.Get(RestoreOptions.AllowShapeMismatch),
    };

    /// <summary>What is kept of a run in this process.</summary>
    public static RunOptions RunOf(Settings settings) => new()
    {
        EvaluateEvery = settings.Get(RunFolderOptions.EvaluateEvery),
        CheckpointEvery = settings.Get(RunFolderOptions.CheckpointEvery),
        KeepCheckpoints = settings.Get(RunFolderOptions.KeepCheckpoints),
        KeepBest = settings.Find(RunFolderOptions.KeepBest) is { } metric ? StopSpec.ParseMetric(metric) : null,
        Configuration = Saved(settings),
    };

    /// <summary>What all commands that train say of the cluster and of what is kept.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="reopens">Whether it may hold the beginning of the run.</param>
    public static ClusterOptions ClusterOf(Settings settings, string folder, bool reopens)
    {
        RunOptions run = RunOf(settings);
        HostPort? listen = settings.Find(NetworkOptions.Listen), advertise = settings.Find(NetworkOptions.Advertise);
        return new ClusterOptions
        {
            RunFolder = folder,
            Reopens = reopens,
            Lanes = settings.FindValue(NetworkOptions.Lanes) ?? 0,
            EvaluateEvery = run.EvaluateEvery,
            CheckpointEvery = run.CheckpointEvery,
            KeepCheckpoints = run.KeepCheckpoints,
            KeepBest = run.KeepBest,
            Configuration = run.Configuration,
            Listen = listen?.Resolve(NetworkOptions.Listen.Name),
            Advertise = advertise?.Resolve(NetworkOptions.Advertise.Name),
            SecretFile = settings.Find(NetworkOptions.SecretFile),
            TlsDirectory = settings.Find(NetworkOptions.TlsFolder),
            Peers = settings.Find(NetworkOptions.Peers) is { } peers
                ? [.. Kinds.JoinPlaces(peers).Select(place => new DnsEndPoint(place.Host, place.Port))]
                : [],
            Transport = Kinds.Transports[settings.Get(NetworkOptions.Transport)],
            MinWorkers = settings.FindValue(NetworkOptions.MinWorkers),
            WorkerTimeout = TimeSpan.FromSeconds(settings.Get(NetworkOptions.WorkerTimeout)),
        };
    }

    /// <summary>What is saved with a run besides what its spec says: every option that is more than a matter of this invocation.</summary>
    private static Dictionary<string, object> Saved(Settings settings)
    {
        var saved = settings.ToSave()
            .ToDictionary(setting => setting.Option.Key, setting => setting.Value is int number ? (long)number : setting.Value!);
        foreach (ICliOption option in OptimizerPlan.Meaningless(settings.Get(OptimizerOptions.Optimizer)))
            _ = saved.Remove(option.Key);
        _ = saved.Remove(TrainingOptions.Steps.Key);
        _ = saved.Remove(TrainingOptions.Epochs.Key);
        // A resumed run has them in its checkpoint; a new one with this configuration prepares its examples in the same way.
        foreach (Setting given in DataOptions.Preparing.Select(settings.Given).OfType<Setting>())
            saved[given.Option.Key] = given.Value is HeldOut { Path: { } path } ? path : given.Text;

        return saved;
    }
}
