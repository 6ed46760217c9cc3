using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// What a coordinator can continue from: the checkpoint it was started with, and those that leaders have put into its folder since.
/// </summary>
/// <param name="options">The training that this process was started for.</param>
/// <param name="disk">The disk of its folder.</param>
internal sealed class Resumption(TrainingOptions options, Disk disk)
{
    public Replica Own => Find()?.Replica ?? default;

    /// <summary>The training options for leading a term.</summary>
    public TrainingOptions OptionsOf(LeadershipTask.Train train)
    {
        TrainingOptions led = options;
        // The checkpoint may come from another leader of the same run spec, under another run id. The bytes are the same.
        if (Find() is { } found)
            led = led with
            {
                ResumeFrom = found.Checkpoint with
                {
                    RunId = train.Run.ToString("x16"),
                    Term = Math.Min(found.Checkpoint.Term, train.Term),
                },
            };
        led = led with { Best = FindBest() };
        // Some workers may have been lost together with the previous leader.
        return options.Peers.Count > 0 && train.Term > 1 ? led with { MinWorkers = 1 } : led;
    }

    /// <summary>What followers of a training replicate.</summary>
    /// <param name="state">The training.</param>
    /// <param name="led">Its options, from <see cref="OptionsOf"/>.</param>
    public ReplicaSource SourceOf(RunState state, TrainingOptions led) =>
        new(state.Run, state.Term, led.Spec, led.TraceFile, led.MetricsFile, led.ResumeFrom, led.Best, disk);

    /// <summary>The message for the leadership when a training ends.</summary>
    public RunEndedHere Ended(RunOutcome outcome) =>
        outcome == RunOutcome.Yielded ? new RunEndedHere(Own, Yields: true) : new RunEndedHere(default, Yields: false);

    /// <summary>The result of a run that ended elsewhere, from its last checkpoint.</summary>
    public RunResult Conclude()
    {
        Checkpoint? last = Find()?.Checkpoint;
        if (last is null || !(last with { Spec = options.Spec }).IsComplete)
            return NothingDone(
                last, RunOutcome.Failed, "The run is complete, and its last checkpoint is not in this coordinator's folder.");
        RunSpec spec = options.Spec;
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(last.Parameters, layout, weights);
        var evaluator = new Lockstep.Model.Evaluation.Evaluator(spec.Model, layout, spec.Loss);
        return NothingDone(last, RunOutcome.Completed, message: null).With(
            evaluator.Evaluate(weights, options.Data.Training, options.Data.TrainingExamples, options.Data.ValidationExamples),
            evaluator.Evaluate(weights, options.Data.Test, 0, options.Data.Test.Count),
            spec.Data);
    }

    /// <summary>The result of a coordinator that has trained nothing.</summary>
    public RunResult End(RunOutcome outcome, string message) => NothingDone(Find()?.Checkpoint, outcome, message);

    /// <summary>
    /// The newest checkpoint to continue from: of those in the folder that others may have written, and the one given at the start.
    /// </summary>
    private (Replica Replica, Checkpoint Checkpoint)? Find()
    {
        Checkpoint? newest = options.ResumeFrom;
        if (options.Peers.Count > 0)
        {
            try
            {
                if (new CheckpointStore(options.CheckpointDirectory, disk).LoadNewest() is { } found
                    && found.Checkpoint.Step > (newest?.Step ?? -1))
                    newest = found.Checkpoint;
            }
            catch (CheckpointException)
            {
                // None is usable: a leader's replica will replace them, or the run starts anew.
            }
        }

        return newest is null ? null : (new Replica(Convert.ToUInt64(newest.RunId, 16), newest.Term, newest.Step), newest);
    }

    private BestResult? FindBest() => options.KeepBest is { } metric
        ? BestResult.Find(metric, new CheckpointStore(options.CheckpointDirectory, disk), options.Spec, options.Data)
        : null;

    private RunResult NothingDone(Checkpoint? last, RunOutcome outcome, string? message) => new()
    {
        Outcome = outcome,
        Message = message,
        FirstStep = last?.Step ?? 0,
        Steps = last?.Step ?? 0,
        WeightsSha256 = last?.WeightsSha256 ?? "",
        Checkpoint = last is null ? null : Path.Combine(options.CheckpointDirectory, CheckpointStore.FileName(last.Step)),
        StopReason = last?.StopReason,
        Best = FindBest(),
        TrainSeconds = 0,
        Examples = 0,
        Workers = 0,
        Lanes = 0,
    };
}
