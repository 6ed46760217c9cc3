using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Training;

namespace Lockstep.Data.Describing;

/// <summary>Examples with the same inputs as others.</summary>
/// <param name="InTraining">Training examples that repeat an earlier one.</param>
/// <param name="Contradicting">Of these, those of another class.</param>
/// <param name="OfValidation">Examples for validation that are also trained on.</param>
/// <param name="OfTest">Test examples that are also trained on or for validation.</param>
internal sealed record RepeatedExamples(int InTraining, int Contradicting, int OfValidation, int OfTest)
{
    /// <summary>Compares the examples of a data set by a 128-bit hash of their inputs.</summary>
    public static RepeatedExamples In(Dataset data)
    {
        var firsts = new Dictionary<Hash128, int>();
        int inTraining = 0, contradicting = 0, ofValidation = 0;
        for (int i = 0; i < data.Training.Count; i++)
        {
            Hash128 hash = HashOf(data.Training, i);
            bool isValidation = i >= data.TrainingExamples, isKnown = firsts.TryGetValue(hash, out int first);
            if (isKnown && isValidation)
                ofValidation++;
            else if (isKnown)
                inTraining++;
            if (isKnown && !isValidation && !SameAnswer(data.Training, first, i))
                contradicting++;
            if (!isKnown)
                firsts.Add(hash, i);
        }

        int ofTest = Enumerable.Range(0, data.Test.Count).Count(i => firsts.ContainsKey(HashOf(data.Test, i)));
        return new RepeatedExamples(inTraining, contradicting, ofValidation, ofTest);
    }

    private static bool SameAnswer(Examples examples, int first, int second)
    {
        int outputs = examples.Outputs;
        return examples.Labels[first] == examples.Labels[second]
            && examples.Targets.Slice(first * outputs, outputs).SequenceEqual(examples.Targets.Slice(second * outputs, outputs));
    }

    private static Hash128 HashOf(Examples examples, int index) => Hash128.Of(examples switch
    {
        ImageSet images => MemoryMarshal.AsBytes(images.Entries[images.RowStarts[index]..images.RowStarts[index + 1]]),
        FeatureSet rows => MemoryMarshal.AsBytes(rows.Values.Slice(index * rows.Features, rows.Features)),
        _ => throw new NotSupportedException($"{examples.KindName} cannot be compared."),
    });
}
