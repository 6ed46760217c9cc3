using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Runs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace Lockstep.Training;

/// <summary>A training on a cluster that this process coordinates.</summary>
internal sealed class ClusterRun(RunInputs inputs, ClusterOptions cluster) : TrainingRun(inputs, cluster)
{
    private readonly CancellationTokenSource _leave = new();
    private Task _workers = Task.CompletedTask, _own = Task.CompletedTask;

    private TrainedModel? _trained, _best;

    protected override TrainedModel? Trained => _trained;

    protected override TrainedModel? Best => _best;

    protected override async Task<RunResult> RunAsync(RunFolder? folder, ILoggerFactory loggers, CancellationToken stop)
    {
        DirectoryInfo? temporary = folder is null ? Directory.CreateTempSubdirectory("lockstep-") : null;
        try
        {
            var plan = ClusterPlan.Of(cluster);
            RunResult result = await TrainingHost.RunAsync(OptionsOf(plan, folder, temporary), this, loggers, stop).ConfigureAwait(false);
            // The temporary folder is deleted, and the checkpoint with it.
            if (folder is null && result.Checkpoint is { } path)
                _trained = new TrainedModel(TrainedModel.Load(path).Checkpoint);
            if (folder is not null)
                return result;
            if (result.Best?.Checkpoint is { } best)
                _best = new TrainedModel(TrainedModel.Load(best).Checkpoint);
            return result with { Checkpoint = null, Best = result.Best is { } kept ? kept with { Checkpoint = null } : null };
        }
        catch (OtherRunException other)
        {
            IEnumerable<string> differences = SpecDifferences.Between(other.Leader, Inputs.Spec)
                .Select(difference => difference.ToString("its run", "this one's"));
            throw new RequestException($"The coordinator at {other.Address} trains another run: {string.Join("; ", differences)}. "
                + "Start all coordinators of a run with the same options.", other);
        }
        finally
        {
            await _leave.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_workers, _own).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            temporary?.Delete(recursive: true);
        }
    }

    public override void Dispose()
    {
        _leave.Dispose();
        base.Dispose();
    }

    protected override void Prepare(RunEvent value)
    {
        if (value is RunEvent.Listening listening && _workers.IsCompleted)
            _workers = StartWorkers(listening.Address);
    }

    private TrainingOptions OptionsOf(ClusterPlan plan, RunFolder? folder, DirectoryInfo? temporary) => new()
    {
        Spec = Inputs.Spec,
        Data = Inputs.Data,
        CheckpointDirectory = folder?.CheckpointDirectory ?? temporary!.FullName,
        TraceFile = folder?.TraceFile,
        MetricsFile = folder?.MetricsFile,
        ResumeFrom = Inputs.IsResumed ? Inputs.Start : null,
        Restored = Inputs.Restored,
        Listen = plan.Listen,
        Advertise = cluster.Advertise,
        Peers = cluster.Peers,
        Secret = plan.Secret,
        Tls = plan.Tls,
        Transport = cluster.Transport,
        Launches = plan.Launches,
        OwnWorker = cluster.Processes > 0 && cluster.MinWorkers is null ? OwnWorkerOf() : null,
        MinWorkers = plan.MinWorkers,
        WorkerTimeout = cluster.WorkerTimeout,
        EvaluateEverySteps = EvaluateEverySteps,
        CheckpointEverySteps = folder is null ? 0 : cluster.CheckpointEvery.Steps(Inputs.Spec.StepsPerEpoch),
        KeepCheckpoints = cluster.KeepCheckpoints,
        KeepBest = cluster.KeepBest,
        ReportSteps = cluster.OnStep is not null,
    };

    /// <summary>Until the workers are ready, it may have their processors.</summary>
    private OwnWorker OwnWorkerOf()
    {
        int lanes = ClusterPlan.LanesOf(cluster, cluster.Processes);
        lanes = Math.Max(lanes, Math.Min(cluster.Processes * lanes, Processors.Usable));
        return new OwnWorker(lanes, (origin, stream, data) => _own = WorkerHost.RunInCoordinatorAsync(origin, stream, data, lanes));
    }

    private Task<string?[]> StartWorkers(string address)
    {
        var worker = new ClusterWorkerOptions
        {
            Lanes = ClusterPlan.LanesOf(cluster, cluster.Processes + cluster.LocalWorkers),
            SecretFile = cluster.SecretFile,
            TlsDirectory = cluster.TlsDirectory,
            Loggers = cluster.Loggers,
        };
        return Task.WhenAll(Enumerable.Range(0, cluster.LocalWorkers)
            .Select(_ => Task.Run(() => ClusterWorker.RunAsync(address, worker, _leave.Token))));
    }
}
