using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>restore</c>.</summary>
/// <param name="Checkpoint">Where the parameters come from.</param>
/// <param name="Model">The network they go to.</param>
/// <param name="RestoredSha256">Digest of the restored parameters; null when none is.</param>
/// <param name="Parameters">Every parameter of the network, then the tensors that no parameter takes.</param>
internal sealed record RestoreJson(string? Checkpoint, string Model, string? RestoredSha256, IReadOnlyList<RestoreJson.Row> Parameters)
{
    public static RestoreJson Of(ModelSpec model, TrainedModel source, RestorePlan plan) =>
        new(source.Path, model.ToString(), plan.Sha256, [.. plan.Rows.Select(Row.Of)]);

    /// <summary>What becomes of a parameter or a tensor.</summary>
    /// <param name="Parameter">Name in the model; null for a tensor that no parameter takes.</param>
    /// <param name="Shape">Shape in the model; likewise.</param>
    /// <param name="Source">Name in the file; null for a parameter that the file does not have.</param>
    /// <param name="SourceShape">Shape in the file; likewise.</param>
    /// <param name="Outcome">A <see cref="RestoreOutcome"/>.</param>
    /// <param name="Allowed">Whether the options allow this outcome.</param>
    internal sealed record Row(
        string? Parameter, IReadOnlyList<int>? Shape, string? Source, IReadOnlyList<int>? SourceShape, string Outcome, bool Allowed)
    {
        public static Row Of(RestoreRow row) => new(
            row.Parameter,
            row.Shape,
            row.Source,
            row.SourceShape,
            JsonNamingPolicy.CamelCase.ConvertName(row.Outcome.ToString()),
            row.IsAllowed);
    }
}
