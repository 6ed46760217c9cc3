using System.Diagnostics;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Verification;

/// <summary>Trains a run again in this process, and compares the weights with its trace and its checkpoints.</summary>
internal sealed class Replay : IDisposable
{
    private static readonly TimeSpan ShowEvery = TimeSpan.FromSeconds(2);

    private readonly RunHistory _run;
    private readonly RunSpec _spec;
    private readonly ReplayOptions _options;
    private readonly LocalTrainer _trainer;
    private readonly TraceReader? _trace;
    private readonly Evaluator _evaluator;
    private readonly Dataset _data;
    private readonly long _evaluateEvery;
    private readonly long _to;
    private readonly CancellationToken _cancellation;
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();
    private TraceLine? _line;

    private Replay(RunHistory run, ReplayStart start, Dataset data, ReplayOptions options, CancellationToken cancellation)
    {
        (_run, _spec, _data, _options, _cancellation) = (run, run.Spec!, data, options, cancellation);
        _to = options.UpTo ?? run.LastStep;
        int lanes = options.Lanes > 0 ? options.Lanes : Processors.Usable;
        _trainer = new LocalTrainer(_spec, data.Training, start.Step, start.Weights, start.State, lanes);
        Unreported = start.From?.Unreported ?? default;
        Stopping = start.From?.Stopping ?? default;
        _evaluator = new Evaluator(_spec.Model, _trainer.Layout, _spec.Loss);
        _evaluateEvery = _spec.Stop?.EverySteps ?? run.Configuration.EvaluateEvery.Steps(_spec.StepsPerEpoch);
        _trace = run.OpenTrace();
    }

    /// <summary>Completed steps.</summary>
    public long Step => _trainer.CompletedSteps;

    /// <summary>Digest of the weights after them.</summary>
    public string WeightsSha256 => _trainer.WeightsSha256;

    /// <summary>Steps that were compared with the trace.</summary>
    public long TracedSteps { get; private set; }

    /// <summary>Checkpoints that were compared.</summary>
    public int Checkpoints { get; private set; }

    private NodeStatistics Unreported { get; set; }

    private StopState Stopping { get; set; }

    /// <summary>Compares every step of a run and every checkpoint on the way, from the beginning, on a thread of its own.</summary>
    public static Task<VerificationResult> VerifyAsync(
        RunHistory run, Dataset data, ReplayOptions options, CancellationToken cancellation) =>
        OnAThread(() => Make(run, data, options, fromBeginning: true, cancellation), replay => replay.Verify(), cancellation);

    /// <summary>
    /// Trains from the nearest checkpoint before a step up to that step, comparing every step on the way, on a thread of its own.
    /// </summary>
    public static Task<(TrainedModel? Model, VerificationResult Result)> GoToAsync(
        RunHistory run, Dataset data, ReplayOptions options, CancellationToken cancellation) =>
        OnAThread(() => Make(run, data, options, fromBeginning: false, cancellation), replay => replay.GoTo(), cancellation);

    private static Task<T> OnAThread<T>(Func<Replay> make, Func<Replay, T> use, CancellationToken cancellation) =>
        Task.Factory.StartNew(() =>
        {
            using Replay replay = make();
            return use(replay);
        }, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Replay Make(RunHistory run, Dataset data, ReplayOptions options, bool fromBeginning, CancellationToken cancellation)
    {
        if (run.Spec is not { } spec)
        {
            throw new RequestException(
                [$"No checkpoint in {run.Folder} has the run spec of its trace, so the run cannot be trained again.", .. run.Notes]);
        }

        if (spec.Data.Sha256 != data.Sha256)
            throw new RequestException($"The run was trained on {spec.Data.Name} with digest {spec.Data.Sha256}; "
                + $"this is {data.Name} with digest {data.Sha256}. Give the same data set.");
        if (options.UpTo > (fromBeginning ? run.LastStep : spec.TotalSteps))
        {
            throw new RequestException(fromBeginning
                ? $"--to {options.UpTo}: the run in {run.Folder} got to step {Format.Count(run.LastStep)}. Give a step up to that."
                : $"--to {options.UpTo}: the run in {run.Folder} has {Format.Plural(spec.TotalSteps, "step")}. Give a step up to that.");
        }

        ReplayStart start = (fromBeginning ? null : ReplayStart.Before(run, options))
            ?? ReplayStart.Beginning(spec, options.BeganWith, run.Configuration);
        options.OnBegin?.Invoke(start.Step);
        try
        {
            return new Replay(run, start, data, options, cancellation);
        }
        catch (ArgumentException e)
        {
            throw new RequestException($"The run in {run.Folder} cannot be trained again: {e.Message}", e);
        }
    }

    private VerificationResult Verify() => Result(Run(compareCheckpoints: true));

    private (TrainedModel? Model, VerificationResult Result) GoTo()
    {
        VerificationResult result = Result(Run(compareCheckpoints: false));
        return (result.IsIdentical ? new TrainedModel(ToCheckpoint()) : null, result);
    }

    private VerificationResult Result(string? difference) => new(Step, difference, TracedSteps, Checkpoints, WeightsSha256);

    /// <summary>Trains up to the last step.</summary>
    /// <returns>The first difference, at <see cref="Step"/>; null for none.</returns>
    private string? Run(bool compareCheckpoints)
    {
        ILookup<long, string>? files = compareCheckpoints ? _run.Files.ToLookup(file => file.Step, file => file.Path) : null;
        var notes = new List<string>();
        _line = _trace?.Next();
        while (true)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (CompareTrace() is { } difference)
                return difference;
            foreach (string path in files?[Step] ?? [])
            {
                // What cannot be read is no evidence.
                if ((RunHistory.TryRead(path, notes) is { } checkpoint ? CompareCheckpoint(path, checkpoint) : notes[0]) is { } found)
                    return found;
            }

            if (Step >= _to)
                return null;
            if (_spec.Stop?.ReasonIn(Stopping) is { } reason)
                return $"the run went on, although it stops here: {reason}";
            Show();
            Unreported += _trainer.Step();
            if (Step == _spec.TotalSteps || (_evaluateEvery > 0 && Step % _evaluateEvery == 0))
                Unreported = default;
            if (_spec.Stop is { } rule && rule.Counts(Step))
            {
                Stopping = Stopping.After(rule, Step, _evaluator.Evaluate(
                    _trainer.Weights, _data.Training, _data.TrainingExamples, _data.ValidationExamples).Of(rule.Metric));
            }
        }
    }

