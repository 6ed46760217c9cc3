namespace Lockstep.Model.Evaluation;

/// <summary>Scores of one class.</summary>
/// <param name="Images">Images of the class.</param>
/// <param name="Answers">Images predicted as the class.</param>
/// <param name="Correct">Images that are both.</param>
public readonly record struct ClassScores(long Images, long Answers, long Correct)
{
    /// <summary>Share of the predictions that are correct, <c>correct / answers</c>; NaN if the class was never predicted.</summary>
    public double Precision => (double)Correct / Answers;

    /// <summary>Share of the images that are found, <c>correct / images</c>; NaN without images.</summary>
    public double Recall => (double)Correct / Images;

    /// <summary>
    /// Harmonic mean of precision and recall, <c>2 · correct / (images + answers)</c>; NaN with neither images nor predictions.
    /// </summary>
    public double F1 => 2.0 * Correct / (Images + Answers);
}
