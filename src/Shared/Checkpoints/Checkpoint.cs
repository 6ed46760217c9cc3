using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Shared.Checkpoints;

/// <summary>A named array of float32, row-major, without padding. Weights are [in, out].</summary>
public sealed record NamedTensor(string Name, IReadOnlyList<int> Shape, float[] Values);

/// <summary>A part of an optimizer's state, such as <c>velocity</c>: one tensor for each trained parameter, with its name.</summary>
public sealed record OptimizerSlot(string Name, IReadOnlyList<NamedTensor> Tensors);

/// <summary>A run after a number of steps: enough to continue it to the same bytes.</summary>
public sealed record Checkpoint
{
    /// <summary>The run's identity, 16 hexadecimal digits; kept on resume.</summary>
    public required string RunId { get; init; }

    /// <summary>Term of the coordinator that wrote it.</summary>
    public required int Term { get; init; }

    /// <summary>The run spec.</summary>
    public required RunSpec Spec { get; init; }

    /// <summary>Completed steps. They determine the position in the data.</summary>
    public required long Step { get; init; }

    /// <summary>Every parameter of the model.</summary>
    public required IReadOnlyList<NamedTensor> Parameters { get; init; }

    /// <summary>State of the optimizer: the slots that <see cref="OptimizerSpec.Slots"/> names, in that order.</summary>
    public required IReadOnlyList<OptimizerSlot> Slots { get; init; }

    /// <summary>Sums over the training batches since the last row of metrics, so that the next row is the same after a resume.</summary>
    public required NodeStatistics Unreported { get; init; }

    /// <summary>The evaluations that may stop the run, up to this step; the default without <see cref="RunSpec.Stop"/>.</summary>
    public StopState Stopping { get; init; }

    /// <summary>Why the run stopped at this step, before its last; null if it did not.</summary>
    public string? StopReason => Spec.Stop?.ReasonIn(Stopping);

    /// <summary>Whether the run has no more steps.</summary>
    public bool IsComplete => Step >= Spec.TotalSteps || StopReason is not null;

    /// <summary>Digest of <see cref="Parameters"/>, as <c>summary.json</c> and <c>inspect</c> print it.</summary>
    public required string WeightsSha256 { get; init; }
}
