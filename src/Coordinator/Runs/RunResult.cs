using Lockstep.Model.Evaluation;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Runs;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>All steps done, or its rule ended the run early; the final checkpoint written.</summary>
    Completed,

    /// <summary>Asked to stop; a checkpoint of the last step is written.</summary>
    Stopped,

    /// <summary>Asked to stop, and a standby continues the run; a checkpoint of the last step is written.</summary>
    HandedOver,

    /// <summary>Another coordinator is further and leads; this one stands by.</summary>
    Yielded,

    /// <summary>The run failed, for example because the final checkpoint could not be written.</summary>
    Failed,

    /// <summary>The cluster could not form, or had no worker for too long.</summary>
    ClusterLost,
}

/// <summary>The result of a run.</summary>
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>What happened and what to do, one paragraph; null for <see cref="RunOutcome.Completed"/>.</summary>
    public string? Message { get; init; }

    /// <summary>Completed steps when this process began.</summary>
    public long FirstStep { get; init; }

    /// <summary>Completed steps of the run, those before a resume included.</summary>
    public required long Steps { get; init; }

    /// <summary>Digest of the weights after <see cref="Steps"/>.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>
    /// After a divergence: the last step with finite weights and a finite loss; -1 for none. Checkpoints up to it can start another run.
    /// Null without a divergence.
    /// </summary>
    public long? LastFiniteStep { get; init; }

    /// <summary>Path of the last checkpoint written, if any.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Why a completed run has fewer steps than its spec; null if it has all.</summary>
    public string? StopReason { get; init; }

    /// <summary>The best result on the validation examples; null if none was to be kept, or known.</summary>
    public BestResult? Best { get; init; }

    /// <summary>Accuracy of the final weights on the validation examples; null if not completed, or with targets.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Accuracy of the final weights on the test examples; null if not completed, or with targets.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>R² of the final weights on the validation examples; null if not completed, or for classes.</summary>
    public double? ValidationR2 { get; init; }

    /// <summary>R² of the final weights on the test examples; null if not completed, or for classes.</summary>
    public double? TestR2 { get; init; }

    /// <summary>Name and score of each target on the test examples, in units of the data; null if not completed, or for classes.</summary>
    public IReadOnlyList<(string Name, TargetScore Score)>? TestTargets { get; init; }

    /// <summary>The same with the results of the final weights.</summary>
    /// <param name="validation">On the validation examples.</param>
    /// <param name="test">On the test examples.</param>
    /// <param name="data">What the model was trained on.</param>
    internal RunResult With(EvaluationResult validation, EvaluationResult test, DataSpec data) => this with
    {
        ValidationAccuracy = validation.Targets is null ? validation.Accuracy : null,
        TestAccuracy = test.Targets is null ? test.Accuracy : null,
        ValidationR2 = validation.R2,
        TestR2 = test.R2,
        TestTargets = test.Targets is null ? null : test.TargetsIn(data),
    };

    /// <summary>From the first batch sent to the last update, in seconds.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Examples trained on by this process's part of the run.</summary>
    public required long Examples { get; init; }

    /// <summary>Workers at the end of the run.</summary>
    public required int Workers { get; init; }

    /// <summary>Compute threads of all workers at the end of the run.</summary>
    public required int Lanes { get; init; }

    /// <summary>Steps of this process's part in which workers exchanged slices.</summary>
    public long SlicedSteps { get; init; }
}
