using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;

// Messages between a coordinator's leadership, the host of its process, and the role that trains. All stay in the process.
namespace Lockstep.Coordinator.Peers;

/// <summary>The host's next task.</summary>
internal abstract record LeadershipTask
{
    /// <summary>Train. Answered by <see cref="RunBegun"/>, and finally by <see cref="RunEndedHere"/>.</summary>
    public sealed record Train(ulong Run, int Term) : LeadershipTask;

    /// <summary>The run is complete; its files are in the folder.</summary>
    public sealed record Complete : LeadershipTask;

    /// <summary>End: there is nothing to lead or to follow.</summary>
    /// <param name="Outcome">The outcome to report.</param>
    /// <param name="Message">Why, for people.</param>
    public sealed record End(RunOutcome Outcome, string Message) : LeadershipTask;

    /// <summary>The leader trains another run.</summary>
    public sealed record EndForOtherRun(Lockstep.Model.Specs.RunSpec Leader, string Address) : LeadershipTask;
}

/// <summary>Host -> leadership: training has begun.</summary>
/// <param name="Coordination">The role that leads it.</param>
internal sealed record RunBegun(IMailbox Coordination);

/// <summary>Host -> leadership: training has ended here.</summary>
/// <param name="Own">What this coordinator can continue from.</param>
/// <param name="Yields">Whether this coordinator stands by now; otherwise it ends.</param>
internal sealed record RunEndedHere(Replica Own, bool Yields);

/// <summary>Timer -> leadership, every <see cref="Every"/>, if there are peers.</summary>
internal sealed record LeadershipTick
{
    public static readonly LeadershipTick Instance = new();

    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);
}

/// <summary>Actor -> leadership: a worker asks who leads.</summary>
/// <param name="Find">Its request.</param>
/// <param name="Name">HOST:PORT of its node.</param>
/// <param name="Asker">Receives the answer.</param>
internal sealed record LeaderAsked(FindLeader Find, string Name, IMailbox Asker);
