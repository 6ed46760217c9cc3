namespace Lockstep.Model.Evaluation;

/// <summary>How well one class is told from the others.</summary>
/// <param name="Images">Images of the class.</param>
/// <param name="Answers">Images that were said to be of the class.</param>
/// <param name="Correct">Images that are both.</param>
public readonly record struct ClassScores(long Images, long Answers, long Correct)
{
    /// <summary>Share of the answers that are right, <c>correct / answers</c>; NaN where the class was never the answer.</summary>
    public double Precision => (double)Correct / Answers;

    /// <summary>Share of the images that are found, <c>correct / images</c>; NaN of no images.</summary>
    public double Recall => (double)Correct / Images;

    /// <summary>Harmonic mean of the two, <c>2 · correct / (images + answers)</c>; NaN where there is neither an image nor an answer.</summary>
    public double F1 => 2.0 * Correct / (Images + Answers);
}
