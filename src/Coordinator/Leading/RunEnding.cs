using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Coordinator.Workers;
using Lockstep.Model.Training;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>
/// The end of a run on this coordinator. Waits for the last step, final checkpoint, final evaluation and the workers' goodbyes, in any
/// order; then tells the followers and completes the result.
/// </summary>
/// <param name="state">The run.</param>
/// <param name="workers">All members.</param>
/// <param name="ports">Roles that it asks and tells.</param>
internal sealed class RunEnding(RunState state, WorkerAdmission workers, CoordinationPorts ports)
{
    /// <summary>The reason that workers get when the run ends for all coordinators.</summary>
    public const string RunIsOver = "The run is over.";

    private static readonly TimeSpan ByeTimeout = TimeSpan.FromSeconds(3), FollowersTimeout = TimeSpan.FromSeconds(10);

    private RunOutcome? _failure;
    private string? _message, _checkpoint, _best;
    private TrainingEnded? _training;
    private FinalEvaluationReady? _evaluation;
    private string _weightsSha256 = "";
    private int _workersAtEnd, _lanesAtEnd;
    private TimeSpan? _byeDeadline, _followersBy;
    private bool _finalSaved, _workersTold, _workersLeft, _isCompleted;

    /// <summary>Whether the followers know what becomes of the run, so that they may leave.</summary>
    public bool HasToldFollowers { get; private set; }

    /// <summary>
    /// Whether another coordinator continues the run that has ended here. Only a failure of the run itself ends it for all.
    /// </summary>
    public bool GoesOnElsewhere => IsYielded || (ports.Followers.Any && !IsComplete && !IsRunFailed);

    /// <summary>
    /// Whether the run has ended for all coordinators. Known only after the last checkpoint: if that fails, another coordinator continues.
    /// </summary>
    public bool IsOverForAll => _finalSaved && !GoesOnElsewhere;

    private bool IsComplete => _training is { IsComplete: true } && _failure is not RunOutcome.Failed;

    /// <summary>The run itself failed, and would fail in the same way anywhere.</summary>
    private bool IsRunFailed => _training?.Failure is not null;

    /// <summary>Another coordinator leads instead of this one.</summary>
    private bool IsYielded => _failure == RunOutcome.Yielded && !IsComplete;

    /// <summary>Records that the run does not complete here. The first reason wins, but a failure replaces a stop.</summary>
    public void Fail(RunOutcome outcome, string message)
    {
        if (_failure is null or RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded)
            (_failure, _message) = (outcome, message);
    }

    /// <summary>Handles the last step: tells workers and requests what is still missing.</summary>
    public void Begin(TrainingEnded ended)
    {
        if (ended.Failure is not null)
            Fail(RunOutcome.Failed, ended.Failure);
        _finalSaved |= !ended.IsSaving;
        _training = ended;
        _weightsSha256 = WeightsDigest.Sha256(state.Layout, ended.Weights.Buffer.Span);
        (_workersAtEnd, _lanesAtEnd) = (workers.Ready.Count, workers.Ready.Sum(member => member.Lanes));
        if (IsComplete)
            ports.Evaluator.Tell(new EvaluateFinal(ended.Weights));
        else
            ended.Weights.Release();
        GoOn();
    }

    /// <summary>Tells a worker what becomes of the run.</summary>
    public void SendBye(WorkerLink link)
    {
        if (!_workersTold)
            return; // All are told together, later.
        if (GoesOnElsewhere)
            link.PostMoved("another coordinator continues the run");
        else
            link.PostBye(RunIsOver);
    }

    public void OnSaved(SnapshotSaved saved)
    {
        _checkpoint = saved.Path;
        _finalSaved |= saved.IsFinal;
        GoOn();
    }

    public void OnBestSaved(BestSaved saved) => _best = saved.Path;

    public void OnSaveFailed(SnapshotFailed failed)
    {
        if (!failed.IsFinal)
            return;
        Fail(RunOutcome.Failed, $"The final weights could not be saved: {failed.Reason}");
        _finalSaved = true;
        GoOn();
    }

    public void OnEvaluated(FinalEvaluationReady evaluation)
    {
        _evaluation = evaluation;
        GoOn();
    }

    /// <summary>A worker has closed its stream, or a follower is gone.</summary>
    public void OnGone() => GoOn();

    /// <summary>Advances the time; stops waiting for workers and followers after a limit.</summary>
    public void Tick(TimeSpan now)
    {
        if (!_workersTold)
            return;
        _byeDeadline ??= now + ByeTimeout;
        _workersLeft |= _byeDeadline <= now;
        GoOn();
        if (!HasToldFollowers)
            return;
        _followersBy ??= now + FollowersTimeout;
        if (_followersBy <= now)
            Complete();
    }

    /// <summary>Does what is possible now: tells the workers, then the followers, then completes the result.</summary>
    private void GoOn()
    {
        if (_training is null || !_finalSaved)
            return;
        if (!_workersTold)
        {
            _workersTold = true;
            // A worker closes its stream when it has read the frame. Closing from here would lose the frame on its way to a slow worker,
            // which would then look for a coordinator that is gone.
            foreach (WorkerLink link in workers.Links.Values)
                SendBye(link);
        }

        _workersLeft |= workers.Members.All(member => member.Link is null);
        if (!_workersLeft || (IsComplete && _evaluation is null))
            return;
        if (!HasToldFollowers)
        {
            HasToldFollowers = true;
            (ByeReason? why, string reason) = this switch
            {
                { IsYielded: true } => ((ByeReason?)null, "it leads no more"),
                { IsComplete: true } => (ByeReason.RunComplete, RunIsOver),
                { IsRunFailed: true } => (ByeReason.RunFailed, _message ?? "the run failed"),
                _ => (ByeReason.HandsOver, $"it ends: {_message}"),
            };
            ports.Followers.End(why, reason);
        }

        if (!ports.Followers.Any)
            Complete();
    }

    private void Complete()
    {
        if (_isCompleted)
            return;
        _isCompleted = true;
        // A stop that arrives during the last step stops nothing.
        bool stoppedNothing = IsComplete && _failure is RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded;
        var result = new RunResult
        {
            Outcome = stoppedNothing ? RunOutcome.Completed : _failure ?? RunOutcome.Completed,
            Message = stoppedNothing ? null : _message,
            FirstStep = state.FirstStep,
            Steps = _training!.Step,
            WeightsSha256 = _weightsSha256,
            Checkpoint = _checkpoint,
            StopReason = _training.StopReason,
            Best = _training.Best is { } best ? best with { Checkpoint = _best ?? best.Checkpoint } : null,
            TrainSeconds = _training.TrainSeconds,
            Examples = _training.Examples,
            Workers = _workersAtEnd,
            Lanes = _lanesAtEnd,
            SlicedSteps = _training.SlicedSteps,
            LastFiniteStep = _training.LastFiniteStep,
        };
        ports.Complete(_evaluation is { } evaluated ? result.With(evaluated.Validation, evaluated.Test, state.Spec.Data) : result);
    }
}
