using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Cli.Interchange;

/// <summary>Formats that weights go out in, and come in where others than Lockstep can fill them.</summary>
/// <param name="Name">As <c>--to</c> names it.</param>
/// <param name="Extension">Of its files; that of CSV is of the files in its folder.</param>
internal sealed record WeightFormat(string Name, string Extension)
{
    public static readonly WeightFormat Safetensors = new("safetensors", SafetensorsFile.Extension);
    public static readonly WeightFormat Npz = new("npz", NpzFile.Extension);
    public static readonly WeightFormat Onnx = new("onnx", OnnxModel.Extension);
    public static readonly WeightFormat Csv = new("csv", CsvTensors.Extension);

    private static readonly WeightFormat[] All = [Safetensors, Npz, Onnx, Csv];

    /// <summary>Values of <c>--to</c>.</summary>
    public static string[] Names { get; } = [.. All.Select(format => format.Name)];

    /// <summary>The format of a name.</summary>
    public static WeightFormat Of(string name) => All.Single(format => format.Name == name);

    /// <summary>The format that a file's extension says; null for another one, or for a folder.</summary>
    public static WeightFormat? OfExtension(string path) =>
        All.FirstOrDefault(format => format != Csv && path.EndsWith(format.Extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads the tensors of a file, whose extension or else content says what it is.</summary>
    /// <exception cref="UserErrorException">It is none of the formats that can be read.</exception>
    /// <exception cref="InterchangeException">It cannot be read.</exception>
    public static (WeightFormat Format, IReadOnlyList<NamedTensor> Tensors) Read(string path)
    {
        WeightFormat? format = Directory.Exists(path) ? Csv : OfExtension(path) ?? OfContent(path);
        if (format == Onnx)
            throw new UserErrorException($"{path} is an ONNX model, which is only exported. Save its weights as safetensors or npz.");
        if (format is null)
            throw new UserErrorException($"{path} is neither safetensors nor npz, nor a folder of CSV files. Save weights with safetensors' save_file or with numpy.savez.");
        IReadOnlyList<NamedTensor> tensors = format == Safetensors ? SafetensorsFile.Read(path) : format == Npz ? NpzFile.Read(path) : CsvTensors.Read(path);
        return (format, tensors);
    }

    private static WeightFormat? OfContent(string path)
    {
        byte[] start = new byte[9];
        try
        {
            using FileStream stream = File.OpenRead(path);
            int count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return start.AsSpan(0, count) switch
            {
                [(byte)'P', (byte)'K', ..] => Npz,
                [.., (byte)'{'] when count == start.Length => Safetensors,
                _ => null,
            };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UserErrorException($"{path} does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
