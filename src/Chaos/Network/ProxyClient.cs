namespace Lockstep.Chaos.Network;

/// <summary>Whose connection leads to a coordinator.</summary>
/// <param name="Link">What lies between that process and all others.</param>
/// <param name="Worker">Its number; null for another coordinator.</param>
internal sealed record ProxyClient(Link Link, int? Worker);
