namespace Lockstep.Model.Data;

/// <summary>The content of an IDX file.</summary>
/// <param name="Type">Type of the numbers.</param>
/// <param name="Shape">1 to 8 dimensions, each at least 1.</param>
/// <param name="Values">[shape] row-major, little-endian.</param>
public sealed record IdxArray(IdxType Type, IReadOnlyList<int> Shape, byte[] Values);
