using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Packing;

namespace Lockstep.Coordinator.Runs;

/// <summary>The best result of a run on the validation examples, of equal ones the first.</summary>
/// <param name="Metric">What is compared.</param>
/// <param name="Value">Its value.</param>
/// <param name="Step">Completed steps of the weights that had it.</param>
public sealed record BestResult(ValidationMetric Metric, double Value, long Step)
{
    /// <summary>Path of the checkpoint of that step; null if none is kept.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// The result of the best checkpoint that a folder keeps, computed again: its weights are known exactly, so its result is.
    /// </summary>
    /// <param name="metric">What is compared.</param>
    /// <param name="store">The folder.</param>
    /// <param name="spec">The run; a best checkpoint of another one does not count.</param>
    /// <param name="data">The examples.</param>
    /// <returns>The result; null if the folder has none that can be read.</returns>
    internal static BestResult? Find(ValidationMetric metric, CheckpointStore store, RunSpec spec, Dataset data)
    {
        LoadedCheckpoint? found;
        try
        {
            found = store.LoadBest();
        }
        catch (CheckpointException)
        {
            return null; // The next evaluation is the best again.
        }

        if (found is null || !IsSameRun(found.Checkpoint.Spec, spec))
            return null;
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(found.Checkpoint.Parameters, layout, weights);
        EvaluationResult result = new Model.Evaluation.Evaluator(spec.Model, layout, spec.Loss)
            .Evaluate(weights, data.Training, data.TrainingExamples, data.ValidationExamples);
        return new BestResult(metric, result.Of(metric), found.Checkpoint.Step) { Checkpoint = found.Path };
    }

    // A run may have been made longer.
    private static bool IsSameRun(RunSpec found, RunSpec spec) =>
        RunSpecCodec.Encode(found with { TotalSteps = spec.TotalSteps }).AsSpan().SequenceEqual(RunSpecCodec.Encode(spec));
}
