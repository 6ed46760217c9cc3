using System.Buffers;
using System.Globalization;
using System.Text;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Shared.Interchange;

/// <summary>
/// Weights for spreadsheets: a folder with one CSV file a tensor, <c>layer0/weights.csv</c> for <c>layer0/weights</c>. A line is a row of a
/// matrix, or a whole vector. Numbers have enough digits to give the same float32 back.
/// </summary>
public static class CsvTensors
{
    /// <summary>Extension of the files.</summary>
    public const string Extension = ".csv";

    private const int MaxNumberCharacters = 64;
    private static readonly SearchValues<char> NotInFileNames = SearchValues.Create("\\:*?\"<>|\0");
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a new folder.</summary>
    /// <param name="folder">The folder, which must not exist.</param>
    /// <param name="tensors">Vectors and matrices whose names are valid file names.</param>
    /// <exception cref="InterchangeException">The folder exists, a name is no valid file name, or the disk failed.</exception>
    public static void Write(string folder, IReadOnlyList<NamedTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        InterchangeFile.RefuseExisting(folder);
        string[] paths = [.. tensors.Select(tensor => PathOf(folder, tensor.Name))];
        try
        {
            for (int i = 0; i < paths.Length; i++)
            {
                _ = Directory.CreateDirectory(Path.GetDirectoryName(paths[i])!);
                using var writer = new StreamWriter(paths[i], append: false, Utf8);
                WriteTensor(writer, tensors[i]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterchangeException(
                InterchangeError.Io, folder,
                $"could not be written: {e.Message} Check the folder, its permissions and the disk's free space.", e);
        }
    }

    /// <summary>
    /// Reads all <c>.csv</c> files below a folder. A file of one line is a vector, one of several lines a matrix. Blank lines and lines that
    /// begin with <c>#</c> are skipped, as <c>numpy.loadtxt</c> does; numbers may be in quotes.
    /// </summary>
    /// <exception cref="InterchangeException">There is no such file, or one is not a table of numbers.</exception>
    public static IReadOnlyList<NamedTensor> Read(string folder)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(
                folder, "*" + Extension, new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false });
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InterchangeException(InterchangeError.NotFound, folder, "does not exist.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InterchangeException(InterchangeError.Io, folder, $"cannot be read: {e.Message}", e);
        }

        if (files.Length == 0)
            throw new InterchangeException(
                InterchangeError.NotFound, folder, $"holds no {Extension} file; expected one for each parameter.");
        var limits = new InterchangeLimits(folder);
        return InterchangeFile.RequireFinite([.. files.Order(StringComparer.Ordinal).Select(file =>
        {
            string name = Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');
            return InterchangeFile.Read(file, stream => ReadTensor(stream, name, limits, file));
        })], folder);
    }

    /// <summary>Path of a tensor's file. Names may come from foreign files, so they must not lead out of the folder.</summary>
    private static string PathOf(string folder, string name)
    {
        string[] parts = name.Split('/');
        if (parts.Any(part => part.Trim('.').Length == 0 || part.AsSpan().ContainsAny(NotInFileNames)))
        {
            throw new InterchangeException(InterchangeError.Unsupported, folder,
                $"cannot hold {ForeignText.Quote(name)}: expected a name that a file can have. Export to safetensors or npz.");
        }

        return Path.Combine([folder, .. parts[..^1], parts[^1] + Extension]);
    }

    private static void WriteTensor(TextWriter writer, NamedTensor tensor)
    {
        int columns = tensor.Shape[^1];
        for (int i = 0; i < tensor.Values.Length; i++)
        {
            writer.Write(tensor.Values[i].ToString("R", CultureInfo.InvariantCulture));
            writer.Write((i + 1) % columns == 0 ? '\n' : ',');
        }
    }

    private static NamedTensor ReadTensor(Stream stream, string name, InterchangeLimits limits, string file)
    {
        using var reader = new StreamReader(stream, Utf8);
        var values = new List<float>();
        var number = new StringBuilder();
        int line = 1, rows = 0, columns = 0, inRow = 0;
        for (bool ended = false; !ended;)
        {
            int letter = reader.Read();
            bool isComment = letter == '#' && inRow == 0 && number.Length == 0;
            while (isComment && letter is not '\n' && letter >= 0)
                letter = reader.Read();
            ended = letter < 0;
            if (letter is not (',' or '\n') && !ended)
            {
                if (number.Append((char)letter).Length > MaxNumberCharacters)
                    throw Mistake($"has {ForeignText.Quote(number.ToString())} in line {line}; expected a number");
                continue;
            }

            string text = number.ToString().Trim();
            _ = number.Clear();
            if (letter != ',' && inRow == 0 && text.Length == 0)
            {
                line++;
                continue;
            }

            values.Add(Number(text));
            inRow++;
            if (values.Count > ModelSpec.MaxParameters)
                throw new InterchangeException(
                    InterchangeError.TooLarge, file, $"has more than {ModelSpec.MaxParameters:N0} numbers, the maximum of a model.");
            if (letter == ',')
                continue;
            if (rows > 0 && inRow != columns)
                throw Mistake($"has {inRow} numbers in line {line} and {columns} in the lines before; expected the same");
            (columns, inRow) = (inRow, 0);
            rows++;
            line++;
        }

        if (rows == 0)
            throw Mistake("is empty; expected numbers");
        int[] shape = rows == 1 ? [columns] : [rows, columns];
        _ = limits.Add(name, [.. shape.Select(dimension => (long)dimension)]);
        return new NamedTensor(name, shape, [.. values]);

        float Number(string text)
        {
            string bare = text is ['"', .. var inner, '"'] ? inner.Trim() : text;
            if (bare.TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY")
                return float.PositiveInfinity;
            if (!float.TryParse(bare, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
                throw Mistake($"has {ForeignText.Quote(text)} in line {line}; expected numbers with a decimal point, separated by commas");
            return float.IsInfinity(value)
                ? throw Mistake($"has {ForeignText.Quote(text)} in line {line}, which is too large for a float32")
                : value;
        }

        InterchangeException Mistake(string problem) => new(InterchangeError.Invalid, file, problem + ".");
    }
}
