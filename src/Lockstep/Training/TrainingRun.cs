using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.TensorBoard;
using Microsoft.Extensions.Logging;

namespace Lockstep.Training;

/// <summary>One training: keeps its files and tells the caller. <see cref="LocalRun"/> and <see cref="ClusterRun"/> compute it.</summary>
internal abstract partial class TrainingRun : IProgress<RunEvent>, IDisposable
{
    private readonly List<TrainingEpoch> _epochs = [];
    private readonly CancellationTokenSource _stop = new();
    private RunRecorder? _recorder;
    private TensorBoardWriter? _tensorBoard;
    private ExceptionDispatchInfo? _failure;

    protected TrainingRun(RunInputs inputs, RunOptions options)
    {
        Inputs = inputs;
        Options = options;
        Layout = new ParameterLayout(inputs.Spec.Model);
        Rates = Optimizer.Create(inputs.Spec, Layout);
    }

    protected RunInputs Inputs { get; }

    protected RunOptions Options { get; }

    /// <summary>Steps between two evaluations: those of the rule that ends the run early, if there is one; 0 only at the end.</summary>
    protected long EvaluateEverySteps => Inputs.Spec.Stop?.EverySteps ?? Options.EvaluateEvery.Steps(Inputs.Spec.StepsPerEpoch);

    /// <summary>Where each parameter lies.</summary>
    protected ParameterLayout Layout { get; }

    /// <summary>The run's optimizer, for its learning rates.</summary>
    protected Optimizer Rates { get; }

