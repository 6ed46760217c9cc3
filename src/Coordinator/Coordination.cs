using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Peers;
using Lockstep.Coordinator.Workers;
using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator;

/// <summary>Where a run is.</summary>
internal enum RunPhase
{
    /// <summary>Not enough ready workers yet.</summary>
    Gathering,

    /// <summary>Steps are being computed, or wait for a worker.</summary>
    Training,

    /// <summary>No more steps; the last evaluation and the last checkpoint are under way.</summary>
    Ending,
}

/// <summary>What <see cref="Coordination"/> acts on, besides the mailboxes of other roles.</summary>
/// <param name="ParameterServer">Told who takes part, and when to end.</param>
/// <param name="Evaluator">Asked for the final evaluation.</param>
/// <param name="Followers">The coordinators that replicate this run.</param>
/// <param name="OpenLink">Takes a worker's stream over: its number, the stream, the digest of the images that it has.</param>
/// <param name="Complete">Called once, with the end of the run.</param>
internal sealed record CoordinationPorts(
    IMailbox ParameterServer, IMailbox Evaluator, IFollowers Followers, Func<WorkerId, FrameStream, string, WorkerLink> OpenLink, Action<RunResult> Complete);

/// <summary>
/// The role that owns membership and the phases of a run, for as long as this coordinator leads it. Receives join requests of workers, the fate of their
/// streams and of their cluster nodes, and the reports of the other roles. Sends offers to workers, who takes part to the parameter server, events to
/// whoever watches, and in the end the result. Without actors, threads or clocks: one message at a time, with the time.
/// </summary>
internal sealed class Coordination
{
    private const string RunIsOver = "The run is over.", OwesNothing = "It owes nothing.";
    private const int MaxPeersRefusedTold = 100;
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(3), FollowersTimeout = TimeSpan.FromSeconds(10);

    private readonly CoordinatorContext _context;
    private readonly CoordinationPorts _ports;
    private readonly RunMeter _meter;
    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly WorkerAdmission _workers;
    private readonly WorkerWait _wait;
    private readonly string _fingerprint = NumericsFingerprint.Compute();
    private readonly RunEnding _ending;
    private readonly Dictionary<int, string> _goneBefore = [];
    private Roster _roster = Roster.Empty;
    private TimeSpan _now;
    private TimeSpan? _farewellBy, _followersBy;
    private int _launchedLost;
    private int _peersRefused;
    private bool _isStopping;

    public Coordination(CoordinatorContext context, CoordinationPorts ports, RunMeter meter, TimeSpan now)
    {
        _context = context;
        _ports = ports;
        _meter = meter;
        _options = context.Options;
        _state = context.State;
        _now = now;
        Step = _state.FirstStep;
        _workers = new WorkerAdmission(context.Tokens);
        _wait = new WorkerWait(_options.MinWorkers > 0 ? _options.MinWorkers : _options.Launches.Count, _options.WorkerTimeout, now);
        _ending = new RunEnding(_state.FirstStep, _options.Spec.TotalSteps);
        Raise(new RunEvent.WaitingForWorkers(0, _wait.Needed, _options.WorkerTimeout));
        if (_options.TraceFile is null)
            _ports.Followers.Begin();
    }

    /// <summary>Where the run is.</summary>
    public RunPhase Phase { get; private set; } = RunPhase.Gathering;

    /// <summary>All members, in the order of joining.</summary>
    public IReadOnlyCollection<Member> Members => _workers.Members;

    /// <summary>Workers that compute.</summary>
    public int Ready => _workers.Ready.Count;

    /// <summary>Completed steps, as last reported.</summary>
    public long Step { get; private set; }

    /// <summary>Whether the run is over for everybody, as far as this coordinator knows.</summary>
    public bool IsOver => Phase == RunPhase.Ending && !GoesOnElsewhere;

