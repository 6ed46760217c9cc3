using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Worker.Sessions;

/// <summary>Options of a worker process. Everything else comes from the coordinator.</summary>
public sealed record WorkerOptions
{
    /// <summary>
    /// Names or addresses of the coordinators, with the ports of their clusters. One running coordinator is enough to find the leader.
    /// </summary>
    public required IReadOnlyList<DnsEndPoint> Coordinators { get; init; }

    /// <summary>The coordinators, as <c>--join</c> has them.</summary>
    public string Places => string.Join(
        ',',
        Coordinators.Select(
            place => place.Host.Contains(':', StringComparison.Ordinal) ? $"[{place.Host}]:{place.Port}" : $"{place.Host}:{place.Port}"));

    /// <summary>Compute threads, at least 1.</summary>
    public required int Lanes { get; init; }

    /// <summary>
    /// The secret that this worker and the coordinator prove to each other. It or <see cref="Tls"/> is required unless all coordinators are
    /// at loopback addresses.
    /// </summary>
    public ClusterSecret? Secret { get; init; }

    /// <summary>
    /// This worker's certificate, and the CA it trusts. A coordinator's certificate must be for its name or address in
    /// <see cref="Coordinators"/>, or for its address if it is not listed there.
    /// </summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>The process id by which the coordinator knows a worker that it has started: its own, or that of its ssh.</summary>
    public int Process { get; init; } = Environment.ProcessId;

    /// <summary>How long to try to reach the coordinator, at first and after losing it.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How a worker ended.</summary>
public enum WorkerOutcome
{
    /// <summary>The run is over, or it was asked to stop.</summary>
    Completed,

    /// <summary>The coordinator refused it with a reason.</summary>
    Refused,

    /// <summary>The coordinator was reached and then lost. It may come back.</summary>
    Disconnected,

    /// <summary>The coordinator was not reached, or did not come back.</summary>
    CoordinatorLost,
}

/// <summary>The result of a worker, with a paragraph for people unless it is <see cref="WorkerOutcome.Completed"/>.</summary>
public sealed record WorkerResult(WorkerOutcome Outcome, string? Message = null);
