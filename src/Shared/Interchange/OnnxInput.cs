using Lockstep.Model.Specs;
using Lockstep.Shared.Interchange.Onnx;

namespace Lockstep.Shared.Interchange;

/// <summary>An input of an exported model.</summary>
public sealed record OnnxInput
{
    /// <summary>Name of the input of images: scaled ones of the catalogue's, raw ones of the user's own.</summary>
    public const string Pixels = "pixels";

    /// <summary>Name of the input of a table's numbers.</summary>
    public const string Numbers = "numbers";

    /// <summary>Name of the input of a table's texts.</summary>
    public const string Texts = "texts";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its dimensions after the batch.</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>What it holds, in a few words.</summary>
    public required string Content { get; init; }

    /// <summary>The same in sentences, for those who see only the file.</summary>
    public required string Doc { get; init; }

    /// <summary>Type and shape, such as <c>float32 [batch, 784]</c>.</summary>
    public string TypeAndShape => $"{TypeName} [{string.Join(", ", Shape.Select(size => $"{size}").Prepend(OnnxGraph.Batch))}]";

    /// <summary>Type of its elements.</summary>
    internal TensorProto.Types.DataType Type { get; private init; }

    private string TypeName => Type switch
    {
        TensorProto.Types.DataType.Float => "float32",
        TensorProto.Types.DataType.Double => "float64",
        TensorProto.Types.DataType.Uint8 => "uint8",
        TensorProto.Types.DataType.String => "string",
        _ => throw new NotSupportedException($"No input is of the type {Type}."),
    };

    /// <summary>The inputs of a model: of a table its numbers and its texts, as far as it has them; otherwise one.</summary>
    /// <param name="model">The network.</param>
    /// <param name="preparation">What its examples were made of; null where they were taken as they are.</param>
    public static IReadOnlyList<OnnxInput> Of(ModelSpec model, Preparation? preparation)
    {
        ArgumentNullException.ThrowIfNull(model);
        return preparation?.Inputs switch
        {
            null => [Scaled(model)],
            ImageSpec image => [Raw(image)],
            TableSpec table => [.. OfTable(table)],
            InputSpec other => throw new NotSupportedException($"No inputs of ONNX are known for {other.GetType().Name}."),
        };
    }

    private static OnnxInput Scaled(ModelSpec model) => new()
    {
        Name = Pixels,
        Type = TensorProto.Types.DataType.Float,
        Shape = [model.Inputs],
        Content = "pixels scaled to 0..1",
        Doc = "Pixels scaled to 0..1 (intensity / 255), row by row.",
    };

    private static OnnxInput Raw(ImageSpec image) => new()
    {
        Name = Pixels,
        Type = TensorProto.Types.DataType.Uint8,
        Shape = [image.Height, image.Width, image.Channels],
        Content = $"{Colours(image)}, 0 to 255",
        Doc = $"Intensities from 0 to 255, {Colours(image)}: height, width, channels; row by row from the top left. A picture of another "
            + "size is resized before. The model itself divides by 255.",
    };

    private static string Colours(ImageSpec image) => image.Channels == 1 ? "grey" : "red, green and blue";

    private static IEnumerable<OnnxInput> OfTable(TableSpec table)
    {
        int numbers = table.Columns.OfType<NumberColumn>().Count(), texts = table.Columns.OfType<CategoryColumn>().Count();
        if (numbers > 0)
            yield return new OnnxInput
            {
                Name = Numbers,
                Type = TensorProto.Types.DataType.Double,
                Shape = [numbers],
                Content = table.FillsMissing ? "columns of numbers, NaN where missing" : "columns of numbers",
                Doc = $"Columns of numbers as the table has them, in the order of the metadata '{Numbers}'. "
                    + (table.FillsMissing ? "NaN is a missing value. " : "None may be missing: the answer to NaN is NaN. ")
                    + "The model itself standardises them.",
            };
        if (texts > 0)
            yield return new OnnxInput
            {
                Name = Texts,
                Type = TensorProto.Types.DataType.String,
                Shape = [texts],
                Content = table.FillsMissing ? "columns of texts, empty where missing" : "columns of texts",
                Doc = $"Columns of texts as the table has them, in the order of the metadata '{Texts}'. "
                    + (table.FillsMissing ? "A missing value is an empty text. " : "None may be missing. ")
                    + "A text that did not occur in training counts as none of the categories. The model itself encodes them.",
            };
    }
}
