using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Coordinator.Standbys;
using Lockstep.Model.Training;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Member = Lockstep.Coordinator.Decisions.Member;

namespace Lockstep.Coordinator;

/// <summary>
/// Owns membership and the state of the run. Receives join requests of workers, the fate of their streams and of their
/// cluster nodes, and the reports of the parameter server. Sends offers to workers, who takes part to the parameter server, events to
/// whoever watches, and in the end the result. If one of its children fails, the run fails. What it has to do with standbys is in the other part.
/// </summary>
internal sealed partial class CoordinatorActor : ReceiveActor, IWithTimers
{
    private const string RunIsOver = "The run is over.";
    private const int MaxPeersRefusedTold = 100;
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(3);

    private readonly CoordinatorContext _context;
    private readonly RunMeter _meter;
    private readonly TrainingOptions _options;
    private readonly RunState _state;
    private readonly RunDecisions _decisions;
    private readonly GradientPool _gradients;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly string _fingerprint = NumericsFingerprint.Compute();
    private readonly Dictionary<WorkerId, WorkerLink> _links = [];
    private readonly Dictionary<WorkerId, (RunOffered Offer, string HeldImages)> _offers = [];
    private readonly RunEnding _ending = new();
    private readonly Dictionary<int, string> _goneBefore = [];
    private LinkContext _linkContext = null!;
    private IActorRef _evaluator = ActorRefs.Nobody;
    private IActorRef _parameterServer = ActorRefs.Nobody;
    private Roster _roster = Roster.Empty;
    private int _launchedLost;
    private int _peersRefused;
    private bool _isStopping;

    public static Props Props(CoordinatorContext context, RunMeter meter) => Akka.Actor.Props.Create(() => new CoordinatorActor(context, meter));

    public CoordinatorActor(CoordinatorContext context, RunMeter meter)
    {
        (_context, _options, _state, _meter) = (context, context.Options, context.State, meter);
        _decisions = new RunDecisions(_options.MinWorkers > 0 ? _options.MinWorkers : _options.Launches.Count, _options.WorkerTimeout, Now);
        _gradients = new GradientPool(_state.Layout.TrainableLength);

        Receive<JoinRun>(OnJoinRun);
        Receive<PeerRefused>(OnPeerRefused, refused => !refused.IsDialer);
        Receive<StreamOpened>(OnStreamOpened);
        Receive<LinkReady>(OnLinkReady);
        Receive<LinkLeaving>(OnLinkLeaving);
        Receive<LinkLost>(lost => RemoveWorker(lost.Worker, lost.Reason, isRefused: lost.IsFault));
        Receive<LaunchProgressed>(OnLaunchProgressed);
        Receive<LaunchedWorkerExited>(OnLaunchedWorkerExited);
        Receive<ClusterEvent.MemberRemoved>(OnMemberRemoved);
        Receive<StepReport>(OnStepReport);
        Receive<StepDone>(done => Raise(new RunEvent.StepCompleted(done.Step, done.Statistics)));
        Receive<MetricsReady>(OnMetricsReady);
        ReceiveStandbys();
        Receive<SnapshotSaved>(OnSnapshotSaved);
        Receive<SnapshotFailed>(OnSnapshotFailed);
        Receive<SnapshotsMerged>(merged => Raise(new RunEvent.Warning(
            $"Checkpoints fall due faster than the disk takes them: that of step {merged.Step:N0} is left out, as all are that wait when the next one is due. Give a longer --checkpoint-every.")));
        Receive<TraceTroubled>(troubled => Raise(new RunEvent.Warning(troubled.Problem)));
        Receive<StopRun>(_ => OnStopRun());
        Receive<TrainingEnded>(OnTrainingEnded);
        Receive<FinalEvaluationReady>(OnFinalEvaluation);
        Receive<FarewellTimedOut>(_ => OnFarewell());
        Receive<ChildFailed>(failed => _context.Result.TrySetException(failed.Cause));
        Receive<Tick>(_ => OnTick());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Time of a clock that nobody sets.</summary>
    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    protected override void PreStart()
    {
        var self = new ActorMailbox(Self);
        IActorRef checkpointer = Context.ActorOf(CheckpointerActor.Props(_options, _state, _meter, self), "checkpointer");
        _evaluator = Context.ActorOf(EvaluatorActor.Props(_options, _state.Layout, self), "evaluator");
        _parameterServer = Context.ActorOf(
            ParameterServerActor.Props(_options, _state, _meter, _gradients, self, new ActorMailbox(_evaluator), new ActorMailbox(checkpointer)),
            "parameter-server");
        _linkContext = new LinkContext(
            _options.Spec, _state, _context.Images, _gradients, self, new ActorMailbox(_parameterServer), TimeProvider.System);
        _cluster.Subscribe(Self, typeof(ClusterEvent.MemberRemoved));
        Context.System.EventStream.Subscribe(Self, typeof(PeerRefused));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickEvery);
        Raise(new RunEvent.WaitingForWorkers(0, _decisions.Needed, _options.WorkerTimeout));
    }

