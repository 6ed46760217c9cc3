using System.Globalization;

namespace Lockstep.Model.Memory;

/// <summary>
/// Describes NaN and infinity wherever they are found: in the weights of a step, in a checkpoint, in a foreign file. Gives the tensor, the
/// number of values, and the first position.
/// </summary>
public static class NonFiniteValues
{
    // Tensors named; of further ones only the number is given.
    private const int MostNamed = 3;

    /// <summary>Counts the values that are NaN or infinite.</summary>
    /// <param name="values">The values.</param>
    /// <param name="first">Index of the first of them; -1 for none.</param>
    public static int Count(ReadOnlySpan<float> values, out int first)
    {
        first = -1;
        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsFinite(values[i]))
                continue;
            if (count++ == 0)
                first = i;
        }

        return count;
    }

    /// <summary>
    /// The non-finite values of a tensor, such as <c>layer0/weights has 3 of 200,704 values not finite, the first at [12, 7] (NaN)</c>;
    /// null if all are finite.
    /// </summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its dimensions.</param>
    /// <param name="values">Its values, row-major, as many as the product of the dimensions.</param>
    public static string? Describe(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int count = Count(values, out int first);
        if (count == 0)
            return null;
        string value = values[first].ToString(CultureInfo.InvariantCulture), place = string.Join(", ", PlaceOf(first, shape));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name} has {count:N0} of {values.Length:N0} {(values.Length == 1 ? "value" : "values")} not finite, "
                + $"the first at [{place}] ({value})");
    }

    /// <summary>Joins the descriptions of several tensors; null if there are none.</summary>
    public static string? Join(IEnumerable<string?> descriptions)
    {
        string[] found = [.. descriptions.OfType<string>()];
        string rest = found.Length > MostNamed ? $"; and {found.Length - MostNamed} more" : "";
        return found.Length == 0 ? null : string.Join("; ", found.Take(MostNamed)) + rest;
    }

    private static int[] PlaceOf(int index, IReadOnlyList<int> shape)
    {
        int[] place = new int[shape.Count];
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            place[i] = index % shape[i];
            index /= shape[i];
        }

        return place;
    }
}
