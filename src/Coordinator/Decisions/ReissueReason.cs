namespace Lockstep.Coordinator.Decisions;

/// <summary>Why a node is asked of one more worker.</summary>
internal enum ReissueReason
{
    /// <summary>Who owed it is lost or leaves.</summary>
    WorkersChanged,

    /// <summary>Who owes it is late.</summary>
    Late,

    /// <summary>To know how fast a worker is that stands by.</summary>
    Probe,
}
