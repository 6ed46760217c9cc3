using Lockstep.Coordinator.Launching;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>What <see cref="LeadershipRole"/> acts on.</summary>
/// <param name="Server">Streams that peers have opened.</param>
/// <param name="Follow">Starts or stops following a peer.</param>
/// <param name="Do">Gives the host its next task.</param>
/// <param name="Events">Receives the events.</param>
internal sealed record LeadershipPorts(PeerServer Server, Action<int, bool> Follow, Action<LeadershipTask> Do, IProgress<RunEvent> Events);

/// <summary>
/// The role of a coordinator's process from start to end. Feeds <see cref="Leadership"/> with what peers say and carries out its decisions,
/// forwards workers' messages to the role that trains, and tells workers who leads. Has no actors, threads or clocks: one message at a
/// time, with the time.
/// </summary>
internal sealed class LeadershipRole(Leadership leadership, LeadershipPorts ports)
{
    private readonly List<object> _early = [];
    private IMailbox? _coordination;
    private Replica _run;
    private bool _isFollowing, _isStopped, _isOver;
    private string? _warned;

    public PeerRole Role => leadership.Role;

    public void Start(TimeSpan now) => Carry(leadership.Tick(now));

    /// <summary>Handles a message; ignores unknown ones.</summary>
    public void Receive(object message, TimeSpan now)
    {
        switch (message)
        {
            case LeadershipTick:
                Carry(leadership.Tick(now));
                break;
            case PeerHeard heard:
                OnPeerHeard(heard, now);
                break;
            case PeerLost lost:
                Carry(leadership.Lost(lost.Peer, lost.IsGone, lost.Reason, now));
                break;
            case PeerReplicated replicated:
                OnReplicated(replicated, now);
                break;
            case PeerParted parted:
                OnParted(parted, now);
                break;
            case PeerUnproven unproven:
                OnUnproven(unproven.Reason);
                break;
            case PeerTroubled troubled:
                ports.Events.Report(new RunEvent.Warning(troubled.Problem));
                break;
            case LeaderAsked asked:
                OnLeaderAsked(asked);
                break;
            case PeerRefused { IsDialer: false } or WorkerAsked or NodeRemoved:
                _coordination?.Tell(message);
                break;
            case RunBegun begun:
                OnRunBegun(begun.Coordination);
                break;
            case RunProgressed progressed:
                OnProgressed(progressed);
                break;
            case RunEndedHere ended:
                OnRunEnded(ended, now);
                break;
            case StopRun:
                OnStop();
                break;
            case StreamOpened or LaunchProgressed or LaunchedWorkerExited:
                Pass(message);
                break;
        }
    }

    /// <summary>Tells the role that trains, at once or when it begins.</summary>
    private void Pass(object message)
    {
        if (_coordination is not null)
            _coordination.Tell(message);
        else if (message is StreamOpened opened)
            opened.Connection.Dispose();
        else
            _early.Add(message);
    }

    // Peers

    private void OnPeerHeard(PeerHeard heard, TimeSpan now)
    {
        if (ProductVersion.Objection(heard.Status.Version, "this one") is { } objection)
            OnUnproven(objection);
        else
            Carry(leadership.Heard(heard.Peer, heard.Status, now));
    }

    private void OnReplicated(PeerReplicated replicated, TimeSpan now)
    {
        Carry(leadership.Replicated(replicated.Peer, replicated.Run, replicated.Term, replicated.Step, now));
        ports.Events.Report(_isFollowing
            ? new RunEvent.Replicated(replicated.Step)
            : new RunEvent.Following(leadership.Leader ?? "", replicated.Run.ToString("x16"), replicated.Term, replicated.Step));
        _isFollowing = true;
    }

    private void OnParted(PeerParted parted, TimeSpan now)
    {
        if (parted.OtherRun is { } other && leadership.Role == PeerRole.Following)
            ports.Do(new LeadershipTask.EndForOtherRun(other, leadership.Leader ?? ""));
        else
            Carry(leadership.Parted(parted.Peer, parted.Why, parted.Reason, now));
    }

