using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;

// The conversation of a coordinator's leadership with the host of its process and the role that trains. None of these crosses a process.
namespace Lockstep.Coordinator.Peers;

/// <summary>What the host is to do next.</summary>
internal abstract record LeadershipTask
{
    /// <summary>Train. Answered by <see cref="RunBegun"/>, and in the end by <see cref="RunEndedHere"/>.</summary>
    public sealed record Train(ulong Run, int Term) : LeadershipTask;

    /// <summary>The run is over; all of it is in the folder.</summary>
    public sealed record Complete : LeadershipTask;

    /// <summary>There is nothing to lead or to follow.</summary>
    /// <param name="Outcome">How this ends.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record End(RunOutcome Outcome, string Message) : LeadershipTask;

    /// <summary>The leader trains another run.</summary>
    public sealed record EndForOtherRun(Lockstep.Model.Specs.RunSpec Leader, string Address) : LeadershipTask;
}

/// <summary>Host -> leadership: the training has begun.</summary>
/// <param name="Coordination">The role that leads it.</param>
internal sealed record RunBegun(IMailbox Coordination);

/// <summary>Host -> leadership: the training has ended here.</summary>
/// <param name="Own">What there is to go on from.</param>
/// <param name="Yields">Whether this coordinator stands by now; else it ends.</param>
internal sealed record RunEndedHere(Replica Own, bool Yields);

/// <summary>Coordination -> leadership, some times a second.</summary>
/// <param name="Term">The term of the training.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="Workers">Ready workers.</param>
/// <param name="IsEnding">Whether the training has ended here.</param>
/// <param name="IsOver">Whether the run is over for everybody.</param>
internal sealed record RunProgressed(int Term, long Step, int Workers, bool IsEnding, bool IsOver)
{
    /// <summary>What is to be told after a message; null after those that change nothing of it.</summary>
    public static RunProgressed? After(object message, Coordination coordination, int term) => message is CoordinationTick or StepReport or TrainingEnded
        ? new RunProgressed(term, coordination.Step, coordination.Ready, coordination.Phase == RunPhase.Ending, coordination.IsOver) : null;
}

/// <summary>Timer -> coordination, every <see cref="Every"/>: time has passed.</summary>
internal sealed record CoordinationTick
{
    public static readonly CoordinationTick Instance = new();

    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
}

/// <summary>Timer -> leadership, every <see cref="Every"/>, where there are peers: time has passed.</summary>
internal sealed record LeadershipTick
{
    public static readonly LeadershipTick Instance = new();

    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
}

/// <summary>Actor -> leadership: a worker asks who leads.</summary>
/// <param name="Find">What it said.</param>
/// <param name="Name">HOST:PORT of its node.</param>
/// <param name="Asker">Where the answer goes.</param>
internal sealed record LeaderAsked(FindLeader Find, string Name, IMailbox Asker);
