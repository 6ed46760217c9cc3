namespace Lockstep.Shared.Cluster;

/// <summary>On the event stream of a node: it and another node of Lockstep do not have the same secret, or do not accept each other's certificates, so they do not talk to each other.</summary>
/// <param name="Host">Address of the other node.</param>
/// <param name="Port">Its port; where it made the connection, that of the connection only.</param>
/// <param name="IsDialer">Whether this node made the connection.</param>
/// <param name="Reason">Why, of "it", and what to do, for people.</param>
public sealed record PeerRefused(string Host, int? Port, bool IsDialer, string Reason);
