namespace Lockstep.Model.Evaluation;

/// <summary>An image that was told wrong.</summary>
/// <param name="Image">Its index in the set that was evaluated.</param>
/// <param name="Label">What it is.</param>
/// <param name="Answer">What was said.</param>
/// <param name="AnswerProbability">Probability given to what was said.</param>
/// <param name="LabelProbability">Probability given to what it is; its loss is <c>-ln</c> of it.</param>
public readonly record struct Mistake(int Image, int Label, int Answer, float AnswerProbability, float LabelProbability)
{
    /// <summary>The worst first: the least probability of the truth, then the greatest of the answer, then the order of the images.</summary>
    public static IComparer<Mistake> WorstFirst { get; } = Comparer<Mistake>.Create((a, b) =>
        a.LabelProbability.CompareTo(b.LabelProbability) is var truth and not 0 ? truth
        : b.AnswerProbability.CompareTo(a.AnswerProbability) is var answer and not 0 ? answer
        : a.Image.CompareTo(b.Image));
}