    /// <summary>Handles a message.</summary>
    /// <param name="message">One of those in <c>Messages.cs</c>; others are ignored.</param>
    /// <param name="now">Time of a clock that nobody sets.</param>
    public void Receive(object message, TimeSpan now)
    {
        _now = now;
        switch (message)
        {
            case WorkerAsked asked:
                OnWorkerAsked(asked);
                break;
            case PeerRefused refused:
                OnPeerRefused(refused);
                break;
            case StreamOpened opened:
                OnStreamOpened(opened);
                break;
            case LinkReady ready:
                OnLinkReady(ready);
                break;
            case LinkLeaving leaving:
                OnLinkLeaving(leaving);
                break;
            case LinkLost lost:
                RemoveWorker(lost.Worker, lost.Reason, isRefused: lost.IsFault);
                break;
            case NodeRemoved removed:
                if (_workers.FindByNode(removed.Node) is { } gone)
                    RemoveWorker(gone.Id, "the cluster removed its node");
                break;
            case LaunchProgressed progressed:
                _wait.Await(_now);
                Raise(new RunEvent.ProgramCarried(progressed.Host, progressed.Bytes, progressed.TotalBytes));
                break;
            case LaunchedWorkerExited exited:
                OnLaunchedWorkerExited(exited);
                break;
            case StepReport report:
                OnStepReport(report);
                break;
            case StepDone done:
                Raise(new RunEvent.StepCompleted(done.Step, done.Statistics));
                break;
            case MetricsReady ready:
                _meter.Evaluated(ready.Metrics);
                Raise(new RunEvent.MetricsRecorded(ready.Metrics));
                break;
            case TraceBegun:
                _ports.Followers.Begin();
                break;
            case TraceTroubled troubled:
                Raise(new RunEvent.Warning(troubled.Problem));
                break;
            case SnapshotSaved saved:
                OnSnapshotSaved(saved);
                break;
            case SnapshotFailed failed:
                OnSnapshotFailed(failed);
                break;
            case SnapshotsMerged merged:
                Raise(new RunEvent.Warning($"Checkpoints fall due faster than the disk takes them: that of step {merged.Step:N0} is left out, as all are that wait when the next one is due. Give a longer --checkpoint-every."));
                break;
            case FollowerReplicated replicated:
                OnFollowerReplicated(replicated);
                break;
            case FollowerLost lost:
                OnFollowerLost(lost);
                break;
            case StopRun:
                OnStopRun();
                break;
            case YieldRun yield:
                OnYieldRun(yield);
                break;
            case TrainingEnded ended:
                OnTrainingEnded(ended);
                break;
            case FinalEvaluationReady evaluation:
                _ending.Evaluation = evaluation;
                CompleteWhenDone();
                break;
        }
    }

    /// <summary>Time has passed; called some times a second.</summary>
    public void Tick(TimeSpan now)
    {
        _now = now;
        if (Phase != RunPhase.Ending && _wait.GiveUp(now) is { } reason)
            EndRun(RunOutcome.ClusterLost, reason);
        if (_farewellBy <= now)
            OnFarewell();
        if (_followersBy <= now)
        {
            _ending.FollowersTold = true;
            CompleteWhenDone();
        }
    }

    /// <summary>Ends all streams; called when this coordinator leads no more.</summary>
    public void Stop()
    {
        foreach (Member member in _workers.Members.ToList())
            _workers.Remove(member.Id)?.Link?.Dispose();
    }

    // Joining

    private void OnWorkerAsked(WorkerAsked asked)
    {
        WorkerInfo worker = asked.Join.Worker;
        if (Phase == RunPhase.Ending)
        {
            // Where the run goes on elsewhere, the coordinator that leads it answers.
            if (!GoesOnElsewhere)
                asked.Asker.Tell(new RunEnded(Completed: true, RunIsOver));
            return;
        }

        if (ProductVersion.Objection(worker.Version, "the coordinator") is { } reason)
        {
            asked.Asker.Tell(new JoinRefused(reason));
            Raise(new RunEvent.WorkerRefused(asked.Name, reason));
            return;
        }

        while (_workers.FindDead(asked.Name, asked.Node, asked.Join.Attempt) is { } dead)
            RemoveWorker(dead.Id, dead.Node == asked.Node ? "its stream has ended" : "another process joined from its address");
        RunOffered? offer = _workers.Ask(
            asked.Name, asked.Node, asked.Join.Attempt, worker, token => new RunOffered(_state.Run, _state.Term, _context.StreamHost, _context.StreamPort, token));
        MeasureWorkers();
        if (offer is not null)
            asked.Asker.Tell(offer);
    }

