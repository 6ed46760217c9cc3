using Lockstep.Coordinator.Leading;
using Lockstep.Shared.Messages;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Processes;

/// <summary>
/// The cluster whose middle a coordinator's process is, in as much as the product sees of it: nodes join, each the session of a worker; a
/// node that does not hear the middle, or is not heard by it, is removed.
/// </summary>
internal sealed class SimCluster(SimCoordinator coordinator)
{
    /// <summary>As on one machine: a pause of this length counts as silence, and silence of that length as the end.</summary>
    public const long Pause = 1_750 * Timeline.Millisecond, RemoveAfter = 3_750 * Timeline.Millisecond, LookEvery = 250 * Timeline.Millisecond;

    private readonly Dictionary<string, (SimMembership Member, long Heard)> _members = [];

    public bool Has(SimMembership member) => _members.TryGetValue(member.Node, out var known) && known.Member == member;

    public void Join(SimMembership joining)
    {
        if (Has(joining))
            return;
        foreach ((SimMembership old, long _) in _members.Values.Where(known => known.Member.Name == joining.Name).ToList())
            Remove(old);
        _members[joining.Node] = (joining, coordinator.Sim.Timeline.Now);
    }

    public void Remove(SimMembership member)
    {
        if (_members.Remove(member.Node))
            coordinator.Tell(new NodeRemoved(member.Node));
    }

    public void OnJoinRun(SimMembership member, JoinRun join, RemoteMailbox asker)
    {
        if (Has(member))
            coordinator.Tell(new WorkerAsked(join, member.Name, member.Node, asker));
    }

    /// <summary>Heartbeats, as the middle hears them.</summary>
    public void Look()
    {
        long now = coordinator.Sim.Timeline.Now;
        foreach ((SimMembership member, long heard) in _members.Values.ToList())
        {
            if (member.IsAnswering && coordinator.Sim.Network.IsOpenBothWays(coordinator.Host, member.Host))
                _members[member.Node] = (member, now);
            else if (now - heard > RemoveAfter)
                Remove(member);
        }
    }
}
