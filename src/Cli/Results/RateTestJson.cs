using Lockstep.Sweeps;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>lr-find</c>.</summary>
/// <param name="Suggested">The learning rate to begin with; null where the loss never fell.</param>
/// <param name="LowestRate">The rate with the least smoothed loss.</param>
/// <param name="LowestLoss">That loss.</param>
/// <param name="IsEnded">Whether the loss rose so far that higher rates were not tried.</param>
/// <param name="Command">The command that trains with the suggestion; null without one.</param>
/// <param name="Steps">Rate, loss and smoothed loss of each step.</param>
internal sealed record RateTestJson(
    double? Suggested, double LowestRate, double LowestLoss, bool IsEnded, string? Command, IReadOnlyList<RateTestStep> Steps);
