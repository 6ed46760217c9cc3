using System.Net;
using Lockstep.Cli.Configuration;
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
    public static Trainer New(Settings settings, ModelSpec model, Dataset data, TrainedModel? initFrom = null) =>
        OptionNames.Translate(() => new Trainer(
            model, data, initFrom is null ? OptionsOf(settings) : OptionsOf(settings) with { InitFrom = initFrom, Restore = RulesOf(settings) }));

    /// <summary>How to train.</summary>
    public static TrainerOptions OptionsOf(Settings settings) => new()
    {
        Epochs = settings.Text(OptionTable.Epochs) is null ? 1 : (int)settings.Get(OptionTable.Epochs),
        Steps = settings.Text(OptionTable.Steps) is null ? null : settings.Get(OptionTable.Steps),
        BatchSize = (int)settings.Get(OptionTable.BatchSize),
        Optimizer = OptimizerPlan.Build(settings),
        Seed = settings.Get(OptionTable.Seed),
        Shards = (int)settings.Get(OptionTable.Shards),
        TrainingExamples = settings.Text(OptionTable.TrainExamples) is null ? null : (int)settings.Get(OptionTable.TrainExamples),
    };

    /// <summary>Which parameters are restored.</summary>
    public static RestoreRules RulesOf(Settings settings) => new()
    {
        Include = settings.Find(OptionTable.Include) ?? NameGlobs.All,
        Exclude = settings.Find(OptionTable.Exclude) ?? NameGlobs.None,
        Map = (settings.Find(OptionTable.Map) ?? NameMap.Empty).Names,
        AllowMissing = settings.Get(OptionTable.AllowMissing),
        AllowUnused = settings.Get(OptionTable.AllowUnused),
        AllowShapeMismatch = settings.Get(OptionTable.AllowShapeMismatch),
    };

    /// <summary>What all commands that train say of the cluster and of what is kept.</summary>
    /// <param name="settings">The options.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="reopens">Whether it may hold the beginning of the run.</param>
    public static ClusterOptions ClusterOf(Settings settings, string folder, bool reopens)
    {
        HostPort? listen = settings.Find(OptionTable.Listen), advertise = settings.Find(OptionTable.Advertise);
        return new ClusterOptions
        {
            RunFolder = folder,
            Reopens = reopens,
            Lanes = settings.Text(OptionTable.Lanes) is null ? 0 : (int)settings.Get(OptionTable.Lanes),
            EvaluateEvery = settings.Get(OptionTable.EvaluateEvery),
            CheckpointEvery = settings.Get(OptionTable.CheckpointEvery),
            KeepCheckpoints = (int)settings.Get(OptionTable.KeepCheckpoints),
            Configuration = Saved(settings),
            Listen = listen?.Resolve(OptionTable.Listen.Name),
            Advertise = advertise?.Resolve(OptionTable.Advertise.Name),
            SecretFile = settings.Command == CommandSet.Coordinator ? settings.Find(OptionTable.SecretFile) : null,
            TlsDirectory = settings.Command == CommandSet.Coordinator ? settings.Find(OptionTable.TlsFolder) : null,
            Peers = settings.Find(OptionTable.Peers) is { } peers ? [.. Kinds.JoinPlaces(peers).Select(place => new DnsEndPoint(place.Host, place.Port))] : [],
            SharesMemory = settings.Get(OptionTable.Transport) == Kinds.AutomaticTransport,
            MinWorkers = settings.Text(OptionTable.MinWorkers) is null ? null : (int)settings.Get(OptionTable.MinWorkers),
            WorkerTimeout = TimeSpan.FromSeconds(settings.Get(OptionTable.WorkerTimeout)),
        };
    }

    /// <summary>What is saved with a run besides what its spec says: every option that is more than a matter of this invocation.</summary>
    private static Dictionary<string, object> Saved(Settings settings)
    {
        var saved = settings.ToSave().ToDictionary(setting => setting.Option.Key, setting => setting.Option.ParseText(setting.Text));
        foreach (OptionDescriptor option in OptimizerPlan.Meaningless(settings.Get(OptionTable.Optimizer)))
            _ = saved.Remove(option.Key);
        _ = saved.Remove(OptionTable.Steps.Key);
        _ = saved.Remove(OptionTable.Epochs.Key);
        return saved;
    }
}
