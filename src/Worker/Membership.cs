using Lockstep.Shared.Cluster;

namespace Lockstep.Worker;

/// <summary>What a worker begins one membership of the cluster with, and keeps for the next.</summary>
/// <param name="Options">What the process was started with.</param>
/// <param name="Patience">How long a coordinator may take to answer.</param>
/// <param name="Coordinators">Where to join: the addresses that the names have now.</param>
/// <param name="Held">Images of an earlier session.</param>
/// <param name="Fence">Terms that this worker has accepted.</param>
/// <param name="Meter">Counts.</param>
/// <param name="Notices">Told in a sentence what people should know.</param>
internal sealed record Membership(
    WorkerOptions Options, TimeSpan Patience, IReadOnlyList<Seed> Coordinators, HeldImages Held, TermFence Fence, WorkerMeter Meter,
    IProgress<string>? Notices);
