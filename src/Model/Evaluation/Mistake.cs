namespace Lockstep.Model.Evaluation;

/// <summary>A misclassified image.</summary>
/// <param name="Image">Its index in the evaluated set.</param>
/// <param name="Label">The true class.</param>
/// <param name="Answer">The predicted class.</param>
/// <param name="AnswerProbability">Probability of the predicted class.</param>
/// <param name="LabelProbability">Probability of the true class; the loss is <c>-ln</c> of it.</param>
public readonly record struct Mistake(int Image, int Label, int Answer, float AnswerProbability, float LabelProbability)
{
    /// <summary>
    /// Worst first: lowest probability of the true class, then highest of the predicted one, then the order of the images.
    /// </summary>
    public static IComparer<Mistake> WorstFirst { get; } = Comparer<Mistake>.Create((a, b) =>
        a.LabelProbability.CompareTo(b.LabelProbability) is var truth and not 0 ? truth
        : b.AnswerProbability.CompareTo(a.AnswerProbability) is var answer and not 0 ? answer
        : a.Image.CompareTo(b.Image));
}
