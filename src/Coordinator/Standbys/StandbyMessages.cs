using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

// The conversation about standbys within a coordinator's process, leading or standing by.
namespace Lockstep.Coordinator.Standbys;

/// <summary>Standby link -> coordinator: the standby has the checkpoint of this step on its disk, or all that there was.</summary>
internal sealed record StandbyReplicated(string Node, long Step);

/// <summary>Standby link -> coordinator: the stream ended.</summary>
internal sealed record StandbyLinkLost(string Node, StandbyLink Link, string Reason);

/// <summary>A link, or the cluster (term 0), -> coordinator: another coordinator leads this run with a newer term, or this one was removed.</summary>
internal sealed record NewerTermSeen(int Term);

/// <summary>Checkpointer -> coordinator: the trace stands where training begins, so standbys may have it.</summary>
internal sealed record TraceBegun;

/// <summary>Receiver -> standby: a checkpoint is on the disk, with all of trace and metrics before it.</summary>
internal sealed record ReplicaSaved(ReplicaReceiver Receiver, long Step);

/// <summary>Receiver -> standby: a checkpoint was not kept. The next one may be.</summary>
internal sealed record ReplicaTroubled(string Problem);

/// <summary>Receiver -> standby: the stream ended. <paramref name="Why"/> is null unless the leader took its leave.</summary>
internal sealed record ReplicaEnded(ReplicaReceiver Receiver, Farewell? Why, string Reason)
{
    /// <summary>The leader's run, where it is not this standby's.</summary>
    public RunSpec? OtherRun { get; init; }
}
