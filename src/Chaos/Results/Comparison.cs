using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Processes;
using Lockstep.Model.Data;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Chaos.Results;

/// <summary>Comparison of a run with the same training without a cluster and without faults, as by <c>verify</c>.</summary>
/// <param name="Steps">Steps of the run.</param>
/// <param name="TracedSteps">Steps whose weights were compared by the trace.</param>
/// <param name="Checkpoints">Checkpoints that were compared.</param>
/// <param name="RunSha256">Digest of the run's last weights.</param>
/// <param name="UndisturbedSha256">Digest of the undisturbed training's weights after as many steps.</param>
/// <param name="FirstDifferentStep">The first step with other weights; null when there is none.</param>
/// <param name="Difference">What differs there, a sentence; null when nothing does.</param>
internal sealed record Comparison(
    long Steps, long TracedSteps, int Checkpoints, string RunSha256, string UndisturbedSha256, long? FirstDifferentStep, string? Difference)
{
    /// <summary>Whether everything is equal.</summary>
    public bool IsSame => FirstDifferentStep is null && RunSha256 == UndisturbedSha256;

    /// <summary>Trains as many steps as a run has, undisturbed, in this process, and compares.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="options">Finds the data set.</param>
    /// <exception cref="ChaosFailure">Files of the run are missing.</exception>
    public static async Task<Comparison> MakeAsync(string folder, ChaosOptions options)
    {
        var run = RunHistory.Read(folder);
        if (run.Newest is not { } last || last.Step != run.LastStep)
        {
            throw new ChaosFailure(ChaosFailure.Ended, $"The run got to step {Format.Count(run.LastStep)}, "
                + "but its newest checkpoint is of step "
                + $"{(run.Newest is null ? "none" : Format.Count(run.Newest.Step))}. {string.Join(' ', run.Notes)}");
        }

        Dataset data = await options.LoadData(run);
        options.OnActivity($"training {Format.Plural(run.LastStep, "step")} undisturbed, in this process");
        VerificationResult result = await run.VerifyAsync(data);
        return new Comparison(
            run.LastStep, result.TracedSteps, result.Checkpoints, last.WeightsSha256, result.WeightsSha256, result.IsIdentical
                ? null
                : result.Steps, result.Difference);
    }
}
