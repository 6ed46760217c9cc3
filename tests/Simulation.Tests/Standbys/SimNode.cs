using Lockstep.Shared.Cluster;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>A member of the cluster, in one membership of it.</summary>
/// <param name="Node">The process.</param>
/// <param name="Id">Another one for each membership.</param>
/// <param name="Age">Older members have smaller ones.</param>
internal sealed record SimMember(SimNode Node, string Id, int Age)
{
    public bool IsCoordinator => Node is SimSeat;
}

/// <summary>
/// A process with its part in the cluster: whom it knows as members, whom it hears, and what it removes (<see cref="RemovalRule"/>). Members and removals
/// spread by gossip; this is Akka's part, made simple.
/// </summary>
internal abstract class SimNode(StandbySimulation sim, int host, string name)
{
    public const long Silence = 1_500 * Timeline.Millisecond, RemoveAfter = 2 * Timeline.Second;
    private const long TickEvery = 100 * Timeline.Millisecond;
    private const int TicksPerGossip = 2, TicksPerJoin = 5;

    private readonly Dictionary<string, long> _lastContact = [];
    private readonly HashSet<string> _removed = [];
    private Dictionary<string, SimMember> _members = [];
    private int _memberships, _ticks;

    public StandbySimulation Sim => sim;

    public int Host => host;

    public SimProcess Process { get; protected set; } = new(name);

    public TermFence Fence { get; private set; } = new();

    /// <summary>Of the membership that it has; null for none.</summary>
    public string? Id { get; private set; }

    public IReadOnlyCollection<SimMember> Members => _members.Values;

    public IEnumerable<SimMember> Others => _members.Values.Where(member => member.Id != Id);

    public List<SimMember> Coordinators => [.. _members.Values.Where(member => member.IsCoordinator).OrderBy(member => member.Age)];

    protected TimeSpan Now => TimeSpan.FromMicroseconds(sim.Timeline.Now);

    /// <summary>A new process begins, which knows nothing.</summary>
    public virtual void Start()
    {
        Process = new SimProcess(name);
        Fence = new TermFence();
        Leave();
        sim.Timeline.After(Process, sim.Random.Next(1, 100) * Timeline.Millisecond, Tick);
    }

    public void Found()
    {
        Id = $"{name}/{++_memberships}";
        _members = new Dictionary<string, SimMember> { [Id] = new(this, Id, 0) };
    }

    public bool Hears(SimMember member) => member.Id == Id || sim.Timeline.Now - _lastContact.GetValueOrDefault(member.Id, sim.Timeline.Now) < Silence;

    public void Remove(string id)
    {
        _removed.Add(id);
        _members.Remove(id, out SimMember? removed);
        if (id == Id)
            Removed();
        else if (removed is { Node: var node })
            Control(node, "Down", () => node.OnDown(id));
    }

    private void OnDown(string id)
    {
        if (id == Id)
            Removed();
    }

    protected abstract void OnTick();

    /// <summary>It is no member any more, and joins again.</summary>
    protected abstract void OnRemoved();

    protected void Control(SimNode to, string what, Action act) => sim.Network.Control(host, to.Host, to.Process, what, act);

    private void Leave()
    {
        Id = null;
        _members = [];
        _removed.Clear();
        _lastContact.Clear();
    }

    private void Removed()
    {
        sim.Timeline.Note($"{Process} is removed from the cluster");
        Leave();
        OnRemoved();
    }

    private void Tick()
    {
        sim.Timeline.After(Process, TickEvery, Tick);
        _ticks++;
        foreach (SimMember member in Others)
        {
            bool isHeard = member.Node.Process.IsRunning && member.Node.Id == member.Id && sim.Network.IsOpenBothWays(host, member.Node.Host);
            if (isHeard || !_lastContact.ContainsKey(member.Id))
                _lastContact[member.Id] = sim.Timeline.Now;
        }

        if (Id is null && _ticks % TicksPerJoin == 0)
            AskToJoin();
        if (Id is not null && _ticks % TicksPerGossip == 0)
            Gossip();
        foreach (SimMember member in Others.ToList())
        {
            if (Id is not null && sim.Timeline.Now - _lastContact[member.Id] > Silence + RemoveAfter)
                RemoveOverdue(member);
        }

        OnTick();
    }

    private void RemoveOverdue(SimMember member)
    {
        List<SimMember> coordinators = Coordinators;
        var view = new NodeView(
            this is SimSeat, coordinators.Count > 0 && coordinators[0].Id == Id, coordinators.Count > 0 && coordinators[0] == member,
            coordinators.Count(Hears), coordinators.Count, Members.Count(Hears), Members.Count);
        Removal removal = RemovalRule.Decide(view);
        if (removal == Removal.Member)
            Remove(member.Id);
        else if (removal == Removal.Self)
            Remove(Id!);
    }

    private void AskToJoin()
    {
        string id = $"{name}/{_memberships + 1}";
        foreach (SimSeat seat in sim.Seats.Where(seat => seat != this))
            Control(seat, "Join", () => ((SimNode)seat).OnJoin(this, id));
    }

    private void OnJoin(SimNode joining, string id)
    {
        if (Id is null || _removed.Contains(id))
            return;
        foreach (SimMember earlier in _members.Values.Where(member => member.Node == joining && member.Id != id).ToList())
            Remove(earlier.Id);
        if (!_members.TryGetValue(id, out SimMember? member))
            _members[id] = member = new SimMember(joining, id, sim.NextAge());
        SimMember[] members = [.. _members.Values];
        Control(joining, "Welcome", () => joining.OnWelcome(id, members));
    }

    private void OnWelcome(string id, SimMember[] members)
    {
        if (Id is not null || id != $"{name}/{_memberships + 1}")
            return;
        (Id, _memberships) = (id, _memberships + 1);
        _members = members.ToDictionary(member => member.Id);
    }

    private void Gossip()
    {
        SimMember[] members = [.. _members.Values];
        string[] removed = [.. _removed];
        string from = Id!;
        foreach (SimMember other in Others)
            Control(other.Node, "Gossip", () => other.Node.OnGossip(from, other.Id, members, removed));
    }

    private void OnGossip(string from, string to, SimMember[] members, string[] removed)
    {
        // Of another membership, or from one that was removed: that is another cluster by now.
        if (to != Id || _removed.Contains(from) || !_members.ContainsKey(from))
            return;
        if (removed.Contains(Id))
        {
            Removed();
            return;
        }

        _removed.UnionWith(removed);
        foreach (SimMember member in members)
            _members.TryAdd(member.Id, member);
        foreach (string id in _removed)
            _members.Remove(id);
    }
}
