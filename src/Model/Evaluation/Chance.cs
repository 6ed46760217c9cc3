using System.Globalization;
using Lockstep.Model.Data;

namespace Lockstep.Model.Evaluation;

/// <summary>What a model reaches that has learnt nothing: the share of the most frequent class, which one that always gives that answer gets right.</summary>
public static class Chance
{
    // Examples: below so many, a good model may miss by chance.
    private const int FewestExamples = 100;

    // Of a model that guesses, 95 in 100 are within 1.645 standard deviations above its share.
    private const double Deviations = 1.645;

    /// <summary>Share of the most frequent label, in [0, 1]; NaN without examples.</summary>
    public static double MajorityShare(Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        int[] counts = new int[256];
        foreach (byte label in examples.Labels)
            counts[label]++;
        return (double)counts.Max() / examples.Count;
    }

    /// <summary>What to say of an accuracy that is no better than chance; null where it is better, or there are too few examples to tell.</summary>
    /// <param name="accuracy">Share of right answers, in [0, 1].</param>
    /// <param name="examples">The examples that it was measured on.</param>
    public static string? Warning(double accuracy, Examples examples)
    {
        double share = MajorityShare(examples);
        if (examples.Count < FewestExamples || !(accuracy <= share + Deviations * Math.Sqrt(share * (1 - share) / examples.Count)))
            return null;
        string figures = string.Create(
            CultureInfo.InvariantCulture, $"{accuracy * 100:F1}% of its answers are right, and always giving the most frequent class would be right in {share * 100:F1}%");
        return $"The model has learnt nothing: {figures}. Train with a lower learning rate, or another initialiser: zero weights in hidden layers "
            + "cannot learn, nor can units that never leave zero.";
    }
}
