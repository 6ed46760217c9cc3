using Lockstep.Cli.Options;
using Lockstep.Cli.Training;
using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>Images of a data set, by number.</summary>
internal static class DatasetSubjects
{
    /// <summary>Picks images of a part of a data set; numbers that it does not have are problems.</summary>
    public static IReadOnlyList<Subject> Pick(Dataset data, string split, IReadOnlyList<int> indices, Problems problems)
    {
        (ImageSet images, int first, int count) = DatasetAccess.Split(data, split);
        var subjects = new List<Subject>();
        foreach (int index in indices)
        {
            if (index >= count)
            {
                problems.Add($"{PredictOptions.Indices.Name} {index}: {data.Name} has {Format.Count(count)} {split} images; expected a "
                    + $"number from 0 to {count - 1}.");
                continue;
            }

            byte[] pixels = new byte[images.Pixels];
            images.CopyPixels(first + (int)index, pixels);
            subjects.Add(new Subject(
                $"{split} image {index} of {data.Name}", pixels)
            { Index = (int)index, Label = images.Labels[first + (int)index] });
        }

        return subjects;
    }
}
