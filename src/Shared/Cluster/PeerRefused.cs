namespace Lockstep.Shared.Cluster;

/// <summary>
/// Published on a node's event stream: this node and another one do not talk, because their secrets differ or one does not accept the
/// other's certificate.
/// </summary>
/// <param name="Host">Address of the other node.</param>
/// <param name="Port">Its port. If the other node connected, the source port of that connection.</param>
/// <param name="IsDialer">Whether this node made the connection.</param>
/// <param name="Reason">The reason and what to do, as the predicate of a sentence about the other node.</param>
public sealed record PeerRefused(string Host, int? Port, bool IsDialer, string Reason);
