using System.Text.Json.Serialization;
using Lockstep.Interchange;
using Lockstep.Networks;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>export</c>.</summary>
/// <param name="Checkpoint">The checkpoint that was read.</param>
/// <param name="Step">Its step.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="File">The file or folder that was written.</param>
/// <param name="Format">Its format.</param>
/// <param name="Tensors">What is in it.</param>
/// <param name="Python">Lines that load it in PyTorch; absent where PyTorch cannot.</param>
internal sealed record ExportJson(
    string? Checkpoint,
    long Step,
    string WeightsSha256,
    string File,
    string Format,
    IReadOnlyList<ExportJson.ExportedTensor> Tensors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Python)
{
    public static ExportJson Of(ExportPlan plan, TrainedModel model) => new(
        model.Path,
        model.Step,
        model.WeightsSha256,
        plan.Path,
        plan.Format.Name,
        [.. plan.Tensors.Select(pair => new ExportedTensor(pair.Parameter, pair.Tensor.Name, pair.Tensor.Shape))],
        plan.Script);

    /// <summary>A parameter of the model, and the name and shape that it has in the file.</summary>
    internal sealed record ExportedTensor(string Parameter, string Name, IReadOnlyList<int> Shape);
}
