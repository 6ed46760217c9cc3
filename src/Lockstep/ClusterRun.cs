using System.Runtime.ExceptionServices;
using Lockstep.Coordinator.Hosting;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep;

/// <summary>One training on a cluster that this process coordinates. Told of its events by the coordinator, one at a time.</summary>
internal sealed class ClusterRun : IProgress<RunEvent>, IDisposable
{
    private readonly RunInputs _inputs;
    private readonly ClusterOptions _cluster;
    private readonly TrainingCallbacks _callbacks;
    private readonly Optimizer _rates;
    private readonly List<TrainingEpoch> _epochs = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _leave = new();
    private Task _workers = Task.CompletedTask;
    private ExceptionDispatchInfo? _failure;

    public ClusterRun(RunInputs inputs, ClusterOptions cluster, TrainingCallbacks callbacks)
    {
        (_inputs, _cluster, _callbacks) = (inputs, cluster, callbacks);
        _rates = Optimizer.Create(inputs.Spec, new ParameterLayout(inputs.Spec.Model));
    }

    public async Task<TrainingResult> TrainAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(_stop.Cancel);
        DirectoryInfo? temporary = _inputs.CheckpointDirectory is null ? Directory.CreateTempSubdirectory("lockstep-") : null;
        try
        {
            string directory = temporary?.FullName ?? Directory.CreateDirectory(_inputs.CheckpointDirectory!).FullName;
            RunResult ended = await RunAsync(directory).ConfigureAwait(false);
            _failure?.Throw();
            return ToResult(ended, directory);
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _leave.Dispose();
    }

    public void Report(RunEvent value)
    {
        // A callback that throws must not take an actor with it.
        try
        {
            Pass(value);
        }
        catch (Exception exception)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
            _stop.Cancel();
        }
    }

    private async Task<RunResult> RunAsync(string directory)
    {
        var options = new TrainingOptions
        {
            Spec = _inputs.Spec,
            Data = _inputs.Data,
            CheckpointDirectory = directory,
            ResumeFrom = _inputs.IsResumed ? _inputs.Start : null,
            Restored = _inputs.Restored,
            Listen = _cluster.Listen,
            Secret = _cluster.SecretFile is { } file ? ClusterSecret.Read(file) : null,
            Tls = _cluster.TlsDirectory is { } certificates ? ClusterTls.Read(certificates) : null,
            MinWorkers = Math.Max(_cluster.MinWorkers, _cluster.LocalWorkers),
            WorkerTimeout = _cluster.WorkerTimeout,
            EvaluateEverySteps = _inputs.Spec.StepsPerEpoch,
            CheckpointEverySteps = _inputs.CheckpointDirectory is null ? 0 : _inputs.Spec.StepsPerEpoch,
            KeepCheckpoints = _inputs.KeepCheckpoints,
            ReportSteps = _callbacks.OnStep is not null,
        };
        try
        {
            return await TrainingHost.RunAsync(options, this, _cluster.Loggers, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            await _leave.CancelAsync().ConfigureAwait(false);
            await _workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Pass(RunEvent value)
    {
        switch (value)
        {
            case RunEvent.Listening listening:
                _workers = StartWorkers(listening.Address);
                break;
            case RunEvent.StepCompleted { Step: var step, Statistics: var statistics }:
                _callbacks.OnStep?.Invoke(LocalRun.StepOf(_inputs.Spec, _rates, BatchPosition.Of(_inputs.Spec, step - 1), statistics));
                return;
            case RunEvent.MetricsRecorded { Metrics: var row }:
                var epoch = new TrainingEpoch(
                    row.Epoch, row.Step, row.TrainLoss, row.TrainAccuracy, row.ValidationLoss, row.ValidationAccuracy,
                    row.LearningRate, row.ExamplesPerSecond, TimeSpan.FromSeconds(row.ElapsedSeconds));
                _epochs.Add(epoch);
                _callbacks.OnEpoch?.Invoke(epoch);
                break;
            case RunEvent.Progress progress:
                _callbacks.Progress?.Report(new TrainingProgress(
                    progress.Step, _inputs.Spec.TotalSteps, progress.TrainLoss, progress.TrainAccuracy, progress.ExamplesPerSecond));
                break;
        }

        _cluster.OnEvent?.Invoke(value);
    }

    private Task StartWorkers(string address)
    {
        int lanes = _cluster.LanesPerWorker > 0 ? _cluster.LanesPerWorker : Math.Max(1, Environment.ProcessorCount / Math.Max(1, _cluster.LocalWorkers));
        return Task.WhenAll(Enumerable.Range(0, _cluster.LocalWorkers).Select(_ => Task.Run(() => ClusterWorker.RunAsync(address, lanes, _cluster.SecretFile, _cluster.TlsDirectory, _cluster.Loggers, _leave.Token))));
    }

    private TrainingResult ToResult(RunResult ended, string directory)
    {
        if (ended.LastFiniteStep is { } lastFinite)
            throw LocalRun.Diverged(ended.Message!, _inputs.CheckpointDirectory is null ? null : new CheckpointStore(directory).LoadNewest(lastFinite));
        TrainedModel? saved = ended.Checkpoint is { } path ? TrainedModel.Load(path) : null;
        if (ended.Outcome is RunOutcome.Failed or RunOutcome.ClusterLost)
            throw new TrainingException(ended.Message ?? "The training failed.", saved);
        return new TrainingResult
        {
            // Without a step there is nothing to save.
            Model = saved ?? new TrainedModel(_inputs.Start),
            IsComplete = ended.Outcome == RunOutcome.Completed,
            Epochs = _epochs,
            Duration = TimeSpan.FromSeconds(ended.TrainSeconds),
        };
    }
}
