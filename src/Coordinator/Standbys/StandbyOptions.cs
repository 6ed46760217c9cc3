using System.Net;
using Lockstep.Model.Specs;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Coordinator.Standbys;

/// <summary>What a standby needs to follow a coordinator, and to lead in its place.</summary>
public sealed record StandbyOptions
{
    /// <summary>What is trained: the same as the leading coordinator trains, or it is not followed.</summary>
    public required RunSpec Spec { get; init; }

    /// <summary>Where replicated checkpoints go; the folder exists.</summary>
    public required string CheckpointDirectory { get; init; }

    /// <summary>Where the replicated trace goes.</summary>
    public required string TraceFile { get; init; }

    /// <summary>Where the replicated metrics go.</summary>
    public required string MetricsFile { get; init; }

    /// <summary>Newest checkpoints to keep, at least 1.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>Names or addresses of the other coordinators with the ports of their clusters; any that runs is enough.</summary>
    public required IReadOnlyList<DnsEndPoint> Coordinators { get; init; }

    /// <summary>As <see cref="TrainingOptions.Listen"/>; with a port other than 0, so that workers can be told of it beforehand.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>As <see cref="TrainingOptions.Advertise"/>.</summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>As <see cref="TrainingOptions.Secret"/>.</summary>
    public ClusterSecret? Secret { get; init; }

    /// <summary>As <see cref="TrainingOptions.Tls"/>. Certificates of other coordinators must be for their names or addresses in <see cref="Coordinators"/>.</summary>
    public ClusterTls? Tls { get; init; }
}