    // Whoever reaches the port can cause these, and must not fill the disk with them.
    private void OnPeerRefused(PeerRefused refused)
    {
        if (_peersRefused++ < MaxPeersRefusedTold)
            Raise(new RunEvent.WorkerRefused(refused.Host, $"{refused.Reason}{(_peersRefused == MaxPeersRefusedTold ? "; more of these are not told" : "")}"));
    }

    private void OnStreamOpened(StreamOpened opened)
    {
        if (_workers.Link(opened.Node, (member, held) => _ports.OpenLink(member.Id, opened.Connection, held)) is not { } linked)
            opened.Connection.Dispose();
        else if (Phase == RunPhase.Ending)
            SayGoodBye(linked.Link!);
    }

    private void OnLinkReady(LinkReady ready)
    {
        if (_workers.Find(ready.Worker) is not { } member)
            return;
        if (ready.Fingerprint != _fingerprint)
        {
            string reason = $"Its numerics differ: a fixed training gave {ready.Fingerprint}, here {_fingerprint}. Weights would depend on who computed them.";
            Raise(new RunEvent.WorkerRefused(member.Name, reason));
            RemoveWorker(member.Id, reason, isRefused: true);
            return;
        }

        if (_workers.MarkReady(ready.Worker) is not { } joined)
            return;
        MeasureWorkers();
        Raise(new RunEvent.WorkerReady(Describe(joined)));
        OnReadyChanged();
    }

    /// <summary>Training begins, if there are enough workers for it; if it has begun, the steps are divided anew.</summary>
    private void OnReadyChanged()
    {
        IReadOnlyList<Member> ready = _workers.Ready;
        bool begins = _wait.Begins(ready.Count, _now);
        if (Phase == RunPhase.Gathering && begins && !_isStopping)
        {
            Phase = RunPhase.Training;
            _meter.TrainingStarted();
            Raise(new RunEvent.TrainingStarted(_state.FirstStep, ready.Count, ready.Sum(member => member.Lanes)));
        }

        if (Phase == RunPhase.Training)
            _ports.ParameterServer.Tell(new ChangeWorkers(_workers.StepWorkers, _workers.Links));
    }

    // Leaving

    private void OnLinkLeaving(LinkLeaving leaving)
    {
        if (_workers.MarkLeaving(leaving.Worker, leaving.Reason) is not { } member)
            return;
        MeasureWorkers();
        OnReadyChanged();
        if (Phase != RunPhase.Training)
            member.Link!.PostBye(OwesNothing);
    }

    // Losing

    private void OnLaunchedWorkerExited(LaunchedWorkerExited exited)
    {
        _launchedLost++;
        (string process, string end) = ProcessEnd.Describe(exited.Process, exited.Host, exited.ExitCode);
        if (_workers.Members.FirstOrDefault(member => member.Process == exited.Process) is { } member)
            RemoveWorker(member.Id, exited.Host is null ? $"its process {end}" : $"its {process} {end}");
        else if (Phase != RunPhase.Ending && _goneBefore.Remove(exited.Process, out string? gone))
            Raise(new RunEvent.WorkerProcessEnded(gone, process, end)); // The end of its stream was seen first.
        int launched = _options.Launches.Count, left = launched - _launchedLost;
        if (Phase == RunPhase.Gathering)
        {
            Raise(new RunEvent.Warning($"The worker's {process} {end} before training began. {exited.LastWords}".TrimEnd()));
            if (_options.MinWorkers == 0)
                _wait.ExpectOneLess();
        }

        if (left == 0 && _workers.Members.Count == 0)
            EndRun(RunOutcome.ClusterLost, $"All workers are lost: all that were started have ended ({launched} of {launched}), and no other has joined.");
        else if (Phase == RunPhase.Gathering && left < _options.MinWorkers)
            EndRun(RunOutcome.ClusterLost, $"The cluster cannot form: it needs {_options.MinWorkers} workers, and only {left} of the {launched} that were started are left.");
        else if (Phase == RunPhase.Gathering)
            OnReadyChanged();
    }

