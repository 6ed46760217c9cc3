using Lockstep.Shared.Cluster;
using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Hosting;

/// <summary>What a worker begins one membership of a cluster with, and keeps for the next.</summary>
/// <param name="Options">What the process was started with.</param>
/// <param name="Patience">How long it may take until a coordinator lets it in.</param>
/// <param name="Coordinators">The addresses that the coordinators' names have now.</param>
/// <param name="Known">All coordinators that are known, as HOST:PORT: those, and those that others have named.</param>
/// <param name="Held">Images of an earlier session.</param>
/// <param name="Meter">Counts.</param>
internal sealed record Membership(
    WorkerOptions Options, TimeSpan Patience, IReadOnlyList<Seed> Coordinators, ISet<string> Known, HeldData Held, WorkerMeter Meter);
