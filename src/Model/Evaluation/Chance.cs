using System.Globalization;
using Lockstep.Model.Data;

namespace Lockstep.Model.Evaluation;

/// <summary>Accuracy of a model that has learnt nothing: the share of the most frequent class.</summary>
public static class Chance
{
    // With fewer images a good model may come near to chance; with still fewer it may reach it.
    private const int FewestImages = 100, FewestAtAll = 20;

    // One-sided 95% bound: 1.645 standard deviations above the share.
    private const double Deviations = 1.645;

    // A model whose loss is further below that of a constant answer has learnt something, whatever its accuracy is.
    private const double MostOfEntropy = 0.95;

    /// <summary>Share of the most frequent label, in [0, 1]; NaN without images.</summary>
    public static double MajorityShare(Examples images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return (double)CountsOf(images).Max() / images.Count;
    }

    /// <summary>
    /// A warning if a trained model is no better than chance, or than the mean of the targets; null otherwise. A test set that is too small
    /// to tell is replaced by the training examples, of which there are few then, too. Of a model that was trained with class weights the
    /// accuracy tells nothing: weights of rare classes are meant to cost right answers of frequent ones.
    /// </summary>
    /// <param name="test">Its result on the test examples.</param>
    /// <param name="data">The data set.</param>
    /// <param name="classWeights">Weights of the classes in its training; empty for none.</param>
    /// <param name="evaluate">Evaluates the model on other examples.</param>
    public static string? Warning(
        EvaluationResult test, Dataset data, IReadOnlyList<double> classWeights, Func<Examples, EvaluationResult> evaluate)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(classWeights);
        ArgumentNullException.ThrowIfNull(evaluate);
        if (classWeights.Count > 0)
            return null;
        if (data.Test.Count >= FewestAtAll)
            return Warning(test, data.Test);
        Examples training = data.Training.Slice(0, data.TrainingExamples);
        return training.Count < FewestAtAll ? null : Warning(evaluate(training), training);
    }

    /// <summary>A warning if a result is no better than chance, or than the mean of the targets; null otherwise.</summary>
    /// <param name="result">The result.</param>
    /// <param name="examples">The examples that it was measured on.</param>
    public static string? Warning(EvaluationResult result, Examples examples)
    {
        ArgumentNullException.ThrowIfNull(examples);
        if (result.R2 is not { } r2)
            return WarningOfClasses(result, examples);
        return r2 > 0 || examples.Count < FewestAtAll ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The model has learnt nothing: its R² is {r2:F4}, and always giving the mean would have 0. Train longer, with another "
                + $"learning rate, or another initialiser.");
    }

    private static string? WarningOfClasses(EvaluationResult result, Examples images)
    {
        double share = MajorityShare(images);
        if (images.Count < FewestAtAll || share == 1)
            return null;
        double margin = images.Count < FewestImages ? 0 : Deviations * Math.Sqrt(share * (1 - share) / images.Count);
        if (!(result.Accuracy <= share + margin))
            return null;
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Accuracy * 100:F1}% of its answers are right, and always giving the most frequent class would be right in "
                + $"{share * 100:F1}%");
        return result.Loss < MostOfEntropy * EntropyOf(images)
            ? $"The model hardly finds the rarer classes: {figures}. Its probabilities tell more; to have rare classes answered more "
                + "often, train with balanced class weights."
            : $"The model has learnt nothing: {figures}. Train with a lower learning rate, or another initialiser: "
                + "zero weights in hidden layers cannot learn, nor can units that never leave zero.";
    }

    /// <summary>Entropy of the labels in nats: the least loss of a model that gives every example the same probabilities.</summary>
    private static double EntropyOf(Examples images) =>
        -CountsOf(images).Where(count => count > 0).Select(count => (double)count / images.Count).Sum(share => share * Math.Log(share));

    private static int[] CountsOf(Examples images)
    {
        int[] counts = new int[256];
        foreach (byte label in images.Labels)
            counts[label]++;
        return counts;
    }
}