    /// <summary>Trains, and writes the run folder, if there is one.</summary>
    public async Task<TrainingResult> TrainAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using CancellationTokenRegistration registration = cancellationToken.Register(_stop.Cancel);
        using RunFolder? folder = OpenFolder();
        using ILoggerFactory? log = folder is null ? null : RunLog.Create(folder.LogFile, Options.Loggers, all: false);
        try
        {
            if (folder is not null)
                Begin(folder, log!);
            using RunRecorder? recorder = _recorder = folder is null ? null : new RunRecorder(folder, Inputs.Spec, log!, WarnOfRecorder);
            using TensorBoardWriter? tensorBoard = _tensorBoard = folder is null || Options.TensorBoard is null
                ? null
                : new TensorBoardWriter(folder, Inputs.Spec, Options.TensorBoard, WarnOfRecorder, TimeProvider.System);
            RunResult result = await RunAsync(folder, log ?? Options.Loggers, _stop.Token).ConfigureAwait(false);
            if (folder is not null)
                result = result with { Checkpoint = FindSaved(folder, result), Best = FindBest(result) };
            TrainedModel? finite = result.LastFiniteStep is { } lastFinite ? FindFinite(folder, lastFinite) : null;
            string resume = Options.ResumeCommand ?? $"lockstep train --resume {ShellWord.OfPath(folder?.Path ?? "")}";
            var summary = new RunSummary(Inputs.Spec, result, clock.Elapsed.TotalSeconds, folder?.Path, resume)
            {
                FiniteCheckpoint = finite?.Path,
            };
            recorder?.End(summary);
            tensorBoard?.End(result);
            _failure?.Throw();
            return ToResult(summary, finite);
        }
        catch (Exception e) when (Mistakes.Are(e))
        {
            folder?.Discard();
            throw;
        }
        catch (Exception e) when (log is not null && e is not TrainingException)
        {
            ILogger logger = log.CreateLogger<TrainingRun>();
            LogUnexpected(logger, e);
            throw;
        }
    }

    public virtual void Dispose() => _stop.Dispose();

    /// <summary>Handles an event of the run; called for one at a time.</summary>
    public void Report(RunEvent value)
    {
        // A callback that throws must not end an actor.
        try
        {
            Prepare(value);
            if (value is not RunEvent.StepCompleted)
                _recorder?.Report(value);
            _tensorBoard?.Report(value);
            Tell(value);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        _failure ??= ExceptionDispatchInfo.Capture(exception);
        _stop.Cancel();
    }

    // Goes to the caller only: the recorder may be what cannot write it.
    private void WarnOfRecorder(string message)
    {
        try
        {
            Tell(new RunEvent.Warning(message));
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    /// <summary>Trains until the run is complete, fails, or is asked to stop; reports events to <see cref="Report"/>.</summary>
    /// <param name="folder">The open run folder; null if nothing is kept.</param>
    /// <param name="loggers">Where logs go.</param>
    /// <param name="stop">Finishes the step, saves, and returns.</param>
    protected abstract Task<RunResult> RunAsync(RunFolder? folder, ILoggerFactory loggers, CancellationToken stop);

    /// <summary>Reacts to an event before the caller is told.</summary>
    protected virtual void Prepare(RunEvent value)
    {
    }

    /// <summary>The model after the last step of this part of the run; null if only a checkpoint has it.</summary>
    protected abstract TrainedModel? Trained { get; }

    /// <summary>The model with the best validation result; null if only a checkpoint has it, or none was kept.</summary>
    protected abstract TrainedModel? Best { get; }

    private void Tell(RunEvent value)
    {
        switch (value)
        {
            case RunEvent.StepCompleted { Step: var step, Statistics: var statistics }:
                Options.OnStep?.Invoke(StepOf(BatchPosition.Of(Inputs.Spec, step - 1), statistics));
                break;
            case RunEvent.MetricsRecorded { Metrics: var row }:
                var epoch = new TrainingEpoch(
                    row.Epoch, row.Step, row.TrainLoss, row.TrainAccuracy, row.ValidationLoss, row.ValidationAccuracy,
                    row.LearningRate, row.ExamplesPerSecond, TimeSpan.FromSeconds(row.ElapsedSeconds))
                {
                    TrainR2 = row.TrainR2,
                    ValidationR2 = row.ValidationR2,
                };
                _epochs.Add(epoch);
                Options.OnEpoch?.Invoke(epoch);
                break;
            case RunEvent.Progress progress:
                Options.Progress?.Report(new TrainingProgress(
                    progress.Step, Inputs.Spec.TotalSteps, progress.TrainLoss, progress.TrainAccuracy, progress.ExamplesPerSecond));
                break;
        }

        Options.OnEvent?.Invoke(value);
    }

    private TrainingStep StepOf(BatchPosition batch, NodeStatistics statistics) => new(
        batch.Step + 1,
        Inputs.Spec.TotalSteps,
        batch.Count,
        statistics.LossSum / batch.Count,
        TrainingScore.Of(Inputs.Spec, statistics).Accuracy,
        Rates.LearningRate(batch.Step));

    private RunFolder? OpenFolder()
    {
        if (Options.RunFolder is not { } path)
            return null;
        return Options.Reopens || RunFolder.Holds(path, Inputs.ResumedFrom) ? RunFolder.Reopen(path) : RunFolder.Create(path);
    }

    private void Begin(RunFolder folder, ILoggerFactory log)
    {
        var settings = new Dictionary<string, object>();
        IEnumerable<(string, object)> restore = Inputs.Origin is { } origin ? RunConfiguration.OfRestore(origin.Path, origin.Rules) : [];
        foreach ((string key, object value) in SpecSettings.Of(Inputs.Spec).Append(SpecSettings.LengthOf(Inputs.Spec)).Concat(restore))
            settings[key] = RunConfiguration.Absolute(key, value);
        Cadence evaluated = Inputs.Spec.Stop is { } stop
            ? Cadence.OfSteps(stop.EverySteps, Inputs.Spec.StepsPerEpoch)
            : Options.EvaluateEvery;
        settings["evalEvery"] = evaluated.ToString();
        settings["checkpointEvery"] = Options.CheckpointEvery.ToString();
        settings["keepCheckpoints"] = (long)Options.KeepCheckpoints;
        if (Options.KeepBest is { } metric)
            settings["keepBest"] = StopSpec.NameOf(metric);
        if (Inputs.Data.Path is { } dataPath)
            settings[RunConfiguration.DatasetKey] = System.IO.Path.GetFullPath(dataPath);
        foreach ((string key, object value) in Options.Configuration)
            _ = settings.TryAdd(key, RunConfiguration.Absolute(key, value));
        folder.WriteConfiguration(settings, Inputs.Spec);
        folder.WriteEnvironment(DateTimeOffset.UtcNow, Environment.GetCommandLineArgs()[1..]);
        File.Delete(folder.FailureFile); // Of an earlier attempt.
        ILogger logger = log.CreateLogger<TrainingRun>();
        RunSpec spec = Inputs.Spec;
        LogBegin(logger, RunEnvironment.Version, spec.Model, spec.TotalSteps, spec.BatchSize, spec.Shards, spec.Data.Name);
    }

    /// <summary>The newest checkpoint to resume from, whichever process wrote it.</summary>
    private static string? FindSaved(RunFolder folder, RunResult result)
    {
        if (result.Checkpoint is { } own && File.Exists(own))
            return own;
        return FindNewest(folder, upTo: long.MaxValue)?.Path;
    }

    // A failed disk may have lost it.
    private static BestResult? FindBest(RunResult result) =>
        result.Best is { Checkpoint: { } path } best && !File.Exists(path) ? best with { Checkpoint = null } : result.Best;

    /// <summary>The newest checkpoint up to a step; null for none, or if all are damaged.</summary>
    private static LoadedCheckpoint? FindNewest(RunFolder folder, long upTo)
    {
        try
        {
            return new CheckpointStore(folder.CheckpointDirectory).LoadNewest(upTo);
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private TrainingResult ToResult(RunSummary summary, TrainedModel? finite)
    {
        RunResult result = summary.Result;
        if (result.LastFiniteStep is not null)
            throw new TrainingException(summary, finite);
        TrainedModel? saved = Trained ?? (result.Checkpoint is { } path && File.Exists(path) ? TrainedModel.Load(path) : null);
        if (result.Outcome is RunOutcome.Failed or RunOutcome.ClusterLost)
            throw new TrainingException(summary, saved);
        return new TrainingResult
        {
            // Without a step there is nothing to save.
            Model = saved ?? new TrainedModel(Inputs.Start),
            Best = Best ?? (result.Best?.Checkpoint is { } best ? TrainedModel.Load(best) : null),
            Summary = summary,
            Epochs = _epochs,
        };
    }

    /// <summary>The newest model of finite weights and loss; null for none.</summary>
    private TrainedModel? FindFinite(RunFolder? folder, long lastFinite)
    {
        if (folder is null)
            return Trained is { } model && model.Step <= lastFinite ? model : null;
        return FindNewest(folder, lastFinite) is { } found ? new TrainedModel(found.Checkpoint, found.Path) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Lockstep {Version}: {Model}, "
        + "{Steps} steps of {BatchSize} examples in {Shards} shards, on {Data}")]
    private static partial void LogBegin(
        ILogger logger, string version, ModelSpec model, long steps, int batchSize, int shards, string data);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The run failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);
}
