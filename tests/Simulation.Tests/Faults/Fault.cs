namespace Lockstep.Simulation.Tests.Faults;

internal enum FaultKind
{
    KillWorker,
    PowerOffWorker,
    PauseWorker,
    SlowWorker,
    CutStream,
    SlowNetwork,
    Partition,
    PartitionToWorker,
    PartitionToCoordinator,
    JoinWorker,
    LeaveWorker,
    KillCoordinator,
    PowerOffCoordinator,
    PauseCoordinator,
    ZombieCoordinator,
    ClockJump,
    DiskFull,
    SlowDisk,
    TornWrite,
    LostRename,
    RotOfNewest,
    ZombieFrameOfOldTerm,
    ZombieFrameOfOtherRun,
    LeaveCoordinator,
    LeaveLeaderAndWorker,
    KillAllWorkers,
    LastSaveFails,
    CutWorkers,
    CutWorkersOneWay,

    // Between coordinators; from here on there are some.
    CutPeers,
    CutPeersOneWay,
    CutPeersForGood,
    IsolateCoordinator,
    KillLeader,
}

/// <summary>A planned fault.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="At">Before which message, counted from the start; where it cannot happen there, as soon as it can.</param>
/// <param name="Target">Which worker or coordinator, where there is a choice.</param>
/// <param name="Amount">How long in milliseconds, or how many, as the kind has it.</param>
internal sealed record Fault(FaultKind Kind, long At, int Target, int Amount)
{
    public override string ToString() => $"before message {At}: {Kind}(target {Target}, amount {Amount})";
}
