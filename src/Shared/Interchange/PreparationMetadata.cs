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

    /// <summary>Key of the size of images, such as <c>28x28</c> or <c>32x32x3</c>.</summary>
    public const string ImageSize = "imageSize";

    /// <summary>An array of JSON.</summary>
    public static string Array(IEnumerable<string> texts) => JsonSerializer.Serialize([.. texts], TextsContext.Readable.StringArray);

    /// <summary>
    /// All that a caller of the model needs: <see cref="Classes"/>, <see cref="Label"/>, and <see cref="ImageSize"/> or the names of the
    /// columns of each input, under the name of the input.
    /// </summary>
    /// <param name="preparation">What the examples were made of; null gives nothing.</param>
    public static IReadOnlyDictionary<string, string> Of(Preparation? preparation)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        if (preparation is null)
            return entries;
        entries[Classes] = Array(preparation.Classes);
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
