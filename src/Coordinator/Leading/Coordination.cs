using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Coordinator.Workers;
using Lockstep.Model.Data;
using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>
/// The role that owns membership and the phases of a run while this coordinator leads it. Receives join requests of workers, the ends of
/// their streams and cluster nodes, and the reports of the other roles. Sends offers to workers, the list of participants to the parameter
/// server, events to observers, and finally the result. Has no actors, threads or clocks: one message at a time, with the time.
/// </summary>
internal sealed class Coordination
{
    private const int MaxPeersRefusedTold = 100;

    private readonly CoordinatorContext _context;
    private readonly CoordinationPorts _ports;
    private readonly RunMeter _meter;
    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly WorkerAdmission _workers;
    private readonly WorkerWait _wait;
    private readonly string _fingerprint;
    private readonly RunReporting _reporting;
    private readonly RunEnding _ending;
    private readonly Dictionary<int, string> _goneBefore = [];
    private TimeSpan _now;
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
        _fingerprint = NumericsFingerprint.Compute(_options.Spec.Model);
        _now = now;
        Step = _state.FirstStep;
        _workers = new WorkerAdmission(context.Tokens);
        _wait = new WorkerWait(_options.MinWorkers > 0 ? _options.MinWorkers : _options.Launches.Count, _options.WorkerTimeout, now);
        _reporting = new RunReporting(context.Events, meter, _workers, ports.Followers, _options.Spec);
        _ending = new RunEnding(_state, _workers, ports);
        if (_options.TraceFile is null)
            _ports.Followers.Begin();
        if (_options.OwnWorker is { } own)
            BeginAlone(own);
        else
            Raise(new RunEvent.WaitingForWorkers(0, _wait.Needed, _options.WorkerTimeout));
    }

    public RunPhase Phase { get; private set; } = RunPhase.Gathering;

    /// <summary>Whether the workers that the start waits for are not all ready yet.</summary>
    private bool IsGathering => Phase != RunPhase.Ending && !_wait.IsOver;

    /// <summary>All members, in the order of joining.</summary>
    public IReadOnlyCollection<Member> Members => _workers.Members;

    /// <summary>Number of workers that compute.</summary>
    public int Ready => _workers.Ready.Count;

    /// <summary>Completed steps, as last reported.</summary>
    public long Step { get; private set; }

    /// <summary>Whether the run is over for all coordinators, as far as this one knows.</summary>
    public bool IsOver => Phase == RunPhase.Ending && _ending.IsOverForAll;

    /// <summary>Handles a message.</summary>
    /// <param name="message">A message of this or another role; ignores unknown ones.</param>
    /// <param name="now">Time of a monotonic clock.</param>
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
                Step = report.Step;
                _reporting.Receive(report);
                break;
            case TraceBegun:
                _ports.Followers.Begin();
                break;
            case SnapshotSaved saved:
                Step = Math.Max(Step, saved.Step);
                _reporting.Receive(saved);
                _ports.Followers.PostCheckpoint(saved.Path, saved.Step);
                _ending.OnSaved(saved);
                break;
            case BestSaved saved:
                _reporting.Receive(saved);
                _ports.Followers.PostBest(saved.Path, saved.Step);
                _ending.OnBestSaved(saved);
                break;
            case SnapshotFailed failed:
                _reporting.Receive(failed);
                _ending.OnSaveFailed(failed);
                break;
            case FollowerLost lost:
                _reporting.FollowerLost(lost, isExpected: _ending.HasToldFollowers);
                _ending.OnGone();
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
                _reporting.Receive(evaluation);
                _ending.OnEvaluated(evaluation);
                break;
            default:
                _reporting.Receive(message);
                break;
        }
    }

    /// <summary>Advances the time; called several times a second.</summary>
    public void Tick(TimeSpan now)
    {
        _now = now;
        if (Phase != RunPhase.Ending && _wait.GiveUp(now) is { } reason)
            EndRun(RunOutcome.ClusterLost, reason);
        _ending.Tick(now);
    }

    /// <summary>Ends all streams. Called when this coordinator no longer leads.</summary>
    public void Stop()
    {
        foreach (Member member in _workers.Members.ToList())
            _workers.Remove(member.Id)?.Link?.Dispose();
    }

    // Computing here until workers are ready

    private void BeginAlone(OwnWorker own)
    {
        TrainingData data = _context.Data.Value;
        var worker = new WorkerInfo(Environment.MachineName, Environment.ProcessId, own.Lanes, ProductVersion.Current, "", data.Digest);
        _ = _workers.Ask(OwnWorker.Name, OwnWorker.Name, attempt: 0, worker, OfferOf);
        (InProcessStream near, InProcessStream far) = InProcessStream.CreatePair();
        OnStreamOpened(new StreamOpened(OwnWorker.Name, far));
        own.Start(new FrameOrigin(_state.Run, _state.Term), near, data);
    }

    // Joining

    private void OnWorkerAsked(WorkerAsked asked)
    {
        WorkerInfo worker = asked.Join.Worker;
        if (Phase == RunPhase.Ending)
        {
            // If the run continues elsewhere, its new leader answers.
            if (_ending.IsOverForAll)
                asked.Asker.Tell(new RunEnded(Completed: true, RunEnding.RunIsOver));
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
            asked.Name, asked.Node, asked.Join.Attempt, worker, OfferOf);
        _reporting.MeasureWorkers();
        if (offer is not null)
            asked.Asker.Tell(offer);
    }

    private RunOffered OfferOf(byte[] token) => new(_state.Run, _state.Term, _context.StreamHost, _context.StreamPort, token);

    // Anyone who reaches the port can cause these, so they must not fill the disk.
    private void OnPeerRefused(PeerRefused refused)
    {
        if (_peersRefused++ < MaxPeersRefusedTold)
            Raise(
                new RunEvent.WorkerRefused(
                    refused.Host, $"{refused.Reason}{(_peersRefused == MaxPeersRefusedTold ? "; more of these are not told" : "")}"));
    }

    private void OnStreamOpened(StreamOpened opened)
    {
        if (_workers.Link(opened.Node, (member, held) => _ports.OpenLink(member.Id, opened.Connection, StartOf(held))) is not { } linked)
            opened.Connection.Dispose();
        else if (Phase == RunPhase.Ending)
            _ending.SendBye(linked.Link!);
    }

    // A worker that others wait for begins with the first examples. Others go on without one that joins, until it has all.
    private LinkStart StartOf(string heldData) =>
        new(heldData, new DataStart(Step, BeginsEarly: IsGathering || _workers.Ready.Count == 0));

    private void OnLinkReady(LinkReady ready)
    {
        if (_workers.Find(ready.Worker) is not { } member)
            return;
        if (ready.Fingerprint != _fingerprint)
        {
            string reason = $"Its numerics differ: a fixed training gave {ready.Fingerprint}, here {_fingerprint}. "
                + "Weights would depend on who computed them.";
            Raise(new RunEvent.WorkerRefused(member.Name, reason));
            RemoveWorker(member.Id, reason, isRefused: true);
            return;
        }

        if (_workers.MarkReady(ready.Worker) is not { } joined)
            return;
        _reporting.MeasureWorkers();
        if (!joined.IsOwn)
            Raise(new RunEvent.WorkerReady(_reporting.Describe(joined)));
        OnReadyChanged();
    }

    /// <summary>
    /// Begins training if there are enough workers, or one in this process; if it has begun, divides the shards anew.
    /// </summary>
    private void OnReadyChanged()
    {
        bool areEnough = _wait.Begins(_workers.Ready.Count(member => !member.IsOwn), _now);
        if (areEnough)
            _workers.LetOwnGo();
        IReadOnlyList<Member> ready = _workers.Ready;
        bool begins = Phase == RunPhase.Gathering && (areEnough || ready.Any(member => member.IsOwn)) && !_isStopping;
        if (begins)
        {
            Phase = RunPhase.Training;
            _meter.TrainingStarted();
        }

        if (begins || (areEnough && Phase == RunPhase.Training))
            Raise(new RunEvent.TrainingStarted(Step, ready.Count(member => !member.IsOwn), ready.Sum(member => member.Lanes)));
        if (Phase == RunPhase.Training)
            _ports.ParameterServer.Tell(new ChangeWorkers(_workers.StepWorkers, _workers.Links));
    }

    // Leaving

    private void OnLinkLeaving(LinkLeaving leaving)
    {
        if (_workers.MarkLeaving(leaving.Worker, leaving.Reason) is not { } member)
            return;
        _reporting.MeasureWorkers();
        OnReadyChanged();
        if (Phase != RunPhase.Training)
            member.Link!.PostBye("It owes nothing.");
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
        if (IsGathering)
        {
            Raise(new RunEvent.Warning($"The worker's {process} {end} before it was ready. {exited.LastWords}".TrimEnd()));
            if (_options.MinWorkers == 0)
                _wait.ExpectOneLess();
        }

        if (left == 0 && _workers.Members.All(member => member.IsOwn))
            EndRun(
                RunOutcome.ClusterLost,
                $"All workers are lost: all that were started have ended ({launched} of {launched}), and no other has joined.");
        else if (IsGathering && left < _options.MinWorkers)
            EndRun(
                RunOutcome.ClusterLost,
                $"The cluster cannot form: it needs {_options.MinWorkers} workers, and only {left} of the {launched} that were started are "
                    + "left.");
        else if (IsGathering)
            OnReadyChanged();
    }

    // A refused worker is told so and does not come back. A lost one may rejoin.
    private void RemoveWorker(WorkerId worker, string reason, bool isRefused = false)
    {
        if (_workers.Remove(worker) is not { } member)
            return;
        if (isRefused)
            member.Link?.Refuse(reason);
        else
            member.Link?.Dispose();
        _reporting.MeasureWorkers();
        if (Phase == RunPhase.Ending)
        {
            _ending.OnGone();
            return;
        }

        if (_options.Launches.Count > 0)
            _goneBefore[member.Process] = member.Name;
        if (!member.IsOwn || member.Leaving is null)
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

    // Ending

    private void OnStopRun()
    {
        if (_ports.Followers.Ready.Select(follower => follower.Name).FirstOrDefault() is { } standby)
            EndRun(RunOutcome.HandedOver, $"A standby, {standby}, continues the run.");
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
        _ending.Begin(ended);
    }

    private void Raise(RunEvent runEvent) => _context.Events.Report(runEvent);
}
