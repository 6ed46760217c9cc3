using System.Globalization;
using System.Runtime.InteropServices;
using Lockstep.Shared.Checkpoints;
using Lockstep.Wording;

namespace Lockstep.Verification;

/// <summary>The value that differs most between two lists of parameters.</summary>
/// <param name="Parameter">Name of its parameter.</param>
/// <param name="Index">Where in the parameter, one number a dimension.</param>
/// <param name="First">The value in the first list.</param>
/// <param name="Second">The value in the second list.</param>
/// <param name="Differing">How many values differ in bits.</param>
/// <param name="Compared">How many values both lists have.</param>
public sealed record TensorDifference(
    string Parameter, IReadOnlyList<int> Index, float First, float Second, long Differing, long Compared)
{
    /// <summary>Compares the parameters of equal name and shape; null when all their bits are equal.</summary>
    internal static TensorDifference? Largest(IReadOnlyList<NamedTensor> first, IReadOnlyList<NamedTensor> second)
    {
        (NamedTensor Tensor, int At, float Other, double Distance)? largest = null;
        long differing = 0, compared = 0;
        var others = second.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (NamedTensor tensor in first)
        {
            if (!others.TryGetValue(tensor.Name, out NamedTensor? other) || !other.Shape.SequenceEqual(tensor.Shape))
                continue;
            compared += tensor.Values.Length;
            if (MemoryMarshal.AsBytes(tensor.Values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(other.Values.AsSpan())))
                continue;
            for (int i = 0; i < tensor.Values.Length; i++)
            {
                if (BitConverter.SingleToUInt32Bits(tensor.Values[i]) == BitConverter.SingleToUInt32Bits(other.Values[i]))
                    continue;
                differing++;
                double distance = Math.Abs((double)tensor.Values[i] - other.Values[i]);
                // NaN on one side differs more than any number.
                if (double.IsNaN(distance))
                    distance = double.PositiveInfinity;
                if (largest is null || distance > largest.Value.Distance)
                    largest = (tensor, i, other.Values[i], distance);
            }
        }

        return largest is not { } found
            ? null
            : new TensorDifference(
                found.Tensor.Name,
                IndexOf(found.At, found.Tensor.Shape),
                found.Tensor.Values[found.At],
                found.Other,
                differing,
                compared);
    }

    /// <summary>A sentence about it, with names for the two sides.</summary>
    public string ToString(string first, string second) => string.Create(
        CultureInfo.InvariantCulture, $"{Place} is {First:R} {first}, {Second:R} {second}; "
            + $"{Format.Count(Differing)} of {Format.Count(Compared)} values differ");

    /// <summary>Parameter and element, such as <c>layer0/weights[3, 17]</c>.</summary>
    public string Place => $"{Parameter}[{string.Join(", ", Index)}]";

    private static int[] IndexOf(int at, IReadOnlyList<int> shape)
    {
        int[] index = new int[shape.Count];
        for (int dimension = shape.Count - 1; dimension >= 0; dimension--)
            (at, index[dimension]) = Math.DivRem(at, shape[dimension]);
        return index;
    }
}
