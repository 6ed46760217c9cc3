using System.Globalization;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Data.Preparing;

/// <summary>Which examples of a file are trained on, and which are held out; each part in the order of the file.</summary>
/// <param name="Training">Indices of the examples to train on.</param>
/// <param name="Validation">Indices of the examples for validation.</param>
/// <param name="Test">Indices of the examples for the test.</param>
internal sealed record ExampleSplit(int[] Training, int[] Validation, int[] Test)
{
    /// <summary>
    /// Holds out a share of each class: its examples are shuffled, then the first ones are for the test, the next ones for validation. A
    /// share of n examples is n · share, rounded to the nearest; one example of each class always stays for training.
    /// </summary>
    /// <param name="labels">Class of each example.</param>
    /// <param name="split">The shares and the key.</param>
    public static ExampleSplit Of(ReadOnlySpan<byte> labels, SplitSpec split)
    {
        var byClass = new List<int>[ModelSpec.MaxClasses];
        for (int i = 0; i < labels.Length; i++)
            (byClass[labels[i]] ??= []).Add(i);

        List<int> training = [], validation = [], test = [];
        for (int label = 0; label < byClass.Length; label++)
        {
            if (byClass[label] is not { } members)
                continue;
            int[] order = [.. members];
            Shuffling.Shuffle(order, RandomPurpose.Split, (uint)label, split.Key);
            int forTest = Math.Min(Share(order.Length, split.Test), order.Length - 1);
            int forValidation = Math.Min(Share(order.Length, split.Validation), order.Length - 1 - forTest);
            test.AddRange(order.AsSpan(0, forTest));
            validation.AddRange(order.AsSpan(forTest, forValidation));
            training.AddRange(order.AsSpan(forTest + forValidation));
        }

        return new ExampleSplit(Sorted(training), Sorted(validation), Sorted(test));
    }

    private static int Share(int count, double? share) => (int)(count * (share ?? 0) + 0.5);

    private static int[] Sorted(List<int> indices)
    {
        indices.Sort();
        return [.. indices];
    }

    /// <summary>Shares as the options that give them.</summary>
    public static string SharesText(double? validation, double? test) => string.Join(" and ", new[]
    {
        validation is null ? null : string.Create(CultureInfo.InvariantCulture, $"--validation {validation}"),
        test is null ? null : string.Create(CultureInfo.InvariantCulture, $"--test {test}"),
    }.OfType<string>());
}
