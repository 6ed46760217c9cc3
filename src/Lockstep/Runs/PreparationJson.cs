using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Model.Specs;

namespace Lockstep.Runs;

/// <summary>How examples were prepared, as JSON for people and scripts.</summary>
internal sealed record PreparationJson(
    IReadOnlyList<string>? Classes, string? Label, IReadOnlyList<TargetSpec>? Targets, PreparationJson.Image? Images,
    PreparationJson.Table? Rows, PreparationJson.Parts Split)
{
    /// <summary>Writes it as one object.</summary>
    public static void Write(Utf8JsonWriter writer, Preparation preparation) =>
        JsonSerializer.Serialize(writer, Of(preparation), PreparationJsonContext.Default.PreparationJson);

    private static PreparationJson Of(Preparation preparation) => new(
        preparation.Targets.Count == 0 ? preparation.Classes : null,
        preparation.Label,
        preparation.Targets.Count == 0 ? null : preparation.Targets,
        preparation.Inputs is ImageSpec image ? new Image(image.Height, image.Width, image.Channels, image.IsResized) : null,
        preparation.Inputs is TableSpec table
            ? new Table(
                table.FillsMissing,
                [.. table.Columns.Select(column => new Column(
                    column.Name,
                    (column as NumberColumn)?.Mean,
                    (column as NumberColumn)?.Deviation,
                    (column as CategoryColumn)?.Categories))])
            : null,
        new Parts(preparation.Split.Validation, preparation.Split.Test, preparation.Split.Key));

    internal sealed record Image(int Height, int Width, int Channels, bool Resized);

    internal sealed record Table(bool FillsMissing, IReadOnlyList<Column> Columns);

    internal sealed record Column(string Name, double? Mean, double? Deviation, IReadOnlyList<string>? Categories);

    internal sealed record Parts(double? Validation, double? Test, ulong Key);
}

/// <summary>Makes the text.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PreparationJson))]
internal sealed partial class PreparationJsonContext : JsonSerializerContext;