    protected override void PostStop()
    {
        foreach (WorkerLink link in _links.Values)
            link.Dispose();
        foreach (StandbyLink link in _standbys.Values)
            link.Dispose();
        _context.Result.TrySetException(new InvalidOperationException("The coordinator stopped before the run ended."));
    }

    protected override SupervisorStrategy SupervisorStrategy()
    {
        IActorRef self = Self;
        return new OneForOneStrategy(cause =>
        {
            self.Tell(new ChildFailed(cause));
            return Directive.Stop;
        });
    }

    // Joining

    private void OnJoinRun(JoinRun join)
    {
        WorkerInfo worker = join.Worker;
        Address address = Sender.Path.Address;
        if (_decisions.Phase == RunPhase.Ending)
        {
            // Where somebody else goes on with it, that one answers.
            if (!LeavesRun)
                Sender.Tell(new RunEnded(Completed: true, RunIsOver));
            return;
        }

        if (worker.Version != ProductVersion.Current)
        {
            Refuse(Name(address), $"It is Lockstep {worker.Version}, the coordinator is {ProductVersion.Current}. Use the same version on every machine.");
            return;
        }

        string? node = _cluster.State.Members.FirstOrDefault(member => member.Address == address)?.UniqueAddress.ToString();
        if (node is null)
            return; // Not in the cluster (any more); a living worker asks again.
        if (_decisions.Predecessor(Name(address), node) is { } predecessor)
            RemoveWorker(predecessor.Id, "another process joined from its address");
        Member joined = _decisions.Join(Name(address), node, worker.ProcessId, worker.Lanes);
        // A worker that asks again, because the first answer was slow, gets that answer again: a new token would make the first one void.
        if (!_offers.TryGetValue(joined.Id, out (RunOffered Offer, string HeldImages) known))
        {
            known = (new RunOffered(_state.Run, _state.Term, _context.StreamHost, _context.StreamPort, _context.Tokens.Issue(node)), worker.HeldImages);
            _offers.Add(joined.Id, known);
            MeasureWorkers();
        }

        Sender.Tell(known.Offer);
    }

    // Whoever reaches the port can cause these, and must not fill the disk with them.
    private void OnPeerRefused(PeerRefused refused)
    {
        if (_peersRefused++ < MaxPeersRefusedTold)
            Raise(new RunEvent.WorkerRefused(refused.Host, $"{refused.Reason}{(_peersRefused == MaxPeersRefusedTold ? "; more of these are not told" : "")}"));
    }

    private static string Name(Address address) => $"{address.Host}:{address.Port}";

    private void Refuse(string worker, string reason)
    {
        Sender.Tell(new JoinRefused(reason));
        Raise(new RunEvent.WorkerRefused(worker, reason));
    }

    private void OnStreamOpened(StreamOpened opened)
    {
        if (TryOpenStandby(opened))
            return;
        if (_decisions.FindByNode(opened.Node) is not { } member || _links.ContainsKey(member.Id))
        {
            opened.Connection.Dispose();
            return;
        }

        var link = new WorkerLink(member.Id, opened.Connection, _linkContext, _offers.GetValueOrDefault(member.Id).HeldImages ?? "");
        _links[member.Id] = link;
        LinkThreads.Start(link);
        if (_decisions.Phase == RunPhase.Ending)
            link.PostBye(RunIsOver);
    }

    private void OnLinkReady(LinkReady ready)
    {
        if (_decisions.Find(ready.Worker) is not { } member)
            return;
        if (ready.Fingerprint != _fingerprint)
        {
            string reason = $"Its numerics differ: a fixed training gave {ready.Fingerprint}, here {_fingerprint}. Weights would depend on who computed them.";
            Raise(new RunEvent.WorkerRefused(member.Name, reason));
            RemoveWorker(member.Id, reason, isRefused: true);
            return;
        }

        member = _decisions.MarkReady(ready.Worker)!;
        MeasureWorkers();
        Raise(new RunEvent.WorkerReady(Describe(member)));
        if (_decisions.Phase == RunPhase.Training)
            PublishWorkers();
        else
            StartWhenReady();
    }