    // One that is refused is told so, and does not come back; one that was only lost may join again.
    private void RemoveWorker(WorkerId worker, string reason, bool isRefused = false)
    {
        if (_workers.Remove(worker) is not { } member)
            return;
        if (isRefused)
            member.Link?.Refuse(reason);
        else
            member.Link?.Dispose();
        MeasureWorkers();
        if (Phase == RunPhase.Ending)
        {
            if (_workers.Members.All(other => other.Link is null))
                OnFarewell();
            return;
        }

        if (_options.Launches.Count > 0)
            _goneBefore[member.Process] = member.Name;
        Raise(member.Leaving is { } why ? new RunEvent.WorkerLeft(member.Name, why) : new RunEvent.WorkerLost(member.Name, reason));
        if (member.IsReady || member.Leaving is not null)
            OnReadyChanged();
        if (Phase != RunPhase.Training || _workers.Ready.Count > 0)
            return;
        if (_isStopping)
            _ports.ParameterServer.Tell(new EndTraining(WaitForStep: false)); // Nobody is left to finish the step.
        else
            Raise(new RunEvent.WaitingForWorkers(0, 1, _options.WorkerTimeout));
    }

    // Running

    private void OnStepReport(StepReport report)
    {
        _roster = report.Roster;
        Step = report.Step;
        long examples = Math.Max(report.Unreported.Examples, 1);
        Raise(new RunEvent.Progress(
            report.Step, report.Unreported.LossSum / examples, (double)report.Unreported.Correct / examples, report.ExamplesPerSecond,
            MeasureWorkers()));
        _meter.Reported(report.ExamplesPerSecond);
    }

    private WorkerProgress[] MeasureWorkers()
    {
        WorkerProgress[] ready = [.. _workers.Ready.Select(Describe)];
        _meter.WorkersChanged(_workers.Members.Count, ready);
        return ready;
    }

    private WorkerProgress Describe(Member member)
    {
        WorkerLink? link = member.Link;
        int shards = _roster.Find(member.Id)?.Shards ?? 0;
        return new WorkerProgress(
            member.Name, member.Process, member.Lanes, shards, link?.StepMilliseconds ?? 0, link?.BytesSent ?? 0, link?.BytesReceived ?? 0);
    }

    private void OnSnapshotSaved(SnapshotSaved saved)
    {
        _meter.CheckpointSaved(saved.Step);
        Raise(new RunEvent.CheckpointSaved(saved.Path, saved.Step));
        _ending.Checkpoint = saved.Path;
        _ports.Followers.PostCheckpoint(saved.Path, saved.Step);
        _ending.FinalSaved |= saved.IsFinal;
        CompleteWhenDone();
    }

    private void OnSnapshotFailed(SnapshotFailed failed)
    {
        _meter.CheckpointFailed();
        Raise(new RunEvent.CheckpointFailed(failed.Step, failed.Reason));
        if (!failed.IsFinal)
            return;
        _ending.Fail(RunOutcome.Failed, $"The final weights could not be saved: {failed.Reason}");
        _ending.FinalSaved = true;
        CompleteWhenDone();
    }

    private void OnFollowerReplicated(FollowerReplicated replicated)
    {
        if (replicated.IsFirst)
            Raise(new RunEvent.StandbyReady(replicated.Name, replicated.Step));
        _meter.StandbysChanged([.. _ports.Followers.Ready]);
    }

