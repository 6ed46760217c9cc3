using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Watching;

/// <summary>A fault that happened, and the recovery from it.</summary>
/// <param name="number">Place in the plan, from 1 on.</param>
/// <param name="fault">The fault.</param>
/// <param name="at">When it happened, in seconds of the watch.</param>
/// <param name="step">The last completed step then.</param>
internal sealed class FaultRecord(int number, Fault fault, double at, long step)
{
    public int Number { get; } = number;

    public Fault Fault { get; } = fault;

    /// <summary>Number of the coordinator that it hit; 0 for none.</summary>
    public int Coordinator { get; set; }

    public double At { get; } = at;

    public long Step { get; } = step;

    /// <summary>The step whose completion shows that training goes on; the largest number while it is not known.</summary>
    public long Target { get; set; } = long.MaxValue;

    /// <summary>When it was over; null while it lasts.</summary>
    public double? EndedAt { get; set; }

    /// <summary>When <see cref="Target"/> was complete; null if it is not.</summary>
    public double? RecoveredAt { get; set; }

    /// <summary>Seconds from the fault to the completion of the next step that began after it.</summary>
    public double? SecondsToRecover => RecoveredAt - At;

    /// <summary>Steps that were computed again, because another coordinator continued from an earlier checkpoint.</summary>
    public long StepsRepeated { get; set; }
}
