using Lockstep.Model.Specs;
using Lockstep.Runs;

namespace Lockstep.Training;

/// <summary>
/// When a training ends before its last step. It is decided by the results on the validation examples, which are exact, so it is the same
/// step on any cluster and after any resume; the step after each evaluation waits for its result.
/// </summary>
public sealed record EarlyStopping
{
    /// <summary>The result that decides. Null, the default, is the accuracy, or R² for targets.</summary>
    public ValidationMetric? Metric { get; init; }

    /// <summary>Ends once the accuracy or R² is at least this, or the loss at most this. Null, the default: no target.</summary>
    public double? Target { get; init; }

    /// <summary>Ends after this many evaluations in a row without a better result, ≥ 1. Null, the default: no patience.</summary>
    public int? Patience { get; init; }

    /// <summary>When to evaluate, at least 1. Default every epoch. Replaces <see cref="RunOptions.EvaluateEvery"/>.</summary>
    public Cadence EvaluateEvery { get; init; } = new(1, InEpochs: true);

    internal StopSpec ToSpec(int stepsPerEpoch, bool isRegression) => new()
    {
        Metric = Metric ?? StopSpec.DefaultMetric(isRegression),
        Target = Target,
        Patience = Patience,
        EverySteps = EvaluateEvery.Steps(stepsPerEpoch),
    };
}
