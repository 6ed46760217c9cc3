namespace Lockstep.Model.Kernels;

/// <summary>
/// Where one term of a <see cref="LaneTile{TSimd, TVector, TLeft}"/> finds its factors, in floats from the tile's first ones.
/// </summary>
/// <param name="Left">In the left operand.</param>
/// <param name="Right">In the right operand.</param>
internal readonly record struct LaneTerm(int Left, int Right);
