using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Worker.Sessions;

/// <summary>What a worker process needs: everything else comes from the coordinator.</summary>
public sealed record WorkerOptions
{
    /// <summary>
    /// Name or address of the coordinator, and the port of its cluster; where it has standbys, theirs as well. Any of them that runs is enough to
    /// find the one that leads.
    /// </summary>
    public required IReadOnlyList<DnsEndPoint> Coordinators { get; init; }

    /// <summary>The coordinators, as <c>--join</c> has them.</summary>
    public string Places => string.Join(',', Coordinators.Select(place => place.Host.Contains(':', StringComparison.Ordinal) ? $"[{place.Host}]:{place.Port}" : $"{place.Host}:{place.Port}"));

    /// <summary>Compute threads, at least 1.</summary>
    public required int Lanes { get; init; }

    /// <summary>What this worker and the coordinator prove to each other that they know. It or <see cref="Tls"/> is needed where a coordinator is not at a loopback address.</summary>
    public ClusterSecret? Secret { get; init; }

    /// <summary>What this worker shows to the coordinator and other workers, and whom it believes. A coordinator's certificate must be for its name or address in <see cref="Coordinators"/>; that of one which is not among them, for its address.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>The process by which the coordinator knows this worker where it has started it: its own, or the ssh that leads to it.</summary>
    public int Process { get; init; } = Environment.ProcessId;

    /// <summary>How long to try to reach the coordinator, at first and when it is lost.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>How a worker ended.</summary>
public enum WorkerOutcome
{
    /// <summary>The run is over, or it was asked to stop.</summary>
    Completed,

    /// <summary>The coordinator refused it, and said why.</summary>
    Refused,

    /// <summary>The coordinator was reached, and is lost. It may come back.</summary>
    Disconnected,

    /// <summary>The coordinator was not reached, or did not come back.</summary>
    CoordinatorLost,
}

/// <summary>The end of a worker, with a paragraph for people where it is not <see cref="WorkerOutcome.Completed"/>.</summary>
public sealed record WorkerResult(WorkerOutcome Outcome, string? Message = null);
