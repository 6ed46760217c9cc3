using Lockstep.Data.Describing;
using Lockstep.Data.Preparing;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Data;

/// <summary>
/// Brings a data set into memory: from the folder that the user names, else from the cache of earlier downloads, else from a mirror. Where
/// neither a data set nor a folder is named and MNIST is not available, the synthetic digits stand in for it. A folder that the user names
/// and that has not the files, or damaged ones, is always an error.
/// </summary>
public sealed class DatasetLoader
{
    private readonly DatasetLoaderOptions _options;

    /// <summary>A loader with the given cache and network settings.</summary>
    public DatasetLoader(DatasetLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Finds a data set and reads it.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="progress">Told about downloads, a few times a second; on any thread.</param>
    /// <param name="cancellationToken">Stops a download and cleans up behind it.</param>
    /// <exception cref="DatasetException">The data set is not available, or a file is damaged; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<LoadedDataset> LoadAsync(
        DatasetRequest request, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Path is { } path)
        {
            OwnDataLoader own = OwnLoader(request);
            return await Task.Run(() => own.Load(path, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        if (request.Name == DatasetCatalog.Synthetic)
            return await CreateSyntheticAsync(notice: null, cancellationToken).ConfigureAwait(false);
        DatasetSource source = request.Name is null ? _options.Sources[0] : FindSource(request.Name);
        if (!string.IsNullOrEmpty(request.DataDirectory))
        {
            if (DatasetLocator.Find(source, request.DataDirectory) is { } location)
                return await ReadAsync(source, location, cancellationToken).ConfigureAwait(false);
            throw new DatasetException(
                $"{source.Title} is not in {DatasetLocator.Describe(source, request.DataDirectory)} "
                + "Put its four files there, or leave out --data-dir and LOCKSTEP_DATA_DIR to use the cache or a download. "
                + $"Files of your own are trained on with --dataset {ShellWord.OfPath(request.DataDirectory)}.");
        }

        var cache = new DatasetCache(source, _options);
        try
        {
            await FillAsync(cache, source, request.Offline, progress, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(source, cache.Location, cancellationToken).ConfigureAwait(false);
        }
        catch (DownloadException exception) when (request.Name is null)
        {
            return await CreateSyntheticAsync(
                $"{exception.Message}: using the built-in synthetic digits instead of {source.Title}.",
                cancellationToken).ConfigureAwait(false);
        }
        catch (DownloadException exception)
        {
            throw CannotFetch(source, exception);
        }
    }

    /// <summary>Reads a file for the model of a run that may have been trained on another one.</summary>
    /// <param name="request">The file and the run's data.</param>
    /// <param name="split">Name of the part that is wanted; null for the one for the test where there are parts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">The examples do not fit the model; the message says why and what to do.</exception>
    internal Task<OtherExamples> LoadOtherAsync(DatasetRequest request, string? split, CancellationToken cancellationToken)
    {
        OwnDataLoader own = OwnLoader(request);
        return Task.Run(() => own.LoadOther(request.Path!, split, cancellationToken), cancellationToken);
    }

    /// <summary>Describes files of the user's, whether they can be trained on or not.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="options">How they would be prepared.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">They cannot be read.</exception>
    internal Task<DataDescription> DescribeAsync(string path, PreparationOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => new OwnDataLoader(options, known: null, _options.Working).Describe(path, cancellationToken), cancellationToken);

    /// <summary>Downloads the files of a data set that are missing or damaged in the cache.</summary>
    /// <param name="name">One of the names of <see cref="DatasetLoaderOptions.Sources"/>.</param>
    /// <param name="offline">Never touch the network.</param>
    /// <param name="progress">Told about downloads, a few times a second; on any thread.</param>
    /// <param name="cancellationToken">Stops a download and cleans up behind it.</param>
    /// <returns>The folder with the files.</returns>
    /// <exception cref="DatasetException">They are not available; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<string> FetchAsync(
        string name, bool offline, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (name == DatasetCatalog.Synthetic)
            throw new DatasetException($"The data set '{name}' is built in; there is nothing to fetch.");
        DatasetSource source = FindSource(name);
        var cache = new DatasetCache(source, _options);
        try
        {
            await FillAsync(cache, source, offline, progress, cancellationToken).ConfigureAwait(false);
            return cache.Folder;
        }
        catch (DownloadException exception)
        {
            throw CannotFetch(source, exception);
        }
    }

    private PreparedCache Prepared => new(Path.Combine(_options.CacheDirectory, "prepared"));

    private OwnDataLoader OwnLoader(DatasetRequest request) => new(request.Preparing, request.Known, _options.Working, Prepared);

    private static async Task FillAsync(
        DatasetCache cache, DatasetSource source, bool offline, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatasetFile> missing = await cache.FindMissingAsync(cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
            return;
        if (offline)
        {
            string state = missing.Any(cache.Contains) ? "damaged" : missing.Count < source.Files.Count ? "incomplete" : "not";
            throw new DownloadException(
                $"{source.Title} is {state} in the cache '{cache.Folder}', and --offline or LOCKSTEP_OFFLINE forbids a download");
        }

        await cache.DownloadAsync(missing, progress, cancellationToken).ConfigureAwait(false);
    }

    private static DatasetException CannotFetch(DatasetSource source, DownloadException exception) => new(
        $"{source.Title} is not available: {exception.Message}. "
        + "Put its four files into a folder and give that folder to --data-dir or LOCKSTEP_DATA_DIR, "
        + $"fetch it where there is a network (lockstep data fetch {source.Name}), "
        + $"or train on --dataset {DatasetCatalog.Synthetic}.", exception);

    private static async Task<LoadedDataset> CreateSyntheticAsync(string? notice, CancellationToken cancellationToken)
    {
        Dataset data = await Task.Run(SyntheticDigits.Create, cancellationToken).ConfigureAwait(false);
        return new LoadedDataset(data, "built in", notice is null ? [] : [notice]);
    }

    private DatasetSource FindSource(string name) => _options.Sources.FirstOrDefault(source => source.Name == name)
        ?? throw new DatasetException(
            $"There is no data set '{name}'; expected one of {string.Join(", ", _options.Sources.Select(source => source.Name))}, "
            + $"{DatasetCatalog.Synthetic}.");

    /// <summary>Reads the four files, or what they have been before: unpacking them takes most of a start.</summary>
    private async Task<LoadedDataset> ReadAsync(DatasetSource source, DatasetLocation location, CancellationToken cancellationToken)
    {
        string? files = await Task.Run(() => PreparedCache.DigestOf(location.Paths, progress: null, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        if (files is not null && Prepared.Find(files, source.Name, sha256: null) is { } kept)
            return new LoadedDataset(
                new Dataset(source.Name, kept.Training, kept.Test, sha256: kept.Spec.Sha256), location.Directory, []);
        LoadedDataset read = await UnpackAsync(source, location, cancellationToken).ConfigureAwait(false);
        if (files is not null)
            Prepared.Keep(files, source.Name, PreparedData.Of(read));
        return read;
    }

    private async Task<LoadedDataset> UnpackAsync(DatasetSource source, DatasetLocation location, CancellationToken cancellationToken)
    {
        Task<ImageSet> test = Task.Run(() => Read(location.TestImages, location.TestLabels), cancellationToken);
        Task<ImageSet> training = Task.Run(() => Read(location.TrainingImages, location.TrainingLabels), cancellationToken);
        try
        {
            ImageSet[] sets = await Task.WhenAll(training, test).ConfigureAwait(false);
            RefuseOther(source, sets[1], location.Directory);
            return new LoadedDataset(new Dataset(source.Name, sets[0], sets[1]), location.Directory, []);
        }
        catch (ArgumentException exception)
        {
            throw new DatasetException($"The files of {source.Title} in '{location.Directory}' do not fit together: "
                + $"{exception.Message}", exception);
        }
    }

    /// <summary>All data sets of the catalog have the same names for their files; MNIST in the folder of another is a mix-up.</summary>
    private void RefuseOther(DatasetSource source, ImageSet test, string directory)
    {
        DatasetSource[] known = [.. _options.Sources.Where(other => other.TestSha256 is not null && other.Name != source.Name)];
        if (known.Length == 0)
            return;
        string sha256 = test.Sha256();
        if (known.FirstOrDefault(other => other.TestSha256 == sha256) is { } found)
        {
            throw new DatasetException(
                $"The files in '{directory}' are those of {found.Title}, not of {source.Title}. Train on them with "
                + $"--dataset {found.Name}, or name the folder with the files of {source.Title} in --data-dir or LOCKSTEP_DATA_DIR.");
        }
    }

    private static ImageSet Read(string imagesPath, string labelsPath)
    {
        using FileStream images = Open(imagesPath), labels = Open(labelsPath);
        try
        {
            return IdxFile.Read(images, imagesPath, labels, labelsPath);
        }
        catch (IOException exception)
        {
            throw new DatasetException($"'{imagesPath}' or '{labelsPath}' could not be read: {exception.Message}", exception);
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return RegularFile.OpenToRead(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                $"'{path}' could not be opened: {BoundedFile.ReasonOf(path, exception)}. Check that this user may read it.", exception);
        }
    }
}
