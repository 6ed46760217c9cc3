using System.Net;
using Lockstep.Cli.Configuration;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Training;

/// <summary>Who computes a run.</summary>
/// <param name="Listen">Address of the cluster; port 0 takes a free one.</param>
/// <param name="LocalWorkers">Worker processes to start on this machine.</param>
/// <param name="Lanes">Compute threads of each of them.</param>
/// <param name="MinWorkers">Training starts when so many are ready.</param>
/// <param name="Advertise">Address and port at which workers reach it, where that is not <paramref name="Listen"/>.</param>
/// <param name="Secret">What workers must prove that they know.</param>
/// <param name="Tls">What this side shows to workers, and whom it believes.</param>
/// <param name="StandbyOf">Where the coordinator is that this process stands by for; null where it leads.</param>
internal sealed record ClusterPlan(
    IPEndPoint Listen, int LocalWorkers, int Lanes, int MinWorkers, IPEndPoint? Advertise = null, ClusterSecret? Secret = null,
    ClusterTls? Tls = null, IReadOnlyList<HostPort>? StandbyOf = null);
