namespace Lockstep.Simulation.Tests.Standbys;

internal enum StandbyFaultKind
{
    /// <summary><c>kill -9</c> of whoever leads: its machine ends its streams and refuses connections.</summary>
    KillLeader,

    /// <summary>The leader's machine is off.</summary>
    PowerOffLeader,

    /// <summary>SIGSTOP, and SIGCONT later.</summary>
    PauseLeader,

    /// <summary>SIGTERM: it hands over.</summary>
    StopLeader,

    KillStandby,

    KillWorker,

    /// <summary>The leader does not hear one standby, nor it the leader.</summary>
    CutLeaderFromStandby,

    /// <summary>The leader does not hear one worker, nor it the leader.</summary>
    CutLeaderFromWorker,

    /// <summary>The leader is cut off from everybody.</summary>
    IsolateLeader,

    /// <summary>Leader and one worker on one side, all others on the other.</summary>
    SplitWithAWorker,

    /// <summary>One standby and one worker on one side, all others on the other.</summary>
    SplitStandbyWithAWorker,

    /// <summary>An offer of the leader before comes late, to a worker that has promised the next one to follow it.</summary>
    LateOffer,
}

/// <summary>A planned fault.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="At">Before which message since training began; where it cannot happen there, as soon as it can.</param>
/// <param name="Target">Which standby or worker.</param>
/// <param name="Milliseconds">How long it lasts, or until the process is started again.</param>
internal sealed record StandbyFault(StandbyFaultKind Kind, long At, int Target, int Milliseconds)
{
    public static IReadOnlyList<StandbyFault> PlanOf(ulong seed)
    {
        var random = new World.SimRandom(seed ^ 0x57A2DB);
        StandbyFaultKind[] kinds = Enum.GetValues<StandbyFaultKind>();
        var faults = new StandbyFault[1 + random.Next(3)];
        for (int i = 0; i < faults.Length; i++)
        {
            StandbyFaultKind kind = i == 0 ? kinds[(int)(seed % (ulong)kinds.Length)] : kinds[random.Next(kinds.Length)];
            faults[i] = new StandbyFault(kind, random.Next(500), random.Next(4), random.OnceIn(2) ? random.Next(10, 1_500) : random.Next(1_500, 15_000));
        }

        return [.. faults.OrderBy(fault => fault.At)];
    }
}
