using Lockstep.Data.Preparing;
using Lockstep.Data.Raw;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Data;

/// <summary>Reads the user's own files.</summary>
/// <param name="options">How they are prepared, and what is held out.</param>
/// <param name="known">The data of a run that used such files before; null prepares them anew.</param>
/// <param name="progress">Told what is read, a few times a second; on any thread.</param>
internal sealed class OwnDataLoader(PreparationOptions options, DataSpec? known, Action<string>? progress)
{
    /// <summary>Reads and prepares a data set.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">It cannot be used; the message says why and what to do.</exception>
    public LoadedDataset Load(string path, CancellationToken cancellationToken)
    {
        RawParts parts = new RawDataReader(options, known?.Preparation, progress, cancellationToken).Read(path);
        Preparer preparer = NewPreparer(path);
        Dataset data = preparer.Prepare(parts);
        return new LoadedDataset(data, Path.GetFullPath(path), preparer.Notices);
    }

    /// <summary>Reads examples for the model of a run, all of them.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="areLabelled">Whether the classes are read; otherwise all examples have class 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The examples, and what the user should know.</returns>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public (Examples Examples, IReadOnlyList<string> Notices) LoadAll(string path, bool areLabelled, CancellationToken cancellationToken)
    {
        Preparation preparation = known?.Preparation ?? throw new InvalidOperationException("The run has no data of its own.");
        RawExamples raw = new RawDataReader(options, preparation, progress, cancellationToken).ReadOne(path);
        Preparer preparer = NewPreparer(path);
        return (preparer.Apply(raw, preparation, areLabelled), preparer.Notices);
    }

    /// <summary>Reads all examples of a file that is not the one that the run was trained on.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The examples, or null if they are the data of the run; and what the user should know.</returns>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public (Examples? Examples, IReadOnlyList<string> Notices) LoadOther(string path, CancellationToken cancellationToken)
    {
        RawParts parts = new RawDataReader(options, known!.Preparation, progress, cancellationToken).Read(path);
        if (NewPreparer(path).TryPrepare(parts)?.Sha256 == known.Sha256)
            return (null, []);
        if (parts.Validation is not null || parts.Test is not null)
            throw new DatasetException(
                $"'{path}' has parts of its own and is not what the model was trained on. Give the file or folder of one part.");
        Preparer preparer = NewPreparer(path);
        return (preparer.Apply(parts.Training, known.Preparation!, areLabelled: true), preparer.Notices);
    }

    private Preparer NewPreparer(string path) =>
        new(known?.Name ?? options.Name ?? NameOf(path), path, options, known?.Preparation, progress);

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        string plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Path.GetFileNameWithoutExtension(plain) is { Length: > 0 } stem ? stem : "data";
    }
}