    private void StartWhenReady()
    {
        if (!_decisions.TryStart())
            return;
        IReadOnlyList<Member> ready = _decisions.Ready;
        _meter.TrainingStarted();
        Raise(new RunEvent.TrainingStarted(_state.FirstStep, ready.Count, ready.Sum(member => member.Lanes)));
        PublishWorkers();
    }

    private void PublishWorkers() => _parameterServer.Tell(new ChangeWorkers(_decisions.StepWorkers, new Dictionary<WorkerId, WorkerLink>(_links)));

    // Leaving

    private void OnLinkLeaving(LinkLeaving leaving)
    {
        if (_decisions.MarkLeaving(leaving.Worker, leaving.Reason, Now) is not { } member)
            return;
        MeasureWorkers();
        if (_decisions.Phase == RunPhase.Training)
            PublishWorkers();
        else
            _links[member.Id].PostBye("It owes nothing.");
    }

    // Losing

    private void OnMemberRemoved(ClusterEvent.MemberRemoved removed)
    {
        RemoveStandby(removed.Member.UniqueAddress.ToString(), "the cluster removed its node");
        if (_decisions.FindByNode(removed.Member.UniqueAddress.ToString()) is { } member)
            RemoveWorker(member.Id, "the cluster removed its node");
    }

    private void OnLaunchedWorkerExited(LaunchedWorkerExited exited)
    {
        _launchedLost++;
        (string process, string end) = ProcessEnd.Describe(exited.Process, exited.Host, exited.ExitCode);
        if (_decisions.Members.FirstOrDefault(member => member.Process == exited.Process) is { } member)
            RemoveWorker(member.Id, exited.Host is null ? $"its process {end}" : $"its {process} {end}");
        else if (_decisions.Phase != RunPhase.Ending && _goneBefore.Remove(exited.Process, out string? gone))
            Raise(new RunEvent.WorkerProcessEnded(gone, process, end)); // The end of its stream was seen first.
        int launched = _options.Launches.Count, left = launched - _launchedLost;
        if (_decisions.Phase == RunPhase.Gathering)
        {
            Raise(new RunEvent.Warning($"The worker's {process} {end} before training began. {exited.LastWords}".TrimEnd()));
            if (_options.MinWorkers == 0)
                _decisions.ExpectOneLess();
        }

        if (left == 0 && _decisions.Members.Count == 0)
            EndRun(RunOutcome.ClusterLost, $"All workers are lost: all that were started have ended ({launched} of {launched}), and no other has joined.");
        else if (_decisions.Phase == RunPhase.Gathering && left < _options.MinWorkers)
            EndRun(RunOutcome.ClusterLost, $"The cluster cannot form: it needs {_options.MinWorkers} workers, and only {left} of the {launched} that were started are left.");
        else
            StartWhenReady();
    }

    private void OnLaunchProgressed(LaunchProgressed progressed)
    {
        _decisions.Await(Now);
        Raise(new RunEvent.ProgramCarried(progressed.Host, progressed.Bytes, progressed.TotalBytes));
    }

    // One that is refused is told so, and does not come back; one that was only lost may join again.
    private void RemoveWorker(WorkerId worker, string reason, bool isRefused = false)
    {
        if (_decisions.Remove(worker, Now) is not { } member)
            return;
        Forget(member, isRefused ? reason : null);
        MeasureWorkers();
        if (_decisions.Phase == RunPhase.Ending)
        {
            if (_links.Count == 0)
                OnFarewell();
            return;
        }

        if (_options.Launches.Count > 0)
            _goneBefore[member.Process] = member.Name;
        Raise(member.Leaving is { } why ? new RunEvent.WorkerLeft(member.Name, why) : new RunEvent.WorkerLost(member.Name, reason));
        if (_decisions.Phase == RunPhase.Training && (member.IsReady || member.Leaving is not null))
            PublishWorkers();
        if (_decisions.Phase != RunPhase.Training || _decisions.Ready.Count > 0)
            return;
        if (_isStopping)
            _parameterServer.Tell(new EndTraining(WaitForStep: false)); // Nobody is left to finish the step.
        else
            Raise(new RunEvent.WaitingForWorkers(0, 1, _options.WorkerTimeout));
    }

    private void Forget(Member member, string? refusal = null)
    {
        _context.Tokens.Revoke(member.Node);
        _offers.Remove(member.Id);
        if (!_links.Remove(member.Id, out WorkerLink? link))
            return;
        if (refusal is null)
            link.Dispose();
        else
            link.Refuse(refusal);
    }

    private void OnTick()
    {
        if (_decisions.GiveUp(Now) is { } reason)
            EndRun(RunOutcome.ClusterLost, reason);
    }

