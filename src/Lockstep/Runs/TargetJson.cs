using Lockstep.Model.Evaluation;

namespace Lockstep.Runs;

/// <summary>How well one target is predicted; errors are in its own units.</summary>
/// <param name="Name">Its column.</param>
/// <param name="R2">Coefficient of determination, at most 1.</param>
/// <param name="Rmse">Root of the mean squared error.</param>
/// <param name="Mae">Mean absolute error.</param>
internal sealed record TargetJson(string Name, double R2, double Rmse, double Mae)
{
    public static TargetJson Of((string Name, TargetScore Score) target) =>
        new(target.Name, target.Score.R2, target.Score.RootMeanSquare, target.Score.MeanAbsolute);
}
