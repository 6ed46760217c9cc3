namespace Lockstep.Verification;

/// <summary>The result of training a run again.</summary>
/// <param name="Steps">Completed steps: all that were asked for, or the first after which something differs.</param>
/// <param name="Difference">The first difference, a sentence; null when there is none.</param>
/// <param name="TracedSteps">Steps that were compared with the trace.</param>
/// <param name="Checkpoints">Checkpoints that were compared.</param>
/// <param name="WeightsSha256">Digest of the weights after <paramref name="Steps"/>, trained again.</param>
public sealed record VerificationResult(long Steps, string? Difference, long TracedSteps, int Checkpoints, string WeightsSha256)
{
    /// <summary>Whether all that was compared is the same.</summary>
    public bool IsIdentical => Difference is null;
}
