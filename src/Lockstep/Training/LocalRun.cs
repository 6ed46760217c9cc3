using System.Diagnostics;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Microsoft.Extensions.Logging;

namespace Lockstep.Training;

/// <summary>A training in this process, on a thread of its own and its compute threads.</summary>
internal sealed class LocalRun : TrainingRun
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(200);

    private readonly RunSpec _spec;
    private readonly int _lanes;
    private readonly LocalTrainer _trainer;
    private readonly Evaluator _evaluator;
    private readonly Stopwatch _clock = new();
    private readonly ValidationDecisions _decisions;
    private readonly CheckpointStore? _store;
    private NodeStatistics _unreported;
    private long _examples;
    private (long Examples, TimeSpan Time) _lastEpoch, _lastProgress;
    private Checkpoint? _last, _best;
    private string? _bestPath;
    private (long Step, EvaluationResult Result)? _validation;

    public LocalRun(RunInputs inputs, RunOptions options)
        : base(inputs, options)
    {
        _spec = inputs.Spec;
        _lanes = ClusterPlan.LanesOf(options, workers: 1);
        float[] weights = new float[Layout.Length], state = new float[Rates.StateLength];
        CheckpointTensors.CopyTo(inputs.Start.Parameters, Layout, weights);
        CheckpointTensors.CopySlotsTo(inputs.Start.Slots, Layout, state);
        _trainer = new LocalTrainer(_spec, inputs.Data.Training, inputs.Start.Step, weights, state, _lanes);
        _evaluator = new Evaluator(_spec.Model, Layout, _spec.Loss);
        _unreported = inputs.Start.Unreported;
        _store = options.RunFolder is { } path ? new CheckpointStore(RunFolder.CheckpointDirectoryOf(path)) : null;
        BestResult? best = options.KeepBest is { } metric && _store is not null
            ? BestResult.Find(metric, _store, _spec, inputs.Data)
            : null;
        _bestPath = best?.Checkpoint;
        _decisions = new ValidationDecisions(_spec.Stop, inputs.Start.Stopping, options.KeepBest, best);
    }

    protected override TrainedModel? Trained => _last is null ? null : new TrainedModel(_last);

    protected override TrainedModel? Best => _best is null ? null : new TrainedModel(_best, _bestPath);

    private long Step => _trainer.CompletedSteps;

    private bool IsComplete => Step >= _spec.TotalSteps || _decisions.StopReason is not null;

    protected override Task<RunResult> RunAsync(RunFolder? folder, ILoggerFactory loggers, CancellationToken stop) =>
        Task.Factory.StartNew(() => Run(folder, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private RunResult Run(RunFolder? folder, CancellationToken stop)
    {
        Report(new RunEvent.Leading(Inputs.Start.RunId, Inputs.Start.Term + 1, Step));
        using LocalTrace? trace = folder is null ? null : LocalTrace.Open(folder.TraceFile, _spec, _trainer, Report);
        long saveEvery = Options.CheckpointEvery.Steps(_spec.StepsPerEpoch);
        long saved = Step;
        Report(new RunEvent.TrainingStarted(Step, Workers: 1, _lanes));
        _clock.Start();
        while (!IsComplete && !stop.IsCancellationRequested)
        {
            if (TakeStep() is { } divergence)
                return Result(RunOutcome.Failed, divergence.Message) with { LastFiniteStep = divergence.LastFiniteStep };
            trace?.Add(_trainer);
            if (Step == _spec.TotalSteps || (EvaluateEverySteps > 0 && Step % EvaluateEverySteps == 0))
                Evaluate(trace);
            if (IsComplete || (saveEvery > 0 && Step % saveEvery == 0))
            {
                Save(trace);
                saved = Step;
            }
        }

        TimeSpan trained = _clock.Elapsed;
        Report(new RunEvent.TrainingEnded(Step));
        if (Step > saved)
            Save(trace);
        return Result(IsComplete ? RunOutcome.Completed : RunOutcome.Stopped, message: null, trained);
    }

    /// <summary>Takes a step.</summary>
    /// <returns>Why training cannot continue; null if it can.</returns>
    private DivergenceException? TakeStep()
    {
        BatchPosition batch = BatchPosition.Of(_spec, Step);
        NodeStatistics statistics;
        try
        {
            statistics = _trainer.Step();
        }
        catch (DivergenceException divergence)
        {
            return divergence;
        }

        _unreported += statistics;
        _examples += batch.Count;
        if (Options.OnStep is not null)
            Report(new RunEvent.StepCompleted(Step, statistics));
        if (_clock.Elapsed - _lastProgress.Time >= ProgressEvery)
        {
            TrainingScore score = TrainingScore.Of(_spec, _unreported);
            Report(new RunEvent.Progress(Step, score.Loss, score.Accuracy, RateSince(_lastProgress), []) { TrainR2 = score.R2 });
            _lastProgress = (_examples, _clock.Elapsed);
        }

        return null;
    }

    private void Evaluate(LocalTrace? trace)
    {
        double rate = RateSince(_lastEpoch);
        _lastEpoch = (_examples, _clock.Elapsed);
        EvaluationResult validation = Validate();
        TrainingScore score = TrainingScore.Of(_spec, _unreported);
        Report(new RunEvent.MetricsRecorded(new MetricsRow(
            Step,
            (double)Step / _spec.StepsPerEpoch,
            score.Loss,
            score.Accuracy,
            validation.Loss,
            validation.Accuracy,
            Rates.LearningRate(Step - 1),
            rate,
            _lastEpoch.Time.TotalSeconds)
        {
            TrainR2 = score.R2,
            ValidationR2 = validation.R2,
        }));
        _unreported = default;
        if (!_decisions.Record(Step, validation))
            return;
        _best = Capture();
        trace?.Flush();
        if (_store is null)
            return;
        _bestPath = _store.SaveBest(_best);
        Report(new RunEvent.BestSaved(_bestPath, Step));
    }

    private void Save(LocalTrace? trace)
    {
        _last = Capture();
        trace?.Flush();
        if (_store is null)
            return;
        // The newest may hold weights that diverge in the next step; those of the one before gave a finite loss.
        string path = _store.Save(_last, IsComplete ? Options.KeepCheckpoints : Math.Max(Options.KeepCheckpoints, 2));
        Report(new RunEvent.CheckpointSaved(path, Step));
    }

    private RunResult Result(RunOutcome outcome, string? message, TimeSpan? trained = null)
    {
        bool isComplete = outcome == RunOutcome.Completed;
        EvaluationResult? test = isComplete ? EvaluateOn(Inputs.Data.Test, 0, Inputs.Data.Test.Count) : null;
        if (test is { } tested && _spec.TotalSteps >= _spec.StepsPerEpoch && Chance.Warning(
            tested, Inputs.Data, _spec.ClassWeights, examples => EvaluateOn(examples, 0, examples.Count)) is { } warning)
            Report(new RunEvent.Warning(warning));
        var result = new RunResult
        {
            Outcome = outcome,
            Message = message,
            FirstStep = Inputs.Start.Step,
            Steps = Step,
            // After a divergence the weights are not those of the last checkpoint.
            WeightsSha256 = _last is { } last && outcome != RunOutcome.Failed ? last.WeightsSha256 : _trainer.WeightsSha256,
            StopReason = _decisions.StopReason,
            Best = _decisions.Best is { } best ? best with { Checkpoint = _bestPath } : null,
            TrainSeconds = (trained ?? _clock.Elapsed).TotalSeconds,
            Examples = _examples,
            Workers = 1,
            Lanes = _lanes,
        };
        return test is { } known ? result.With(Validate(), known, _spec.Data) : result;
    }

    /// <summary>Loss and accuracy on the validation examples; computed once a step.</summary>
    private EvaluationResult Validate()
    {
        if (_validation is { } known && known.Step == Step)
            return known.Result;
        EvaluationResult result = EvaluateOn(Inputs.Data.Training, Inputs.Data.TrainingExamples, Inputs.Data.ValidationExamples);
        _validation = (Step, result);
        return result;
    }

    private EvaluationResult EvaluateOn(Model.Data.Examples examples, int first, int count) =>
        _evaluator.Evaluate(_trainer.Weights, examples, first, count);

    private double RateSince((long Examples, TimeSpan Time) last) =>
        (_examples - last.Examples) / Math.Max((_clock.Elapsed - last.Time).TotalSeconds, 1e-9);

    private Checkpoint Capture() => Inputs.Start with
    {
        Term = Inputs.Start.Term + 1,
        Spec = _spec,
        Step = Step,
        Parameters = CheckpointTensors.CopyFrom(_trainer.Layout, _trainer.Weights),
        Slots = CheckpointTensors.CopySlotsFrom(_trainer.Layout, _spec.Optimizer.Slots, _trainer.State),
        Unreported = _unreported,
        Stopping = _decisions.State,
        WeightsSha256 = _trainer.WeightsSha256,
    };
}
