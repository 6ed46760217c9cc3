using Akka.Cluster;

namespace Lockstep.Shared.Cluster;

/// <summary>The coordinators of a cluster as one node of it sees them, and whom it hears.</summary>
public static class Coordinators
{
    private static readonly string Role = ClusterConfig.NameOf(ClusterRole.Coordinator);

    /// <summary>Whether a member is a coordinator, leading or standing by.</summary>
    public static bool Includes(Member member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return member.HasRole(Role);
    }

    /// <summary>Members that are neither removed nor about to be.</summary>
    public static IEnumerable<Member> Members(Akka.Cluster.Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.State.Members.Where(member => member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up or MemberStatus.Leaving);
    }

    /// <summary>The coordinators, the one that has been a member for longest first: that is the order in which they lead.</summary>
    public static IReadOnlyList<Member> InOrder(Akka.Cluster.Cluster cluster) =>
        [.. Members(cluster).Where(Includes).Order(Comparer<Member>.Create((a, b) => a.Equals(b) ? 0 : a.IsOlderThan(b) ? -1 : 1))];

    /// <summary>Whether this node hears a member, or is it.</summary>
    public static bool Hears(Akka.Cluster.Cluster cluster, Member member)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(member);
        return member.UniqueAddress == cluster.SelfUniqueAddress || cluster.FailureDetector.IsAvailable(member.Address);
    }
}
