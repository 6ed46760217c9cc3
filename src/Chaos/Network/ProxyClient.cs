namespace Lockstep.Chaos.Network;

/// <summary>The process that has a connection to a coordinator.</summary>
/// <param name="Link">Its link to all others.</param>
/// <param name="Worker">Number of the worker; null for another coordinator.</param>
internal sealed record ProxyClient(Link Link, int? Worker);
