using Lockstep.Shared;
using Lockstep.Shared.Messages;
using Lockstep.Simulation.Tests.World;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>
/// One membership of a worker in a cluster: pumps messages and time into the product's <see cref="LeaderSearch"/>, and carries out what it
/// asks for.
/// </summary>
internal sealed class SimMembership
{
    private const long TickEvery = 20 * Timeline.Millisecond, LookEvery = 250 * Timeline.Millisecond, JoinAgainAfter = Timeline.Second;

    private readonly SimWorker _worker;
    private readonly LeaderSearch _search;
    private readonly HeldData _held;
    private SimCoordinator? _leader;
    private SimCluster? _cluster;
    private SimProcess? _leaderProcess;
    private long _heardAt;
    private bool _isMember, _hasEnded;

    public SimMembership(SimWorker worker, string name, string node, ISet<string> known, HeldData held, TimeSpan timeout)
    {
        (_worker, Name, Node, _held) = (worker, name, node, held);
        _search = new LeaderSearch(known, worker.Options.Places);
        Sim.Timeline.After(worker.Process, (long)timeout.TotalMicroseconds, () => Carry(_search.TimedOut(worker.Options.JoinTimeout)));
        Tick();
    }

    public string Name { get; }

    /// <summary>Its unique address.</summary>
    public string Node { get; }

    public int Host => _worker.Host;

    public SimSession? Session { get; private set; }

    /// <summary>Whether it answers heartbeats.</summary>
    public bool IsAnswering => !_hasEnded && _worker.Process.IsRunning && _worker.Membership == this;

    private Simulation Sim => _worker.Sim;

    private bool HearsLeader => _leader is not null && Sim.Timeline.Now - _heardAt < SimCluster.Pause;

    public void Drain() => Carry(_search.Drain());

    public void OnSessionEnded(WorkerResult result) => Carry(_search.SessionEnded(result));

    /// <summary>Heartbeats, as this node hears them.</summary>
    public void Look()
    {
        if (!_isMember || _hasEnded)
            return;
        if (_leaderProcess!.IsRunning && _cluster!.Has(this) && Sim.Network.IsOpenBothWays(Host, _leader!.Host))
            _heardAt = Sim.Timeline.Now;
        else if (Sim.Timeline.Now - _heardAt > SimCluster.RemoveAfter)
            Carry(_search.Removed());
    }

    private void Tick()
    {
        if (_hasEnded)
            return;
        Sim.Timeline.After(_worker.Process, Session is null ? TickEvery : LookEvery, Tick);
        Carry(_search.Tick(HearsLeader, _worker.Clock.Elapsed));
    }

    private void Receive(string from, object message)
    {
        if (_hasEnded)
            return;
        Carry(message switch
        {
            LeaderFound found => _search.Found(from, found, HearsLeader, _worker.Clock.Elapsed),
            RunOffered offer => _search.Offered(offer),
            JoinRefused refused => _search.Refused(refused.Reason),
            RunEnded ended => _search.RunIsOver(ended.Reason, HearsLeader),
            _ => throw new InvalidOperationException($"A worker gets a {message.GetType().Name}."),
        });
    }

    private void Carry(IReadOnlyList<WorkerEffect> effects)
    {
        for (int i = 0; i < effects.Count && !_hasEnded; i++)
            Carry(effects[i]);
    }

    private void Carry(WorkerEffect effect)
    {
        switch (effect)
        {
            case WorkerEffect.Ask ask:
                foreach (string place in ask.Places)
                    Send(
                        place, nameof(FindLeader),
                        (coordinator, answers) => coordinator.OnFindLeader(ProductVersion.Current, Name, answers));
                break;
            case WorkerEffect.Join join:
                _leader = Sim.CoordinatorAt(join.Leader);
                _heardAt = Sim.Timeline.Now;
                Join();
                break;
            case WorkerEffect.AskToJoin ask:
                var info = new WorkerInfo(
                    $"w{Host}", 1, _worker.Options.Lanes, ProductVersion.Current, "simulated", _held.Current?.Digest ?? "");
                Send(
                    ask.Leader, nameof(JoinRun),
                    (coordinator, answers) => coordinator.Cluster.OnJoinRun(this, new JoinRun(info, Attempt: 0), answers));
                break;
            case WorkerEffect.Open open:
                Session = new SimSession(_worker, this, open.Offer, _held);
                break;
            case WorkerEffect.Drain:
                Session!.Drain();
                break;
            case WorkerEffect.End end:
                End(end.Result);
                break;
        }
    }

    private void Join()
    {
        if (_hasEnded || _isMember)
            return;
        Sim.Timeline.After(_worker.Process, JoinAgainAfter, Join);
        Send(_leader!.Name, "join the cluster", (coordinator, answers) =>
        {
            SimCluster cluster = coordinator.Cluster;
            SimProcess process = coordinator.Process;
            cluster.Join(this);
            Sim.Network.Control(coordinator.Host, Host, _worker.Process, "joined", () => OnJoined(cluster, process));
        });
    }

    private void OnJoined(SimCluster cluster, SimProcess leader)
    {
        if (_hasEnded || _isMember)
            return;
        (_isMember, _cluster, _leaderProcess, _heardAt) = (true, cluster, leader, Sim.Timeline.Now);
        Carry(_search.Joined(_worker.Clock.Elapsed));
    }

    private void Send(string place, string what, Action<SimCoordinator, RemoteMailbox> act)
    {
        SimCoordinator coordinator = Sim.CoordinatorAt(place);
        var answers = new RemoteMailbox(Sim.Network, coordinator.Host, Host, _worker.Process, message => Receive(place, message));
        Sim.Network.Control(Host, coordinator.Host, coordinator.Process, what, () => act(coordinator, answers));
    }

    private void End(WorkerResult result)
    {
        _hasEnded = true;
        Session?.Stop("this membership is over");
        if (_leader is not null)
            Send(_leader.Name, "leave the cluster", (coordinator, _) => coordinator.Cluster.Remove(this));
        _worker.OnMembershipEnded(result);
    }
}
