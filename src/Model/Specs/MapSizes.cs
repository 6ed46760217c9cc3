namespace Lockstep.Model.Specs;

/// <summary>What layers that read maps, [height, width, channels], have in common.</summary>
internal static class MapSizes
{
    /// <summary>Maximum values of an example between two layers.</summary>
    public const int MaxValues = 1 << 22;

    /// <summary>Problems of the sizes, one sentence each.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="input">Shape below.</param>
    /// <param name="window">Rows and columns of the window that moves over it.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="output">Shape above.</param>
    public static IEnumerable<string> Validate(string name, TensorShape input, int window, int padding, TensorShape output)
    {
        if (window > Math.Min(input.Dimensions[0], input.Dimensions[1]) + 2 * padding)
            yield return $"{name} has a window of {window} x {window} on maps of {input.Dimensions[0]} x {input.Dimensions[1]}"
                + $"{(padding > 0 ? $" with padding {padding}" : "")}; expected a smaller one.";
        foreach (TensorShape shape in new[] { input, output })
        {
            if (shape.Dimensions.Aggregate((Int128)1, (product, dimension) => product * dimension) > MaxValues)
                yield return $"{name} has {shape} values; expected at most {MaxValues}.";
        }
    }
}
