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
/// The end of a run here: collects what it consists of, in whatever order it comes (last step, final checkpoint, final evaluation, workers told), then
/// tells the followers, and completes the result.
/// </summary>
/// <param name="state">The run.</param>
/// <param name="totalSteps">Steps of the whole run.</param>
/// <param name="workers">All members.</param>
/// <param name="ports">Whom it asks and tells.</param>
internal sealed class RunEnding(RunState state, long totalSteps, WorkerAdmission workers, CoordinationPorts ports)
{
    /// <summary>What workers hear when no coordinator needs them any more.</summary>
    public const string RunIsOver = "The run is over.";

    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(3), FollowersTimeout = TimeSpan.FromSeconds(10);

    private RunOutcome? _failure;
    private string? _message, _checkpoint;
    private TrainingEnded? _training;
    private FinalEvaluationReady? _evaluation;
    private string _weightsSha256 = "";
    private int _workersAtEnd, _lanesAtEnd;
    private TimeSpan? _farewellBy, _followersBy;
    private bool _finalSaved, _workersTold, _farewellSaid, _isCompleted;

    /// <summary>Whether the followers know what is to become of the run, so that they may go.</summary>
    public bool HasToldFollowers { get; private set; }

    /// <summary>Whether another coordinator goes on with the run that has ended here. Only a fault of the run itself ends it for all.</summary>
    public bool GoesOnElsewhere => IsYielded || (ports.Followers.Any && !IsComplete && !IsRunFailed);

    /// <summary>Whether the run that has ended here goes on nowhere. It shows with the last checkpoint: if that fails, another coordinator goes on.</summary>
    public bool IsOverForAll => _finalSaved && !GoesOnElsewhere;

    /// <summary>All steps are done and saved.</summary>
    private bool IsComplete => _training is { Failure: null } training && training.Step == totalSteps && _failure is not RunOutcome.Failed;

    /// <summary>The run itself failed: it would fail in the same way anywhere.</summary>
    private bool IsRunFailed => _training?.Failure is not null;

    /// <summary>Another coordinator leads in place of this one.</summary>
    private bool IsYielded => _failure == RunOutcome.Yielded && !IsComplete;

    /// <summary>The run does not complete here. The first reason counts, except that a stop which also failed has failed.</summary>
    public void Fail(RunOutcome outcome, string message)
    {
        if (_failure is null or RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded)
            (_failure, _message) = (outcome, message);
    }

    /// <summary>The last step is done. Workers are told, and what is still to be known is asked for.</summary>
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

    /// <summary>Tells a worker what is to become of it.</summary>
    public void SayGoodBye(WorkerLink link)
    {
        if (!_workersTold)
            return; // With all others, later.
        if (GoesOnElsewhere)
            link.PostMoved("another coordinator goes on with the run");
        else
            link.PostBye(RunIsOver);
    }

    /// <summary>A checkpoint is on the disk.</summary>
    public void OnSaved(SnapshotSaved saved)
    {
        _checkpoint = saved.Path;
        _finalSaved |= saved.IsFinal;
        GoOn();
    }

    /// <summary>A checkpoint could not be written.</summary>
    public void OnSaveFailed(SnapshotFailed failed)
    {
        if (!failed.IsFinal)
            return;
        Fail(RunOutcome.Failed, $"The final weights could not be saved: {failed.Reason}");
        _finalSaved = true;
        GoOn();
    }

    /// <summary>The accuracy of the final weights is known.</summary>
    public void OnEvaluated(FinalEvaluationReady evaluation)
    {
        _evaluation = evaluation;
        GoOn();
    }

    /// <summary>A worker has closed its stream, or a follower is gone.</summary>
    public void OnGone() => GoOn();

    /// <summary>Time has passed; nobody is waited for longer than is good.</summary>
    public void Tick(TimeSpan now)
    {
        if (!_workersTold)
            return;
        _farewellBy ??= now + FarewellTimeout;
        _farewellSaid |= _farewellBy <= now;
        GoOn();
        if (!HasToldFollowers)
            return;
        _followersBy ??= now + FollowersTimeout;
        if (_followersBy <= now)
            Complete();
    }

    /// <summary>Does what can be done by now: tells the workers, then the followers, then completes.</summary>
    private void GoOn()
    {
        if (_training is null || !_finalSaved)
            return;
        if (!_workersTold)
        {
            _workersTold = true;
            // A worker that has heard it closes its stream. Closed from here, the stream would lose what is still on its way to a slow one,
            // which would then look for a coordinator that is gone.
            foreach (WorkerLink link in workers.Links.Values)
                SayGoodBye(link);
        }

        _farewellSaid |= workers.Members.All(member => member.Link is null);
        if (!_farewellSaid || (IsComplete && _evaluation is null))
            return;
        if (!HasToldFollowers)
        {
            HasToldFollowers = true;
            (Farewell? why, string reason) = this switch
            {
                { IsYielded: true } => ((Farewell?)null, "it leads no more"),
                { IsComplete: true } => (Farewell.RunComplete, RunIsOver),
                { IsRunFailed: true } => (Farewell.RunFailed, _message ?? "the run failed"),
                _ => (Farewell.HandsOver, $"it ends: {_message}"),
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
        // What came during the last step stopped nothing.
        bool stoppedNothing = IsComplete && _failure is RunOutcome.Stopped or RunOutcome.HandedOver or RunOutcome.Yielded;
        ports.Complete(new RunResult
        {
            Outcome = stoppedNothing ? RunOutcome.Completed : _failure ?? RunOutcome.Completed,
            Message = stoppedNothing ? null : _message,
            FirstStep = state.FirstStep,
            Steps = _training!.Step,
            WeightsSha256 = _weightsSha256,
            Checkpoint = _checkpoint,
            ValidationAccuracy = _evaluation?.ValidationAccuracy,
            TestAccuracy = _evaluation?.TestAccuracy,
            TrainSeconds = _training.TrainSeconds,
            Examples = _training.Examples,
            Workers = _workersAtEnd,
            Lanes = _lanesAtEnd,
            LastFiniteStep = _training.LastFiniteStep,
        });
    }
}
