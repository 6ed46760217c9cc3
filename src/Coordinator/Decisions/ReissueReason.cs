namespace Lockstep.Coordinator.Decisions;

/// <summary>Why a node is requested from one more worker.</summary>
internal enum ReissueReason
{
    /// <summary>The worker that owed it is lost or is leaving.</summary>
    WorkersChanged,

    /// <summary>The worker that owes it is late.</summary>
    Late,

    /// <summary>To measure the pace of a standby worker.</summary>
    Probe,
}
