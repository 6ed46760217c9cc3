using System.Net;

namespace Lockstep.Shared.Cluster;

/// <summary>A coordinator to join.</summary>
/// <param name="Place">Address and port of its cluster.</param>
/// <param name="Name">Name or address that its certificate must be for; null for any.</param>
public readonly record struct Seed(IPEndPoint Place, string? Name = null);
