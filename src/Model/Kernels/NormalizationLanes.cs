namespace Lockstep.Model.Kernels;

/// <summary>What the examples of a group share in <see cref="Normalization"/>, each [channels, 16].</summary>
/// <param name="means">Mean.</param>
/// <param name="inverses">1 / sqrt(variance + epsilon).</param>
/// <param name="shifts">Mean of dy · scale; zero where mean and variance are given.</param>
/// <param name="slopes">Mean of dy · scale · (x - mean) · inverse; zero where mean and variance are given.</param>
internal readonly ref struct NormalizationLanes(
    ReadOnlySpan<float> means, ReadOnlySpan<float> inverses, ReadOnlySpan<float> shifts, ReadOnlySpan<float> slopes)
{
    public readonly ReadOnlySpan<float> Means = means, Inverses = inverses, Shifts = shifts, Slopes = slopes;
}
