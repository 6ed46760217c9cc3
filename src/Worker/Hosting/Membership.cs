using Lockstep.Shared.Cluster;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging;

namespace Lockstep.Worker.Hosting;

/// <summary>What a worker needs for one cluster membership, and keeps for the next.</summary>
/// <param name="Options">The process's options.</param>
/// <param name="Timeout">How long a coordinator may take to admit it.</param>
/// <param name="Coordinators">The current addresses of the coordinators' names.</param>
/// <param name="Known">All known coordinators, as HOST:PORT: those of the options and those that others have named.</param>
/// <param name="Held">Images of an earlier session.</param>
/// <param name="Meter">The worker's metrics.</param>
/// <param name="Loggers">Where logs go.</param>
internal sealed record Membership(
    WorkerOptions Options, TimeSpan Timeout, IReadOnlyList<Seed> Coordinators, ISet<string> Known, HeldData Held, WorkerMeter Meter,
    ILoggerFactory Loggers);
