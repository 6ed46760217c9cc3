using System.Diagnostics.Metrics;
using Akka.Actor;
using Akka.Cluster;

namespace Lockstep.Shared.Cluster;

/// <summary>Metrics of the cluster membership as one node sees it.</summary>
internal static class ClusterMeter
{
    private static readonly string[] Roles = [.. Enum.GetValues<ClusterRole>().Select(ClusterConfig.NameOf)];

    /// <summary>Measures until the node ends.</summary>
    public static void Start(ActorSystem system)
    {
        Akka.Cluster.Cluster cluster = Akka.Cluster.Cluster.Get(system);
        Meter meter = LockstepMeter.Create();
        _ = meter.CreateObservableGauge<long>(
            "lockstep.cluster.members", () => Count(cluster.State), "{member}",
            "Members of the Akka cluster as this process sees it, by role and by whether they are heard.");
        system.RegisterOnTermination(meter.Dispose);
    }

    private static IEnumerable<Measurement<long>> Count(ClusterEvent.CurrentClusterState state)
    {
        foreach (string role in Roles)
        {
            Member[] members = [.. state.Members.Where(member => member.HasRole(role))];
            int unreachable = members.Count(state.Unreachable.Contains);
            yield return new Measurement<long>(members.Length - unreachable, new("role", role), new("state", "reachable"));
            yield return new Measurement<long>(unreachable, new("role", role), new("state", "unreachable"));
        }
    }
}
