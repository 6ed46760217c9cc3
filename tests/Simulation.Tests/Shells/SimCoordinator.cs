using System.Text;
using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Leading;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Shells;

/// <summary>
/// One incarnation of the coordinator's process: what <c>CoordinatorActor</c> does around <see cref="RunDecisions"/>, message by message
/// and in its order. The parameter server and the checkpointer are in the other part.
/// </summary>
internal sealed partial class SimCoordinator
{
    private const string RunIsOver = "The run is over.";
    private const long TickEvery = 500 * Timeline.Millisecond;

    private readonly TrainingOptions _options;
    private readonly RunDecisions _decisions;
    private readonly StreamTokens _tokens;
    private readonly Dictionary<WorkerId, SimLink> _links = [];
    private readonly Dictionary<WorkerId, byte[]> _offers = [];
    private readonly FifoLine _toServer = new(), _toCheckpointer = new(), _fromServer = new(), _fromCheckpointer = new();
    private readonly List<SimLink> _allLinks = [];
    private long _lackingSince;
    private bool _isStopping;
    private bool _trainingEnded;
    private bool _finalSaved;
    private string? _failure;

    public SimCoordinator(Simulation sim, string name, LoadedCheckpoint? resumed)
    {
        (Sim, Process) = (sim, new SimProcess(name));
        _lackingSince = sim.Timeline.Now;
        _options = TinyRun.Options with { ResumeFrom = resumed?.Checkpoint, MinWorkers = resumed is null && sim.Coordinators.Count == 0 ? 2 : 1 };
        State = new RunState(
            _options, resumed is null ? sim.Random.Next64() >> 1 : Convert.ToUInt64(resumed.Checkpoint.RunId, 16), (resumed?.Checkpoint.Term ?? 0) + 1);
        _decisions = new RunDecisions(_options.MinWorkers, _options.WorkerTimeout, Now);
        _tokens = new StreamTokens(sim.Clock);
        StartServer();
        sim.Timeline.After(Process, TickEvery, OnTick);
    }

    public Simulation Sim { get; }

    public SimProcess Process { get; }

    public RunState State { get; }

    public IEnumerable<Member> Members => _decisions.Members;

    /// <summary>How the process ended: null while it runs, "" when the run is complete and saved.</summary>
    public string? Ended { get; private set; }

    private TimeSpan Now => Has(Bug.WaitByWallClock) ? Sim.Clock.Elapsed + Sim.Clock.Offset : Sim.Monotonic;

    public bool Has(Bug bug) => Sim.Bug == bug;

    public void ToCoordinator(FifoLine line, string what, Action act) => Sim.Timeline.Send(Process, line, Sim.Random.Next(5, 200), what, act);

    public void ToServer(FifoLine line, string what, Action act) => Sim.Timeline.Send(Process, line, Sim.Random.Next(5, 200), what, act);

    /// <summary>The process dies. Where its machine lives on, the system ends its streams.</summary>
    public void Die(bool tellsPeers)
    {
        Process.IsAlive = false;
        foreach (SimLink link in _allLinks)
            link.Abandon(tellsPeers);
    }

    // Joining

    public void OnJoinRun(SimWorker worker, string name, string node, int lanes)
    {
        if (_decisions.Phase == RunPhase.Ending)
        {
            Sim.Network.Control(Simulation.CoordinatorHost, worker.Host, worker.Process, "RunEnded", () => worker.OnRunEnded());
            return;
        }

        if (_decisions.Predecessor(name, node) is { } predecessor)
        {
            if (Has(Bug.ForgetPredecessorOnly))
                Forget(_decisions.Remove(predecessor.Id, Now)!, "another process joined from its address");
            else
                RemoveWorker(predecessor.Id, "another process joined from its address");
        }

        Member joined = _decisions.Join(name, node, process: 1, lanes);
        if (!_offers.TryGetValue(joined.Id, out byte[]? token))
            _offers.Add(joined.Id, token = _tokens.Issue(node));
        var origin = new FrameOrigin(State.Run, State.Term);
        Sim.Network.Control(Simulation.CoordinatorHost, worker.Host, worker.Process, "RunOffered", () => worker.OnRunOffered(this, node, origin, token));
    }

    /// <summary>A worker connected to the tensor listener; the first frame must be its token.</summary>
    public void OnConnected(StreamEnd stream) => stream.OnFrame = (header, payload) =>
    {
        string? node = header.Kind == FrameKind.Hello && header.Run == State.Run
            ? _tokens.Redeem(payload.AsSpan(0, StreamTokens.TokenBytes), payload.AsSpan(StreamTokens.TokenBytes))
            : null;
        if (node is null)
        {
            Sim.Statistics.RefusedTokens++;
            stream.Send(new FrameHeader { Kind = FrameKind.Refusal, Run = State.Run }, Encoding.UTF8.GetBytes("The token is not valid."));
            stream.Close();
            return;
        }

        stream.OnFrame = (_, _) => { }; // Nothing may come before the coordinator has sent spec and data.
        ToCoordinator(new FifoLine(), "StreamOpened", () => OnStreamOpened(node, stream));
    };

