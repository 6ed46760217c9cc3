namespace Lockstep.Coordinator;

/// <summary>
/// Collects what the end of a run consists of, in whatever order it comes: last step, final checkpoint, final evaluation, workers and followers told.
/// </summary>
/// <param name="firstStep">The step that this part of the run began with.</param>
/// <param name="totalSteps">Steps of the whole run.</param>
internal sealed class RunEnding(long firstStep, long totalSteps)
{
    private RunOutcome? _failure;
    private bool _isTold;

    public TrainingEnded? Training { get; set; }

    public string WeightsSha256 { get; set; } = "";

    public FinalEvaluationReady? Evaluation { get; set; }

    public string? Checkpoint { get; set; }

    /// <summary>The final checkpoint is written, or there will be none.</summary>
    public bool FinalSaved { get; set; }

    /// <summary>All workers know that the run is over here, or were given long enough to hear it.</summary>
    public bool FarewellSaid { get; set; }

    /// <summary>All followers know what is to become of the run, or were given long enough.</summary>
    public bool FollowersTold { get; set; }

    public int Workers { get; set; }

    public int Lanes { get; set; }

    /// <summary>What happened, for people; null while nothing did.</summary>
    public string? Message { get; private set; }

    /// <summary>All steps are done and saved.</summary>
    public bool IsComplete => Training is { Failure: null } training && training.Step == totalSteps && _failure is not RunOutcome.Failed;

    /// <summary>The run itself failed: it would fail in the same way anywhere.</summary>
    public bool IsRunFailed => Training?.Failure is not null;

    /// <summary>Another coordinator leads in place of this one.</summary>
    public bool IsYielded => _failure == RunOutcome.Yielded && !IsComplete;

    /// <summary>Everything that happens here is done; followers may be told.</summary>
    public bool IsDone => Training is not null && FinalSaved && FarewellSaid && (!IsComplete || Evaluation is not null);

    /// <summary>The run did not complete. The first reason counts, except that a stop which also failed has failed.</summary>
    public void Fail(RunOutcome outcome, string message)
    {
        if (_failure is null or RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded)
            (_failure, Message) = (outcome, message);
    }

    /// <summary>The result, once, when everything is there.</summary>
    public RunResult? TryComplete()
    {
        if (!IsDone || !FollowersTold || _isTold)
            return null;
        _isTold = true;
        // What came during the last step stopped nothing.
        bool stoppedNothing = IsComplete && _failure is RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded;
        return new RunResult
        {
            Outcome = stoppedNothing ? RunOutcome.Completed : _failure ?? RunOutcome.Completed,
            Message = stoppedNothing ? null : Message,
            FirstStep = firstStep,
            Steps = Training!.Step,
            WeightsSha256 = WeightsSha256,
            Checkpoint = Checkpoint,
            ValidationAccuracy = Evaluation?.ValidationAccuracy,
            TestAccuracy = Evaluation?.TestAccuracy,
            TrainSeconds = Training.TrainSeconds,
            Examples = Training.Examples,
            Workers = Workers,
            Lanes = Lanes,
        };
    }
}
