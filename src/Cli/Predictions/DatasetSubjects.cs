using Lockstep.Cli.Options;
using Lockstep.Cli.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>Examples of a data set, by number.</summary>
internal static class DatasetSubjects
{
    /// <summary>Picks examples; numbers that there are not are problems.</summary>
    public static IReadOnlyList<Subject> Pick(ExamplesOfModel data, IReadOnlyList<int> indices, Problems problems)
    {
        var subjects = new List<Subject>();
        foreach (int index in indices)
        {
            if (index >= data.Examples.Count)
            {
                problems.Add(
                    $"{PredictOptions.Indices.Name} {index}: there are {data.Words}; expected a number from 0 to "
                        + $"{data.Examples.Count - 1}.");
                continue;
            }

            string part = data.Split is null ? "" : data.Split + " ";
            subjects.Add(new Subject($"{part}{data.Examples.KindName[..^1]} {index} of {data.Name}", data.Examples.Slice(index, 1))
            {
                Index = index,
                Label = data.Examples.Labels[index],
            });
        }

        return subjects;
    }
}
