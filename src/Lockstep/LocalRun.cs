using System.Diagnostics;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Optimizers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep;

/// <summary>One training in this process, on the thread that calls <see cref="Train"/>.</summary>
internal sealed class LocalRun
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(200);

    private readonly RunInputs _inputs;
    private readonly RunSpec _spec;
    private readonly TrainingCallbacks _callbacks;
    private readonly LocalTrainer _trainer;
    private readonly Optimizer _rates;
    private readonly Evaluator _evaluator;
    private readonly CheckpointStore? _store;
    private readonly List<TrainingEpoch> _epochs = [];
    private readonly Stopwatch _clock = new();
    private NodeStatistics _unreported;
    private long _examples;
    private (long Examples, TimeSpan Time) _lastEpoch, _lastProgress;

    public LocalRun(RunInputs inputs, TrainingCallbacks callbacks)
    {
        (_inputs, _spec, _callbacks) = (inputs, inputs.Spec, callbacks);
        var layout = new ParameterLayout(_spec.Model);
        _rates = Optimizer.Create(_spec, layout);
        float[] weights = new float[layout.Length], state = new float[_rates.StateLength];
        CheckpointTensors.CopyTo(inputs.Start.Parameters, layout, weights);
        CheckpointTensors.CopySlotsTo(inputs.Start.Slots, layout, state);
        _trainer = new LocalTrainer(_spec, inputs.Data.Training, inputs.Start.Step, weights, state);
        _evaluator = new Evaluator(_spec.Model, layout);
        _unreported = inputs.Start.Unreported;
        if (inputs.CheckpointDirectory is { } directory)
            _store = new CheckpointStore(Directory.CreateDirectory(directory).FullName);
    }

    public TrainingResult Train(CancellationToken stop)
    {
        _clock.Start();
        long saved = _trainer.CompletedSteps;
        while (_trainer.CompletedSteps < _spec.TotalSteps && !stop.IsCancellationRequested)
        {
            Step();
            if (_trainer.CompletedSteps % _spec.StepsPerEpoch == 0 || _trainer.CompletedSteps == _spec.TotalSteps)
            {
                EndEpoch();
                _store?.Save(Capture(), _inputs.KeepCheckpoints);
                saved = _trainer.CompletedSteps;
            }
        }

        Checkpoint last = Capture();
        if (last.Step > saved)
            _store?.Save(last, _inputs.KeepCheckpoints);
        return new TrainingResult
        {
            Model = new TrainedModel(last),
            IsComplete = last.Step >= _spec.TotalSteps,
            Epochs = _epochs,
            Duration = _clock.Elapsed,
        };
    }

    private void Step()
    {
        BatchPosition batch = BatchPosition.Of(_spec, _trainer.CompletedSteps);
        NodeStatistics statistics;
        try
        {
            statistics = _trainer.Step();
        }
        catch (DivergenceException diverged)
        {
            throw Diverged(diverged.Message, _store?.LoadNewest(diverged.LastFiniteStep), diverged);
        }

        _unreported += statistics;
        _examples += batch.Count;
        _callbacks.OnStep?.Invoke(StepOf(_spec, _rates, batch, statistics));
        if (_callbacks.Progress is { } progress && _clock.Elapsed - _lastProgress.Time >= ProgressEvery)
        {
            progress.Report(new TrainingProgress(
                _trainer.CompletedSteps, _spec.TotalSteps, _unreported.LossSum / _unreported.Examples,
                (double)_unreported.Correct / _unreported.Examples, RateSince(_lastProgress)));
            _lastProgress = (_examples, _clock.Elapsed);
        }
    }

    /// <summary>The error of a training that diverged, here or on a cluster.</summary>
    public static TrainingException Diverged(string problem, LoadedCheckpoint? lastFinite, Exception? inner = null) => new(
        $"{problem} A training that is resumed diverges again in the same step. Start another one with a lower {nameof(TrainerOptions.LearningRate)} or a warm-up"
            + (lastFinite is null ? "." : $", and {nameof(TrainerOptions.InitFrom)} {lastFinite.Path}."),
        lastFinite is null ? null : new TrainedModel(lastFinite.Checkpoint), inner);

    /// <summary>What is told of a step, here and on a cluster.</summary>
    public static TrainingStep StepOf(RunSpec spec, Optimizer rates, BatchPosition batch, NodeStatistics statistics) => new(
        batch.Step + 1, spec.TotalSteps, batch.Count, statistics.LossSum / batch.Count, (double)statistics.Correct / batch.Count, rates.LearningRate(batch.Step));

    private void EndEpoch()
    {
        double rate = RateSince(_lastEpoch);
        _lastEpoch = (_examples, _clock.Elapsed);
        EvaluationResult validation = _evaluator.Evaluate(_trainer.Weights, _inputs.Data.Training, _inputs.Data.TrainingExamples, _inputs.Data.ValidationExamples);
        var epoch = new TrainingEpoch(
            (double)_trainer.CompletedSteps / _spec.StepsPerEpoch, _trainer.CompletedSteps,
            _unreported.LossSum / _unreported.Examples, (double)_unreported.Correct / _unreported.Examples,
            validation.Loss, validation.Accuracy, _rates.LearningRate(_trainer.CompletedSteps - 1), rate, _lastEpoch.Time);
        _unreported = default;
        _epochs.Add(epoch);
        _callbacks.OnEpoch?.Invoke(epoch);
    }

    private double RateSince((long Examples, TimeSpan Time) last) => (_examples - last.Examples) / Math.Max((_clock.Elapsed - last.Time).TotalSeconds, 1e-9);

    private Checkpoint Capture() => _inputs.Start with
    {
        Term = _inputs.Start.Term + 1,
        Spec = _spec,
        Step = _trainer.CompletedSteps,
        Parameters = CheckpointTensors.CopyFrom(_trainer.Layout, _trainer.Weights),
        Slots = CheckpointTensors.CopySlotsFrom(_trainer.Layout, _spec.Optimizer.Slots, _trainer.State),
        Unreported = _unreported,
        WeightsSha256 = _trainer.WeightsSha256,
    };
}
