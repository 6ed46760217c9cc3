using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;
using Lockstep.Shared.Interchange;

namespace Lockstep.Interchange;

/// <summary>A format of weights that other programs read or write.</summary>
/// <param name="Name">Such as <c>npz</c>.</param>
/// <param name="Extension">Extension of its files; for CSV that of the files in the folder.</param>
public sealed record WeightFormat(string Name, string Extension)
{
    private const string SaveWeights = "Save weights with safetensors' save_file or with numpy.savez.";

    /// <summary>The file format of Hugging Face's safetensors.</summary>
    public static WeightFormat Safetensors { get; } = new("safetensors", SafetensorsFile.Extension);

    /// <summary>NumPy's archive of arrays.</summary>
    public static WeightFormat Npz { get; } = new("npz", NpzFile.Extension);

    /// <summary>An ONNX model: the whole network; export only.</summary>
    public static WeightFormat Onnx { get; } = new("onnx", OnnxModel.Extension);

    /// <summary>A folder with one file of comma-separated values for each parameter.</summary>
    public static WeightFormat Csv { get; } = new("csv", CsvTensors.Extension);

    /// <summary>All formats.</summary>
    public static IReadOnlyList<WeightFormat> All { get; } = [Safetensors, Npz, Onnx, Csv];

    /// <summary>Finds the format that has a name.</summary>
    public static WeightFormat Of(string name) => All.Single(format => format.Name == name);

    /// <summary>The format by a file's extension; null for an unknown one, or for a folder.</summary>
    public static WeightFormat? OfExtension(string path) =>
        All.FirstOrDefault(format => format != Csv && path.EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>What there is in place of a format that is not written; null for one that nobody asks for.</summary>
    /// <param name="name">Its name or extension, such as <c>pth</c>.</param>
    internal static string? InsteadOf(string name) => name.ToLowerInvariant() switch
    {
        "pt" or "pth" or "torch" or "pytorch" or "bin" => "PyTorch loads safetensors and npz, with --names torch as a state_dict",
        "h5" or "hdf5" or "keras" => "Keras takes the arrays of an npz with set_weights",
        _ => null,
    };

    /// <summary>Reads the tensors of a file; finds its format by the extension, else by the content.</summary>
    /// <exception cref="RequestException">The format is unknown, or cannot be read.</exception>
    /// <exception cref="InterchangeException">It cannot be read.</exception>
    internal static (WeightFormat Format, IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(
        string path)
    {
        WeightFormat? format = Directory.Exists(path) ? Csv : OfExtension(path);
        byte[] head = format is null ? ReadHead(path) : [];
        ForeignContent? content = ForeignContent.Recognise(head);
        format ??= content == ForeignContent.Arrays ? Npz : content == ForeignContent.Safetensors ? Safetensors : null;
        if (format == Onnx)
            throw new RequestException($"{path} is an ONNX model, which is only exported. Save its weights as safetensors or npz.");
        if (format is null)
            throw new RequestException($"{path} is neither safetensors nor npz, nor a folder of CSV files. "
                + (ForeignContent.Predicate(head) is { } what ? $"It {what}. " : "")
                + (content?.AsWeights ?? SaveWeights));
        IReadOnlyDictionary<string, string> metadata = new Dictionary<string, string>();
        IReadOnlyList<NamedTensor> tensors = format == Safetensors
            ? SafetensorsFile.Read(path, out metadata)
            : format == Npz ? NpzFile.Read(path) : CsvTensors.Read(path);
        return (format, tensors, metadata);
    }

    private static byte[] ReadHead(string path)
    {
        try
        {
            using FileStream stream = RegularFile.OpenToRead(path);
            return ForeignContent.HeadOf(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RequestException($"{path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"{path} cannot be read: {BoundedFile.ReasonOf(path, e)}.", e);
        }
    }
}
