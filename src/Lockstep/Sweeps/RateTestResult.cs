namespace Lockstep.Sweeps;

/// <summary>Loss against learning rate.</summary>
/// <param name="Steps">The steps, in the order of their rates.</param>
/// <param name="Suggested">The rate to begin with; null where the loss never fell.</param>
/// <param name="IsEnded">Whether the loss rose so far that higher rates were not tried.</param>
public sealed record RateTestResult(IReadOnlyList<RateTestStep> Steps, double? Suggested, bool IsEnded)
{
    /// <summary>The step with the least smoothed loss.</summary>
    public RateTestStep Lowest => Steps.MinBy(step => step.SmoothedLoss)!;
}
