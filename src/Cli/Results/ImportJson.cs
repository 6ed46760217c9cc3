using Lockstep.Interchange;
using Lockstep.Networks;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>import</c>.</summary>
/// <param name="File">What was read.</param>
/// <param name="Checkpoint">The checkpoint that was written.</param>
/// <param name="WeightsSha256">Digest of its weights.</param>
/// <param name="Parameters">Every parameter of the model, and where its values come from.</param>
internal sealed record ImportJson(
    string File, string Checkpoint, string WeightsSha256, IReadOnlyList<ImportJson.ImportedParameter> Parameters)
{
    public static ImportJson Of(ImportPlan plan, TrainedModel imported, string source, string file) => new(
        source,
        file,
        imported.WeightsSha256,
        [.. plan.Rows.Select(row => new ImportedParameter(
            row.Parameter!, row.Source, row.Source is null ? null : plan.ShapeInFile(row.Source)))]);

    /// <summary>A parameter of the model.</summary>
    /// <param name="Parameter">Its name.</param>
    /// <param name="Source">Name of the tensor in the file; none for the bias of a layer without one, which is 0.</param>
    /// <param name="SourceShape">Shape of the tensor in the file, before any transposition; none without one.</param>
    internal sealed record ImportedParameter(string Parameter, string? Source, IReadOnlyList<int>? SourceShape);
}
