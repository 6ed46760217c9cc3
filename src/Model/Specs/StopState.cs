namespace Lockstep.Model.Specs;

/// <summary>What a <see cref="StopSpec"/> remembers of the evaluations so far. The default is before the first.</summary>
/// <param name="Best">The best result; null before the first one that is a number.</param>
/// <param name="BestStep">The first step that had it; 0 for none.</param>
/// <param name="SinceBest">Evaluations since then.</param>
public readonly record struct StopState(double? Best, long BestStep, int SinceBest)
{
    /// <summary>The state after another evaluation. Of equal results the first is the best.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="step">Completed steps.</param>
    /// <param name="result">The value of the rule's metric.</param>
    public StopState After(StopSpec rule, long step, double result)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (!rule.Counts(step))
            return this;
        return StopSpec.IsBetter(rule.Metric, result, Best) ? new StopState(result, step, 0) : this with { SinceBest = SinceBest + 1 };
    }
}
