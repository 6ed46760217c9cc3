using Lockstep.Data.Raw.Arrays;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Data.Raw;

/// <summary>A folder with the parts of a data set as files or folders, by their names.</summary>
internal sealed class PartFolder
{
    private const int MostNamed = 12;

    // A part is named by one of the words of its name: mnist_train.csv, train, x.validation.csv.
    private static readonly string[] TrainingWords = ["train", "training"];
    private static readonly string[] ValidationWords = ["val", "valid", "validation", "dev"];
    private static readonly string[] TestWords = ["test", "testing", "t10k"];

    private readonly string _path;
    private readonly string[] _entries;

    private PartFolder(string path, string[] entries)
    {
        _path = path;
        _entries = entries;
        string[] idx = [.. entries.Where(entry => IsIdx(entry) && File.Exists(entry))];
        Images = Pair(idx, TrainingWords) ?? (idx.Length == 2 ? Pair(idx, words: null) : null);
        string[] data = [.. entries.Where(entry => Directory.Exists(entry) || DataFormat.IsData(entry))];
        Training = Single(data, TrainingWords);
        Validation = Single(data, ValidationWords);
        Test = Single(data, TestWords);
        OnlyFile = entries.Where(DataFormat.IsData).Take(2).ToArray() is [var only] ? only : null;
    }

    /// <summary>Files of the images and the labels of the training part, or of the only part, in IDX; null for none.</summary>
    public (string Images, string Labels)? Images { get; }

    /// <summary>The file or folder to train on; null for none.</summary>
    public string? Training { get; }

    /// <summary>The file or folder for validation; null for none.</summary>
    public string? Validation { get; }

    /// <summary>The file or folder for the test; null for none.</summary>
    public string? Test { get; }

    /// <summary>The only file with examples; null for none or several.</summary>
    public string? OnlyFile { get; }

    /// <summary>Lists a folder.</summary>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    public static PartFolder Of(string path)
    {
        try
        {
            return new PartFolder(path, [.. Directory.EnumerateFileSystemEntries(path)
                .Where(entry => !Path.GetFileName(entry).StartsWith('.')).Order(StringComparer.Ordinal)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                $"The folder '{path}' cannot be read: {BoundedFile.ReasonOf(path, e)}. Give one that you may read.", e);
        }
    }

    /// <summary>Reads the parts in IDX.</summary>
    /// <exception cref="DatasetException">A file is damaged, or images and labels do not fit.</exception>
    public RawParts ReadIdx()
    {
        string[] idx = [.. _entries.Where(entry => IsIdx(entry) && File.Exists(entry))];
        return new RawParts(Read(Images)!, Read(Pair(idx, ValidationWords)), Read(Pair(idx, TestWords)));

        static RawExamples? Read((string Images, string Labels)? pair) =>
            pair is { } files ? IdxExamples.Read(files.Images, files.Labels) : null;
    }

    /// <summary>Says that there is nothing to train on.</summary>
    public DatasetException Unknown() => new(
        $"The folder '{_path}' holds no data set that is known: it has {Names()}. Expected a file of examples (.csv, .tsv, .parquet, "
            + ".npz), the same in parts (train.csv, test.csv), a folder of pictures for each class, such folders in train and "
        + "test, or IDX files (train-images-idx3-ubyte, train-labels-idx1-ubyte)."
        + (_entries.Any(FolderFiles.IsPicture)
            ? " Pictures to train on belong into a sub-folder for their class; those to predict are given with --image, or with "
                + "--rows FOLDER."
            : ""));

    private string Names() => _entries.Length == 0
        ? "nothing"
        : string.Join(", ", _entries.Take(MostNamed).Select(entry => ForeignText.Quote(Path.GetFileName(entry))))
            + (_entries.Length > MostNamed ? $" and {_entries.Length - MostNamed:N0} more" : "");

    private static (string Images, string Labels)? Pair(string[] files, string[]? words)
    {
        string[] part = [.. files.Where(file => words is null || HasWord(file, words))];
        string? labels = part.FirstOrDefault(file => HasWord(file, ["labels", "label"]));
        string? images = part.FirstOrDefault(file => file != labels && !HasWord(file, ["labels", "label"]));
        return images is null || labels is null ? null : (images, labels);
    }

    private static string? Single(string[] entries, string[] words) =>
        entries.Where(entry => HasWord(entry, words)).Take(2).ToArray() is [var only] ? only : null;

    private static bool HasWord(string path, string[] words) => Path.GetFileName(path).ToLowerInvariant().Split('-', '_', '.', ' ')
        .Any(words.Contains);

    private static bool IsIdx(string path) =>
        Path.GetFileName(path) is { } name && (name.Contains("idx", StringComparison.OrdinalIgnoreCase)
            || name.Contains("ubyte", StringComparison.OrdinalIgnoreCase));
}