    private void OnStreamOpened(string node, StreamEnd stream)
    {
        if (_decisions.FindByNode(node) is not { } member || _links.ContainsKey(member.Id))
        {
            stream.Close();
            return;
        }

        var link = new SimLink(this, member.Id, stream, new FifoLine());
        _links[member.Id] = link;
        _allLinks.Add(link);
        link.Start();
        if (_decisions.Phase == RunPhase.Ending)
            link.PostLast(FrameKind.Bye, RunIsOver);
        else if (stream.IsClosed)
            link.Fail("the peer closed it");
    }

    public void OnLinkReady(WorkerId worker, string fingerprint)
    {
        if (_decisions.Find(worker) is not { } member)
            return;
        if (fingerprint != TinyRun.Fingerprint)
        {
            RemoveWorker(member.Id, "Its numerics differ.");
            return;
        }

        _decisions.MarkReady(worker);
        Sim.Statistics.Joined++;
        if (_decisions.Phase == RunPhase.Training)
            PublishWorkers();
        else if (_decisions.TryStart())
            PublishWorkers();
    }

    private void PublishWorkers(bool isInGoodOrder = false)
    {
        IReadOnlyList<StepWorker> workers = _decisions.StepWorkers;
        var links = new Dictionary<WorkerId, SimLink>(_links);
        ToServer(_toServer, "ChangeWorkers", () => OnChangeWorkers(workers, links, isInGoodOrder));
    }

    // Leaving

    public void OnLinkLeaving(WorkerId worker)
    {
        if (_decisions.MarkLeaving(worker, "it was asked to stop", Now) is not { } member)
            return;
        if (_decisions.Ready.Count == 0)
            _lackingSince = Sim.Timeline.Now;
        if (_decisions.Phase == RunPhase.Training)
            PublishWorkers(isInGoodOrder: true);
        else
            _links[member.Id].PostLast(FrameKind.Bye, "It owes nothing.");
    }

    // Losing

    public void OnLinkLost(WorkerId worker, string reason) => RemoveWorker(worker, reason);

    public void OnMemberRemoved(string node)
    {
        if (_decisions.FindByNode(node) is { } member)
            RemoveWorker(member.Id, "the cluster removed its node");
    }

    private void RemoveWorker(WorkerId worker, string reason)
    {
        if (_decisions.Remove(worker, Now) is not { } member)
            return;
        Sim.Timeline.Note($"{Process} lost worker {member.Name}: {reason}");
        Sim.Statistics.Lost++;
        if (_decisions.Phase == RunPhase.Training && member.IsReady && _decisions.Ready.Count == 0)
            _lackingSince = Sim.Timeline.Now;
        Forget(member, reason);
        if (_decisions.Phase == RunPhase.Ending)
            return;
        if (_decisions.Phase == RunPhase.Training && (member.IsReady || member.Leaving is not null))
            PublishWorkers();
        if (_decisions.Phase != RunPhase.Training || _decisions.Ready.Count > 0)
            return;
        if (_isStopping)
            ToServer(_toServer, "EndTraining", () => OnEndTraining(waitForStep: false));
    }

    private void Forget(Member member, string reason)
    {
        _tokens.Revoke(member.Node);
        _offers.Remove(member.Id);
        if (_links.Remove(member.Id, out SimLink? link))
            link.PostLast(FrameKind.Refusal, reason);
    }

    private void OnTick()
    {
        if (_decisions.GiveUp(Now) is { } reason)
            EndRun(reason);
        if (Ended is null)
            Sim.Timeline.After(Process, TickEvery, OnTick);
    }

    // Ending

    private void EndRun(string reason)
    {
        if (_decisions.Phase == RunPhase.Ending || _isStopping)
            return;
        Sim.Timeline.Note($"{Process} ends the run: {reason}");
        if (Sim.Timeline.Now - _lackingSince < (long)_options.WorkerTimeout.TotalMicroseconds)
            Sim.Violate($"{Process} gave up after {(Sim.Timeline.Now - _lackingSince) / Timeline.Millisecond} ms without workers; it was to wait {_options.WorkerTimeout.TotalSeconds} s.");
        _failure ??= reason;
        _isStopping = true;
        bool canFinishStep = _decisions.Phase == RunPhase.Training && _decisions.Ready.Count > 0;
        ToServer(_toServer, "EndTraining", () => OnEndTraining(canFinishStep));
    }

    private void OnTrainingEnded(bool isSaving)
    {
        _decisions.End();
        _finalSaved |= !isSaving;
        _trainingEnded = true;
        foreach (SimLink link in _links.Values)
            link.PostLast(FrameKind.Bye, RunIsOver);
        CompleteWhenDone();
    }

    private void OnSnapshotSaved(string path, long step, bool isFinal)
    {
        Sim.OnSaved(path, step);
        _finalSaved |= isFinal;
        CompleteWhenDone();
    }

    private void OnSnapshotFailed(string reason, bool isFinal)
    {
        Sim.Statistics.FailedSaves++;
        if (!isFinal)
            return;
        _failure ??= reason;
        _finalSaved = true;
        CompleteWhenDone();
    }

    private void CompleteWhenDone()
    {
        if (!_trainingEnded || !_finalSaved || Ended is not null)
            return;
        Ended = _failure ?? "";
        // The process leaves a little later: whoever still listens hears the end of the run.
        Sim.Timeline.After(Process, 300 * Timeline.Millisecond, () =>
        {
            Die(tellsPeers: true);
            Sim.OnCoordinatorExited(this);
        });
    }
}
