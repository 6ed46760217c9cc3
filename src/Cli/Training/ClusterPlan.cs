using System.Net;
using Lockstep.Coordinator.Launching;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Training;

/// <summary>Who computes a run.</summary>
/// <param name="Listen">Address of the cluster; port 0 takes a free one.</param>
/// <param name="Launches">Worker processes to start; none where workers come by themselves.</param>
/// <param name="MinWorkers">Training starts when so many are ready; 0 for all that are started.</param>
/// <param name="Advertise">Address and port at which workers reach it, where that is not <paramref name="Listen"/>.</param>
/// <param name="Secret">What workers must prove that they know.</param>
/// <param name="Tls">What this side shows to workers, and whom it believes.</param>
internal sealed record ClusterPlan(
    IPEndPoint Listen, IReadOnlyList<WorkerLaunch> Launches, int MinWorkers, IPEndPoint? Advertise = null, ClusterSecret? Secret = null,
    ClusterTls? Tls = null)
{
    /// <summary>All coordinators of the run; empty where this is the only one.</summary>
    public IReadOnlyList<DnsEndPoint> Peers { get; init; } = [];
}