    /// <summary>The state as the checkpoint that the run had at this step.</summary>
    public Checkpoint ToCheckpoint() => new()
    {
        RunId = _run.Newest!.RunId,
        Term = _run.Newest.Term,
        Spec = _spec,
        Step = Step,
        Parameters = CheckpointTensors.CopyFrom(_trainer.Layout, _trainer.Weights),
        Slots = CheckpointTensors.CopySlotsFrom(_trainer.Layout, _spec.Optimizer.Slots, _trainer.State),
        Unreported = Unreported,
        Stopping = Stopping,
        WeightsSha256 = WeightsSha256,
    };

    public void Dispose() => _trace?.Dispose();

    private string? CompareTrace()
    {
        if (_trace is null)
            return null;
        if (Step == _trace.FirstStep && WeightsHash.Of(_trainer.Weights) is var all && all != _trace.FirstWeights)
            return $"the trace begins with weights of hash {_trace.FirstWeights}, "
                + $"trained again they have {all}";
        while (_line is { } early && early.Step < Step)
            _line = _trace.Next();
        if (_line is not { } line || line.Step != Step)
            return null;
        Hash128 trained = WeightsHash.Of(_trainer.Weights[.._trainer.Layout.TrainableLength]);
        if (trained != line.Weights)
            return $"the trace has weights of hash {line.Weights}, "
                + $"trained again they have {trained}";
        if (!line.Follows)
            return "the trace has the right weights, but its chained hash does not follow from the lines before: it was changed";
        TracedSteps++;
        return null;
    }

    private string? CompareCheckpoint(string path, Checkpoint checkpoint)
    {
        if (TraceChain.HashOf(checkpoint.Spec) != _run.SpecHash)
        {
            IEnumerable<string> differences = SpecDifferences.Between(_spec, checkpoint.Spec)
                .Select(difference => difference.ToString("the run", "it"));
            return $"{path} is of another run: {string.Join("; ", differences)}";
        }

        if (checkpoint.Step != Step)
            return $"{path} holds step {Format.Count(checkpoint.Step)}, not the one that its name says";
        Checkpoint own = ToCheckpoint();
        if (TensorDifference.Largest(own.Parameters, checkpoint.Parameters) is { } weights)
            return $"{path} has other weights: {weights.ToString("trained again", "in it")}";
        if (own.Stopping != checkpoint.Stopping)
            return $"{path} says of the evaluations so far {checkpoint.Stopping}, trained again they gave {own.Stopping}";
        foreach ((OptimizerSlot trained, OptimizerSlot saved) in own.Slots.Zip(checkpoint.Slots))
        {
            if (TensorDifference.Largest(trained.Tensors, saved.Tensors) is { } state)
                return $"{path} has another optimizer state: {state.ToString("trained again", "in it")}";
        }

        Checkpoints++;
        return null;
    }

    private void Show()
    {
        if (_sinceShown.Elapsed < ShowEvery)
            return;
        _sinceShown.Restart();
        _options.OnProgress?.Invoke(Step, _to);
    }
}
