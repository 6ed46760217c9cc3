using Lockstep.Model.Data;

namespace Lockstep.Cli.Training;

/// <summary>What is in a part of a data set.</summary>
/// <param name="Examples">The examples.</param>
/// <param name="NonZeroShare">Share of their values that are not 0.</param>
/// <param name="Classes">Examples of each class.</param>
internal sealed record SplitCounts(Examples Examples, double NonZeroShare, IReadOnlyList<int> Classes)
{
    /// <summary>Counts a part.</summary>
    public static SplitCounts Of(Dataset data, string split)
    {
        (Examples all, int first, int count) = DatasetAccess.Split(data, split);
        Examples examples = all.Slice(first, count);
        int[] classes = new int[data.Classes];
        foreach (byte label in classes.Length == 0 ? [] : examples.Labels)
            classes[label]++;
        long nonZero = examples switch
        {
            ImageSet images => images.NonZeroPixels,
            FeatureSet rows => rows.Values.Length - rows.Values.Count(0f),
            _ => throw new NotSupportedException($"The values of {examples.KindName} cannot be counted."),
        };
        return new SplitCounts(examples, (double)nonZero / ((double)examples.Count * examples.Shape.Count), classes);
    }
}
