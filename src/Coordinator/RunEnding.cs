namespace Lockstep.Coordinator;

/// <summary>Collects what the end of a run consists of, in whatever order it comes: last step, final checkpoint, final evaluation, farewell.</summary>
internal sealed class RunEnding
{
    private RunOutcome? _failure;
    private string? _message;

    public TrainingEnded? Training { get; set; }

    public string WeightsSha256 { get; set; } = "";

    public FinalEvaluationReady? Evaluation { get; set; }

    public string? Checkpoint { get; set; }

    /// <summary>The final checkpoint is written, or there will be none.</summary>
    public bool FinalSaved { get; set; }

    /// <summary>All workers know that the run is over, or were given long enough to hear it.</summary>
    public bool FarewellSaid { get; set; }

    public int Workers { get; set; }

    public int Lanes { get; set; }

    /// <summary>The run did not complete. The first reason counts, except that a stop which also failed has failed.</summary>
    public void Fail(RunOutcome outcome, string message)
    {
        if (_failure is null or RunOutcome.Stopped or RunOutcome.HandedOver)
            (_failure, _message) = (outcome, message);
    }

    /// <summary>Whether a standby is to go on with the run, which has ended here.</summary>
    public bool HandsOver(long totalSteps) => _failure == RunOutcome.HandedOver && Training is { } training && training.Step < totalSteps;

    /// <summary>The result, when everything is there.</summary>
    public RunResult? ToResult(long totalSteps)
    {
        if (Training is null || !FinalSaved || !FarewellSaid)
            return null;
        bool complete = Training.Step == totalSteps && Training.Failure is null;
        if (complete && Evaluation is null)
            return null;
        // A stop that came during the last step stopped nothing.
        bool stoppedNothing = complete && _failure is RunOutcome.Stopped or RunOutcome.HandedOver;
        return new RunResult
        {
            Outcome = stoppedNothing ? RunOutcome.Completed : _failure ?? RunOutcome.Completed,
            Message = stoppedNothing ? null : _message,
            Steps = Training.Step,
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