    private void OnFollowerLost(FollowerLost lost)
    {
        _meter.StandbysChanged([.. _ports.Followers.Ready]);
        if (_followersBy is null)
        {
            Raise(new RunEvent.StandbyLost(lost.Name, lost.Reason));
            return;
        }

        _ending.FollowersTold = !_ports.Followers.Any;
        CompleteWhenDone();
    }

    // Ending

    /// <summary>Whether another coordinator goes on with the run that has ended here. Only a fault of the run itself ends it for all.</summary>
    private bool GoesOnElsewhere => _ending.IsYielded || (_ports.Followers.Ready.Any() && !_ending.IsComplete && !_ending.IsRunFailed);

    private void OnStopRun()
    {
        if (_ports.Followers.Ready.Select(follower => follower.Name).FirstOrDefault() is { } standby)
            EndRun(RunOutcome.HandedOver, $"A standby, {standby}, goes on with the run.");
        else
            EndRun(RunOutcome.Stopped, "The run was stopped.");
    }

    private void OnYieldRun(YieldRun yield)
    {
        if (!_isStopping)
            EndRun(RunOutcome.Yielded, $"The coordinator at {yield.Leader} is further with the run, and leads it.", mayFinishStep: false);
    }

    private void EndRun(RunOutcome outcome, string message, bool mayFinishStep = true)
    {
        if (Phase == RunPhase.Ending)
            return;
        _ending.Fail(outcome, message);
        _isStopping = true;
        bool canFinishStep = Phase == RunPhase.Training && _workers.Ready.Count > 0;
        _ports.ParameterServer.Tell(new EndTraining(mayFinishStep && canFinishStep));
    }

    private void OnTrainingEnded(TrainingEnded ended)
    {
        Phase = RunPhase.Ending;
        Step = ended.Step;
        Raise(new RunEvent.TrainingEnded(ended.Step));
        if (ended.Failure is not null)
            _ending.Fail(RunOutcome.Failed, ended.Failure);

        _ending.FinalSaved |= !ended.IsSaving;
        _ending.Training = ended;
        _ending.WeightsSha256 = WeightsDigest.Sha256(_state.Layout, ended.Weights.Buffer.Span);
        (_ending.Workers, _ending.Lanes) = (_workers.Ready.Count, _workers.Ready.Sum(member => member.Lanes));
        // A worker that has heard it closes its stream. Closed from here, the stream would lose what is still on its way to a slow one,
        // which would then look for a coordinator that is gone.
        WorkerLink[] links = [.. _workers.Links.Values];
        foreach (WorkerLink link in links)
            SayGoodBye(link);
        _ending.FarewellSaid = links.Length == 0;
        _farewellBy = _now + FarewellTimeout;
        if (_ending.IsComplete)
            _ports.Evaluator.Tell(new EvaluateFinal(ended.Weights));
        else
            ended.Weights.Release();
        CompleteWhenDone();
    }

    private void SayGoodBye(WorkerLink link)
    {
        if (GoesOnElsewhere)
            link.PostMoved("another coordinator goes on with the run");
        else
            link.PostBye(RunIsOver);
    }

    private void OnFarewell()
    {
        _farewellBy = null;
        _ending.FarewellSaid = true;
        CompleteWhenDone();
    }

    private void CompleteWhenDone()
    {
        if (_ending.IsDone && _followersBy is null)
        {
            _followersBy = _now + FollowersTimeout;
            (Farewell? why, string reason) = _ending switch
            {
                { IsYielded: true } => ((Farewell?)null, "it leads no more"),
                { IsComplete: true } => (Farewell.RunComplete, RunIsOver),
                { IsRunFailed: true } => (Farewell.RunFailed, _ending.Message ?? "the run failed"),
                _ => (Farewell.HandsOver, $"it ends: {_ending.Message}"),
            };
            _ports.Followers.End(why, reason);
            _ending.FollowersTold = !_ports.Followers.Any;
        }

        if (_ending.TryComplete() is { } result)
            _ports.Complete(result);
    }

    private void Raise(RunEvent runEvent) => _context.Events.Report(runEvent);
}
