using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Training;

/// <summary>A checkpoint, ready to be used.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Checkpoint">Its content.</param>
/// <param name="Layout">Where the parameters are in <paramref name="Weights"/>.</param>
/// <param name="Weights">The flat vector of parameters.</param>
internal sealed record TrainedModel(string Path, Checkpoint Checkpoint, ParameterLayout Layout, float[] Weights)
{
    /// <summary>What was trained.</summary>
    public RunSpec Spec => Checkpoint.Spec;

    /// <summary>Weights of the first layer, [inputs, units].</summary>
    public NamedTensor FirstWeights => Checkpoint.Parameters.Single(tensor => tensor.Name == Layout.Layers[0].Parameters[0].Name);

    /// <summary>The weights of a checkpoint.</summary>
    public static TrainedModel Of(LoadedCheckpoint found)
    {
        var layout = new ParameterLayout(found.Checkpoint.Spec.Model);
        float[] weights = new float[layout.Length];
        CheckpointTensors.CopyTo(found.Checkpoint.Parameters, layout, weights);
        return new TrainedModel(found.Path, found.Checkpoint, layout, weights);
    }

    /// <summary>Finds what is wrong with a data set for this model.</summary>
    /// <exception cref="UserErrorException">Its images do not fit the network.</exception>
    public void CheckFits(Dataset data)
    {
        var problems = new Problems();
        RunPlan.CheckModel(Spec.Model, data, $"The model {Spec.Model} of {Path}", problems);
        problems.ThrowIfAny();
    }

    /// <summary>Warns of a data set that has the name of the one trained on but other images.</summary>
    public void WarnOfOtherImages(LoadedDataset loaded, RunDisplay display)
    {
        if (loaded.Data.Name == Spec.Data.Name && loaded.Data.Sha256 != Spec.Data.Sha256)
            display.Warn($"warning: these are not the images that the run was trained on: {loaded.Source} holds another {Spec.Data.Name}, with digest {loaded.Data.Sha256}.");
    }

    /// <summary>Evaluates it on all examples of a set.</summary>
    public DetailedEvaluation Evaluate(Examples examples, int mistakes) => DetailedEvaluation.Of(Spec.Model, Layout, Weights, examples, mistakes, Spec.Loss);
}
