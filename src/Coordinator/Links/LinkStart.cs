using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>What a worker gets first.</summary>
/// <param name="HeldData">Digest of the examples that it holds from an earlier session; empty for none.</param>
/// <param name="Data">Where the transfer of examples begins, if it does not hold them.</param>
internal readonly record struct LinkStart(string HeldData, DataStart Data);
