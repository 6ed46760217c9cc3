using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Model.Specs;

namespace Lockstep.Shared.Interchange;

/// <summary>What a file of others says about the user's own data: texts, and arrays of texts as JSON.</summary>
public static class PreparationMetadata
{
    /// <summary>Key of the names of the classes, in the order of the outputs.</summary>
    public const string Classes = "classes";

    /// <summary>Key of the name of the column that held the class.</summary>
    public const string Label = "label";

    /// <summary>Key of the names of the targets, in the order of the outputs.</summary>
    public const string Targets = "targets";

    /// <summary>Key of the means of the targets: a value is mean + deviation · output of the last layer.</summary>
    public const string TargetMeans = "targetMeans";

    /// <summary>Key of the deviations of the targets.</summary>
    public const string TargetDeviations = "targetDeviations";

    /// <summary>Key of the size of images, such as <c>28x28</c> or <c>32x32x3</c>.</summary>
    public const string ImageSize = "imageSize";

    /// <summary>An array of JSON.</summary>
    public static string Array(IEnumerable<string> texts) => JsonSerializer.Serialize([.. texts], TextsContext.Readable.StringArray);

    /// <summary>What the outputs stand for: <see cref="Classes"/>, or <see cref="Targets"/> with their scales.</summary>
    public static IReadOnlyDictionary<string, string> OfOutputs(Preparation preparation)
    {
        ArgumentNullException.ThrowIfNull(preparation);
        IReadOnlyList<TargetSpec> targets = preparation.Targets;
        return targets.Count == 0
            ? new Dictionary<string, string> { [Classes] = Array(preparation.Classes) }
            : new Dictionary<string, string>
            {
                [Targets] = Array(targets.Select(target => target.Name)),
                [TargetMeans] = Numbers(targets.Select(target => target.Mean)),
                [TargetDeviations] = Numbers(targets.Select(target => target.Deviation)),
            };

        static string Numbers(IEnumerable<double> values) =>
            $"[{string.Join(',', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";
    }

    /// <summary>
    /// All that a caller of the model needs: the classes with their <see cref="Label"/>, or the targets; and <see cref="ImageSize"/> or
    /// the names of the columns of each input, under the name of the input.
    /// </summary>
    /// <param name="preparation">What the examples were made of; null gives nothing.</param>
    public static IReadOnlyDictionary<string, string> Of(Preparation? preparation)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        if (preparation is null)
            return entries;
        foreach ((string key, string value) in OfOutputs(preparation))
            entries[key] = value;
        if (preparation.Label is { } label)
            entries[Label] = label;
        if (preparation.Inputs is ImageSpec image)
            entries[ImageSize] = image.ToString();
        if (preparation.Inputs is TableSpec table)
        {
            AddColumns<NumberColumn>(OnnxInput.Numbers, table);
            AddColumns<CategoryColumn>(OnnxInput.Texts, table);
        }

        return entries;

        void AddColumns<T>(string input, TableSpec table)
            where T : ColumnSpec
        {
            string[] names = [.. table.Columns.OfType<T>().Select(column => column.Name)];
            if (names.Length > 0)
                entries[input] = Array(names);
        }
    }
}

/// <summary>Makes the JSON.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class TextsContext : JsonSerializerContext
{
    /// <summary>Leaves letters beyond ASCII as they are.</summary>
    public static TextsContext Readable { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
