using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Training;
using Lockstep.Wording;

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

    /// <summary>Sentences on held-out examples that are trained on, too.</summary>
    /// <param name="data">The data set.</param>
    public IEnumerable<string> HeldOutTexts(Dataset data)
    {
        string kind = data.Training.KindName;
        if (OfTest > 0)
            yield return $"{Format.Count(OfTest)} of {Format.Count(data.Test.Count)} test {kind} {Are(OfTest)} also trained on or for "
                + "validation; the test result will be too good.";
        if (OfValidation > 0)
            yield return $"{Format.Count(OfValidation)} of {Format.Count(data.ValidationExamples)} validation {kind} {Are(OfValidation)} "
                + "also trained on.";
    }

    private static string Are(long count) => count == 1 ? "is" : "are";

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