    // A coordinator that does not trust the others cannot know whether they lead, so it ends. A leader continues.
    private void OnUnproven(string reason)
    {
        if (leadership.Role == PeerRole.Seeking)
            ports.Do(
                new LeadershipTask.End(
                    RunOutcome.ClusterLost,
                    $"This coordinator and another one of the run do not talk to each other: {reason.TrimEnd('.')}."));
        else if (_warned != reason)
            ports.Events.Report(new RunEvent.Warning($"Another coordinator does not talk to this one: {reason.TrimEnd('.')}."));
        _warned = reason;
    }

    // Workers

    private void OnLeaderAsked(LeaderAsked asked)
    {
        if (ProductVersion.Objection(asked.Find.Version, "the coordinator") is { } objection)
        {
            asked.Asker.Tell(new JoinRefused(objection));
            ports.Events.Report(new RunEvent.WorkerRefused(asked.Name, objection));
            return;
        }

        if (_isOver)
        {
            asked.Asker.Tell(new RunEnded(Completed: true, RunEnding.RunIsOver));
            return;
        }

        PeerStatus status = leadership.Status;
        asked.Asker.Tell(
            new LeaderFound(
                leadership.Leader ?? "", _coordination is not null && status.Role == PeerRole.Leading, status.Step, status.Workers,
                status.Term));
    }

    // Leading

    private void OnRunBegun(IMailbox coordination)
    {
        _coordination = coordination;
        _early.ForEach(coordination.Tell);
        _early.Clear();
        if (_isStopped)
            coordination.Tell(new StopRun());
    }

    private void OnProgressed(RunProgressed progressed)
    {
        if (_coordination is null || progressed.Term != _run.Term)
            return;
        _isOver = progressed.IsOver;
        leadership.Progressed(_run.Run, _run.Term, progressed.Step, progressed.Workers);
        if (progressed.IsEnding && leadership.Role == PeerRole.Leading)
            leadership.Leave();
        Carry([]);
    }

    // A stop that came too late for the training that has ended stops what follows.
    private void OnRunEnded(RunEndedHere ended, TimeSpan now)
    {
        _coordination = null;
        if (!ended.Yields)
            return;
        Carry(leadership.Yielded(ended.Own, now));
        if (_isStopped)
            OnStop();
    }

    private void OnStop()
    {
        _isStopped = true;
        if (_coordination is not null)
            _coordination.Tell(new StopRun());
        else if (leadership.Role != PeerRole.Leading)
            ports.Do(new LeadershipTask.End(RunOutcome.Stopped, "Stopped standing by."));
    }

    private void Carry(IReadOnlyList<LeadershipEffect> effects)
    {
        for (int i = 0; i < effects.Count; i++)
            Carry(effects[i]);
        ports.Server.Post(leadership.Status);
    }

    private void Carry(LeadershipEffect effect)
    {
        switch (effect)
        {
            case LeadershipEffect.Follow follow:
                ports.Follow(follow.Peer, true);
                break;
            case LeadershipEffect.Unfollow unfollow:
                ports.Follow(unfollow.Peer, false);
                if (_isFollowing)
                    ports.Events.Report(new RunEvent.LeaderLost(unfollow.Name, unfollow.Reason));
                else if (_warned != unfollow.Reason)
                    ports.Events.Report(new RunEvent.Warning($"Not following the coordinator at {unfollow.Name}: {unfollow.Reason}"));
                _warned = unfollow.Reason;
                _isFollowing = false;
                break;
            case LeadershipEffect.Lead lead:
                _run = new Replica(lead.Run == 0 ? RunState.NewRun() : lead.Run, lead.Term, 0);
                ports.Do(new LeadershipTask.Train(_run.Run, lead.Term));
                break;
            case LeadershipEffect.Yield yield:
                ports.Events.Report(new RunEvent.Yielding(yield.Name));
                Pass(new YieldRun(yield.Name));
                break;
            case LeadershipEffect.Conclude conclude:
                ports.Do(conclude.IsComplete
                    ? new LeadershipTask.Complete()
                    : new LeadershipTask.End(RunOutcome.Failed, $"The run failed under its coordinator: {conclude.Reason}"));
                break;
            case LeadershipEffect.Wait wait:
                ports.Events.Report(new RunEvent.SeekingLeader(wait.Reason));
                break;
        }
    }
}
