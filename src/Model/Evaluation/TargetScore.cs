namespace Lockstep.Model.Evaluation;

/// <summary>How well one target is predicted. Errors are in units of the targets of the examples.</summary>
/// <param name="R2">
/// Coefficient of determination, <c>1 - Σ(y - prediction)² / Σ(y - mean of y)²</c>: 1 is perfect, 0 as good as the mean. Where all
/// targets are equal 1 for no error, otherwise 0, as scikit-learn's <c>r2_score</c>.
/// </param>
/// <param name="MeanSquare">Mean squared error.</param>
/// <param name="MeanAbsolute">Mean absolute error.</param>
public readonly record struct TargetScore(double R2, double MeanSquare, double MeanAbsolute)
{
    /// <summary>Root of the mean squared error.</summary>
    public double RootMeanSquare => Math.Sqrt(MeanSquare);

    /// <summary>The same with errors in other units.</summary>
    /// <param name="unit">One unit of the targets, in the others.</param>
    public TargetScore In(double unit) => new(R2, MeanSquare * unit * unit, MeanAbsolute * unit);
}
