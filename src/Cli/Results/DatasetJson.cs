using System.Text.Json.Serialization;
using Lockstep.Cli.Training;
using Lockstep.Data;
using Lockstep.Data.Describing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Results;

/// <summary>The result of <c>data info</c>. What does not apply is absent.</summary>
/// <param name="Name">Name of the data set.</param>
/// <param name="From">Where it was found.</param>
/// <param name="Sha256">Digest of its content.</param>
/// <param name="Shape">Of one example: [height, width, channels] or [inputs].</param>
/// <param name="Classes">Names of the classes.</param>
/// <param name="Targets">Numbers to predict, with mean and deviation over the examples that are trained on.</param>
/// <param name="Train">The examples that are trained on.</param>
/// <param name="Validation">The examples for choosing settings.</param>
/// <param name="Test">The examples for the final figure.</param>
/// <param name="Problem">Why files of the user's cannot be trained on.</param>
/// <param name="Columns">Columns of a table.</param>
/// <param name="Leaks">Columns that tell the class by themselves.</param>
/// <param name="Numbering">Columns that number the rows.</param>
/// <param name="Repeated">Examples that occur again.</param>
/// <param name="Notices">What else the user should know.</param>
internal sealed record DatasetJson(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    string From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<int>? Shape,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Classes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<TargetSpec>? Targets,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DatasetJson.Part? Train,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DatasetJson.Part? Validation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DatasetJson.Part? Test,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DatasetJson.Column>? Columns,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Leaks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Numbering,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RepeatedExamples? Repeated,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Notices)
{
    /// <summary>Of a data set of the catalogue.</summary>
    public static DatasetJson Of(LoadedDataset loaded) => Of(loaded.Data, loaded.Source, null);

    /// <summary>Of files of the user's.</summary>
    public static DatasetJson Of(DataDescription description) => Of(description.Data, description.Source, description);

    private static DatasetJson Of(Dataset? data, string source, DataDescription? own) => new(
        data?.Name,
        source,
        data?.Sha256,
        data?.Training.Shape.Dimensions,
        data is null or { Classes: 0 } ? null : [.. Enumerable.Range(0, data.Classes).Select(data.ToSpec().ClassName)],
        data?.Preparation?.Targets is { Count: > 0 } targets ? targets : null,
        Part.Of(data, "train"),
        Part.Of(data, "validation"),
        Part.Of(data, "test"),
        own?.Problem,
        own is null or { Columns.Count: 0 } ? null : [.. own.Columns.Select(Column.Of)],
        own?.Leaks,
        own?.Numbering,
        own?.Repeated,
        own?.Loaded?.Notices);

    /// <summary>One part of the examples.</summary>
    /// <param name="Examples">Their number.</param>
    /// <param name="NonZeroShare">Share of the values that are not 0.</param>
    /// <param name="Classes">Examples of each class.</param>
    internal sealed record Part(int Examples, double NonZeroShare, IReadOnlyList<int> Classes)
    {
        public static Part? Of(Dataset? data, string split)
        {
            if (data is null)
                return null;
            var counts = SplitCounts.Of(data, split);
            return new Part(counts.Examples.Count, Math.Round(counts.NonZeroShare, 6), counts.Classes);
        }
    }

    /// <summary>One column of a table.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Kind">Numbers or texts.</param>
    /// <param name="Missing">Rows without a value.</param>
    /// <param name="Different">Number of different values.</param>
    /// <param name="Least">The least number; null for texts.</param>
    /// <param name="Greatest">The greatest number.</param>
    /// <param name="Mean">Mean of the numbers.</param>
    internal sealed record Column(string Name, string Kind, int Missing, int Different, double Least, double Greatest, double Mean)
    {
        public static Column Of(ColumnDescription column) => new(
            column.Name, column.IsText ? "texts" : "numbers", column.Missing, column.Different, column.Least, column.Greatest, column.Mean);
    }
}
