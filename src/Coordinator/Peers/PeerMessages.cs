using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

// What the streams to other coordinators tell the leadership of this one. None of these crosses a process.
namespace Lockstep.Coordinator.Peers;

/// <summary>A peer says how it stands.</summary>
internal sealed record PeerHeard(int Peer, PeerStatus Status);

/// <summary>A peer is not heard any more.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="IsGone">Whether its process is known to be gone: its machine refuses connections.</param>
/// <param name="Reason">What was seen.</param>
internal sealed record PeerLost(int Peer, bool IsGone, string Reason);

/// <summary>A peer and this coordinator do not talk to each other: they have other secrets or certificates.</summary>
internal sealed record PeerUnproven(int Peer, string Reason);

/// <summary>The checkpoint of a step, or all that the leader had, is on this disk, with all of trace and metrics before it.</summary>
internal sealed record PeerReplicated(int Peer, ulong Run, int Term, long Step);

/// <summary>A checkpoint was not kept. The next one may be.</summary>
internal sealed record PeerTroubled(int Peer, string Problem);

/// <summary>The followed leader has said why it ends, or (null) what it sends cannot be kept.</summary>
internal sealed record PeerParted(int Peer, Farewell? Why, string Reason)
{
    /// <summary>The leader's run, where it is not this coordinator's.</summary>
    public RunSpec? OtherRun { get; init; }
}