    // Running

    private void OnStepReport(StepReport report)
    {
        _roster = report.Roster;
        long examples = Math.Max(report.Unreported.Examples, 1);
        Raise(new RunEvent.Progress(
            report.Step, report.Unreported.LossSum / examples, (double)report.Unreported.Correct / examples, report.ExamplesPerSecond,
            MeasureWorkers()));
        _meter.Reported(report.ExamplesPerSecond);
    }

    private WorkerProgress[] MeasureWorkers()
    {
        WorkerProgress[] ready = [.. _decisions.Ready.Select(Describe)];
        _meter.WorkersChanged(_decisions.Members.Count, ready);
        return ready;
    }

    private void OnMetricsReady(MetricsReady ready)
    {
        _meter.Evaluated(ready.Metrics);
        Raise(new RunEvent.MetricsRecorded(ready.Metrics));
    }

    private WorkerProgress Describe(Member member)
    {
        WorkerLink? link = _links.GetValueOrDefault(member.Id);
        int shards = _roster.Find(member.Id)?.Shards ?? 0;
        return new WorkerProgress(
            member.Name, member.Process, member.Lanes, shards, link?.StepMilliseconds ?? 0, link?.BytesSent ?? 0, link?.BytesReceived ?? 0);
    }

    private void OnSnapshotSaved(SnapshotSaved saved)
    {
        _meter.CheckpointSaved(saved.Step);
        Raise(new RunEvent.CheckpointSaved(saved.Path, saved.Step));
        _ending.Checkpoint = saved.Path;
        Replicate(saved);
        if (saved.IsFinal)
            _ending.FinalSaved = true;
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

    // Ending

    private void OnStopRun()
    {
        if (_standbys.Values.FirstOrDefault(standby => standby.ReplicatedStep is not null) is { } standby)
            EndRun(RunOutcome.HandedOver, $"A standby, {standby.Name}, goes on with the run.");
        else
            EndRun(RunOutcome.Stopped, "The run was stopped.");
    }

    private void EndRun(RunOutcome outcome, string message)
    {
        if (_decisions.Phase == RunPhase.Ending)
            return;
        _ending.Fail(outcome, message);
        _isStopping = true;
        bool canFinishStep = _decisions.Phase == RunPhase.Training && _decisions.Ready.Count > 0;
        _parameterServer.Tell(new EndTraining(canFinishStep));
    }

    private void OnTrainingEnded(TrainingEnded ended)
    {
        _decisions.End();
        Raise(new RunEvent.TrainingEnded(ended.Step));
        if (ended.Failure is not null)
            _ending.Fail(RunOutcome.Failed, ended.Failure);

        _ending.FinalSaved |= !ended.IsSaving;
        _ending.Training = ended;
        _ending.WeightsSha256 = WeightsDigest.Sha256(_state.Layout, ended.Weights.Buffer.Span);
        (_ending.Workers, _ending.Lanes) = (_decisions.Ready.Count, _decisions.Ready.Sum(member => member.Lanes));
        if (LeavesRun)
            LetWorkersGo();
        foreach (WorkerLink link in _links.Values)
            link.PostBye(RunIsOver);
        // A worker that has heard it closes its stream. Closed from here, the stream would lose what is still on its way to a slow one,
        // which would then look for a coordinator that is gone.
        _ending.FarewellSaid = _links.Count == 0;
        Timers.StartSingleTimer(nameof(FarewellTimedOut), FarewellTimedOut.Instance, FarewellTimeout);
        if (ended.Step == _options.Spec.TotalSteps && ended.Failure is null)
            _evaluator.Tell(new EvaluateFinal(ended.Weights));
        else
            ended.Weights.Release();
        CompleteWhenDone();
    }

    private void OnFinalEvaluation(FinalEvaluationReady evaluation)
    {
        _ending.Evaluation = evaluation;
        CompleteWhenDone();
    }

    private void OnFarewell()
    {
        _ending.FarewellSaid = true;
        CompleteWhenDone();
    }

    private void CompleteWhenDone()
    {
        if (_ending.ToResult(_options.Spec.TotalSteps) is { } result && TellStandbys(result.Outcome))
            _context.Result.TrySetResult(result);
    }

    private void Raise(RunEvent runEvent) => _context.Events.Report(runEvent);

    private sealed record FarewellTimedOut
    {
        public static readonly FarewellTimedOut Instance = new();
    }

    private sealed record ChildFailed(Exception Cause);

    private sealed record Tick
    {
        public static readonly Tick Instance = new();
    }
}
