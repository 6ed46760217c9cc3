using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Restoring;

/// <summary>Makes the checkpoint of a run before its first step, with restored parameters.</summary>
public static class StartCheckpoint
{
    /// <summary>Creates the checkpoint.</summary>
    /// <param name="spec">The run spec; its <see cref="RunSpec.RestoredSha256"/> is the digest of <paramref name="restored"/>.</param>
    /// <param name="restored">Initial values of these parameters; the others are initialised.</param>
    /// <exception cref="ArgumentException">A tensor is no parameter of the model.</exception>
    public static Checkpoint Create(RunSpec spec, IReadOnlyList<NamedTensor> restored)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var layout = new ParameterLayout(spec.Model);
        float[] weights = new float[layout.Length];
        Initialization.Fill(spec, layout, weights);
        CheckpointTensors.Overlay(restored, layout, weights);
        float[] state = new float[spec.Optimizer.Slots.Count * layout.TrainableLength];
        return new Checkpoint
        {
            RunId = Random.Shared.NextInt64(1, long.MaxValue).ToString("x16", System.Globalization.CultureInfo.InvariantCulture),
            Term = 0,
            Spec = spec,
            Step = 0,
            Parameters = CheckpointTensors.CopyFrom(layout, weights),
            Slots = CheckpointTensors.CopySlotsFrom(layout, spec.Optimizer.Slots, state),
            Unreported = default,
            WeightsSha256 = WeightsDigest.Sha256(layout, weights),
        };
    }
}
