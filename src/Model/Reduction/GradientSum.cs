using System.Numerics.Tensors;

namespace Lockstep.Model.Reduction;

/// <summary>
/// Addition of the gradient sums of two sibling nodes.
/// <para>
/// The zero rule: a gradient never contains -0. Kernels add +0 to every finished sum, which turns -0 into +0 and changes nothing else. x +
/// y of two numbers other than -0 is never -0, because rounding to nearest gives +0 if they cancel. Therefore adding the zeros of an empty
/// shard changes no bit, and the sum of a node does not depend on where it was split and computed.
/// </para>
/// </summary>
public static class GradientSum
{
    /// <summary>destination[i] = left[i] + right[i]. The destination may be left or right.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or the destination partly overlaps an operand.</exception>
    public static void Add(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> destination)
    {
        if (left.Length != right.Length || left.Length != destination.Length)
            throw new ArgumentException($"{left.Length} + {right.Length} gradients into {destination.Length}; expected equal lengths.");
        TensorPrimitives.Add(left, right, destination);
    }
}
