using System.Text.Json.Serialization;
using Lockstep.Cli.Training;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>inspect</c>.</summary>
/// <param name="Path">The checkpoint.</param>
/// <param name="RunId">The run it belongs to.</param>
/// <param name="Term">Term of the leader that wrote it.</param>
/// <param name="Step">Its step.</param>
/// <param name="Epoch">Epochs up to that step.</param>
/// <param name="WeightsSha256">Digest of the weights.</param>
/// <param name="RunSpec">What is trained.</param>
/// <param name="Parameters">Every parameter, in the order of the file.</param>
internal sealed record CheckpointJson(
    string Path,
    string RunId,
    long Term,
    long Step,
    double Epoch,
    string WeightsSha256,
    [property: JsonPropertyName(RunFolder.RunSpecKey)] RunSpec RunSpec,
    IReadOnlyList<CheckpointJson.ParameterValues> Parameters)
{
    public static CheckpointJson Of(LoadedCheckpoint found, double epoch, string weightsSha256)
    {
        Checkpoint checkpoint = found.Checkpoint;
        return new CheckpointJson(
            found.Path,
            checkpoint.RunId,
            checkpoint.Term,
            checkpoint.Step,
            Math.Round(epoch, 6),
            weightsSha256,
            checkpoint.Spec,
            [.. checkpoint.Parameters.Select(ParameterValues.Of)]);
    }

    /// <summary>A parameter's values, see <see cref="TensorStatistics"/>; null for a figure that is not finite.</summary>
    internal sealed record ParameterValues(
        string Name,
        IReadOnlyList<int> Shape,
        double Min,
        double Max,
        double Mean,
        double StandardDeviation,
        double Norm,
        int Zeros,
        int NonFinite)
    {
        public static ParameterValues Of(NamedTensor tensor)
        {
            var values = TensorStatistics.Of(tensor.Values);
            return new ParameterValues(
                tensor.Name,
                tensor.Shape,
                values.Min,
                values.Max,
                values.Mean,
                values.StandardDeviation,
                values.Norm,
                values.Zeros,
                values.NonFinite);
        }
    }
}
