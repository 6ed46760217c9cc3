using Lockstep.Coordinator.Runs;
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
