using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Interchange;

/// <summary>Weights of another program, as a file has them. See <see cref="ImportPlan"/>.</summary>
public sealed class WeightsFile
{
    private WeightsFile(
        string path, WeightFormat format, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        Path = path;
        Format = format;
        Tensors = tensors;
        Metadata = metadata;
        Network = NetworkOf(tensors);
    }

    /// <summary>The file, or the folder of CSV files.</summary>
    public string Path { get; }

    /// <summary>Its format.</summary>
    public WeightFormat Format { get; }

    /// <summary>All tensors, with the names and shapes of the file.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>What else the file says, as <see cref="PreparationMetadata"/> has it where Lockstep wrote it; empty for most.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// The network that they are of, such as <c>784-256-10</c>, if it has dense layers and normalisation only; null where it has others,
    /// or the shapes do not tell.
    /// </summary>
    public string? Network { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">A safetensors or npz file, or a folder of CSV files.</param>
    /// <exception cref="InterchangeException">The file cannot be read.</exception>
    /// <exception cref="RequestException">The format is unknown.</exception>
    public static WeightsFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (WeightFormat format, IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata) = WeightFormat.Read(path);
        return new WeightsFile(path, format, tensors, metadata);
    }

    private static string? NetworkOf(IReadOnlyList<NamedTensor> tensors)
    {
        IReadOnlyList<int>[][] layers = [.. tensors
            .GroupBy(tensor => tensor.Name[..(tensor.Name.LastIndexOfAny(['.', '/']) + 1)])
            .OrderBy(layer => string.Concat(layer.Key.Where(letter => char.IsAsciiDigit(letter) || letter == '.')), NaturalOrder.Instance)
            // What has the number of a layer normalises it.
            .ThenByDescending(layer => layer.Max(tensor => tensor.Shape.Count))
            .ThenBy(layer => layer.Key, NaturalOrder.Instance)
            .Select(layer => (IReadOnlyList<int>[])[.. layer.Select(tensor => tensor.Shape).OrderByDescending(shape => shape.Count)])];
        string?[] fitting = [.. new[] { Describe(layers, input: 0), Describe(layers, input: 1) }.OfType<string>().Distinct()];
        return fitting is [var network] ? network : null;

        static string? Describe(IReadOnlyList<int>[][] layers, int input)
        {
            string text = "";
            int width = 0;
            foreach (IReadOnlyList<int>[] layer in layers)
            {
                switch (layer)
                {
                    // Takes what the layer before gives, and has a bias for each of its own or none; vectors may be rows or columns.
                    case [[var rows, var columns], .. var biases]
                        when (width == 0 || width == (input == 0 ? rows : columns)) && biases.Length < 2
                            && biases.All(vector => Length(vector) == (input == 0 ? columns : rows)):
                        text += width == 0 ? input == 0 ? rows : columns : "";
                        width = input == 0 ? columns : rows;
                        text += $"-{width}";
                        break;
                    case [[_], [_]] or [[_], [_], [_], [_]] when width > 0 && layer.All(shape => shape[0] == width):
                        text += layer.Length == 2 ? "-ln" : "-bn";
                        break;
                    default:
                        return null;
                }
            }

            return text.Length > 0 ? text : null;
        }

        static int Length(IReadOnlyList<int> shape) => shape.Aggregate(1, (product, dimension) => product * dimension);
    }
}
