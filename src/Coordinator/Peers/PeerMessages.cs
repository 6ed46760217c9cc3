using Lockstep.Model.Specs;
using Lockstep.Shared.Streaming;

// Messages from the streams of other coordinators to this one's leadership. All stay in the process.
namespace Lockstep.Coordinator.Peers;

/// <summary>A peer reports its status.</summary>
internal sealed record PeerHeard(int Peer, PeerStatus Status);

/// <summary>A peer is lost.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="IsGone">Whether its process is known to be gone: its machine refuses connections.</param>
/// <param name="Reason">What was observed.</param>
internal sealed record PeerLost(int Peer, bool IsGone, string Reason);

/// <summary>A peer and this coordinator cannot talk, because their secrets or certificates differ.</summary>
internal sealed record PeerUnproven(int Peer, string Reason);

/// <summary>The checkpoint of a step, or everything the leader had, is on this disk, with trace and metrics up to it.</summary>
internal sealed record PeerReplicated(int Peer, ulong Run, int Term, long Step);

/// <summary>A checkpoint could not be saved. The next one may be.</summary>
internal sealed record PeerTroubled(int Peer, string Problem);

/// <summary>The followed leader has said why it ends; null if what it sends cannot be saved.</summary>
internal sealed record PeerParted(int Peer, ByeReason? Why, string Reason)
{
    /// <summary>The leader's run, if it differs from this coordinator's.</summary>
    public RunSpec? OtherRun { get; init; }
}
