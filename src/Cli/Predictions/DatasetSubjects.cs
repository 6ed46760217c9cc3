using Lockstep.Cli.Options;
using Lockstep.Cli.Training;
using Lockstep.Model.Data;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>Images of a data set, by number.</summary>
internal static class DatasetSubjects
{
    /// <summary>Picks images of a part of a data set; numbers that it does not have are problems.</summary>
    public static IReadOnlyList<Subject> Pick(ExamplesOfModel data, IReadOnlyList<int> indices, Problems problems)
    {
        ImageSet images = DatasetAccess.Images(data.Name, data.Examples);
        var subjects = new List<Subject>();
        foreach (int index in indices)
        {
            if (index >= images.Count)
            {
                problems.Add($"{PredictOptions.Indices.Name} {index}: there are {data.Words}; expected a number from 0 to "
                    + $"{images.Count - 1}.");
                continue;
            }

            byte[] pixels = new byte[images.Pixels];
            images.CopyPixels(index, pixels);
            string name = data.Split is null ? $"image {index} of {data.Name}" : $"{data.Split} image {index} of {data.Name}";
            subjects.Add(new Subject(name, pixels) { Index = index, Label = images.Labels[index] });
        }

        return subjects;
    }
}
