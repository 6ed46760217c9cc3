using Lockstep.Model.Data;

namespace Lockstep.Coordinator.Data;

/// <summary>
/// Brings a data set into memory: from the folder that the user points to, else from the cache of earlier downloads.
/// </summary>
public sealed class DatasetLoader
{
    private readonly DatasetLoaderOptions _options;

    /// <summary>A loader with its surroundings.</summary>
    public DatasetLoader(DatasetLoaderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Finds and reads what was asked for.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="progress">Told about downloads, a few times a second; on any thread.</param>
    /// <param name="cancellationToken">Stops a download and cleans up behind it.</param>
    /// <exception cref="DatasetException">It cannot be had, or a file is damaged; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<LoadedDataset> LoadAsync(
        DatasetRequest request, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        DatasetSource source = request.Name is null ? _options.Sources[0] : FindSource(request.Name);
        if (request.DataDirectory is { } directory)
        {
            if (DatasetLocator.Find(source, directory) is { } location)
                return await ReadAsync(source, location, cancellationToken).ConfigureAwait(false);
            throw new DatasetException(
                $"{source.Title} is not in {DatasetLocator.Describe(source, directory)}. Put its four files there, or leave out --data-dir and LOCKSTEP_DATA_DIR to download them.");
        }

        throw new DatasetException($"{source.Title} needs --data-dir or LOCKSTEP_DATA_DIR.");
    }

    private DatasetSource FindSource(string name) => _options.Sources.FirstOrDefault(source => source.Name == name)
        ?? throw new DatasetException(
            $"There is no data set '{name}'; expected one of {string.Join(", ", _options.Sources.Select(source => source.Name))}, {DatasetCatalog.Synthetic}.");

    private static async Task<LoadedDataset> ReadAsync(DatasetSource source, DatasetLocation location, CancellationToken cancellationToken)
    {
        Task<ImageSet> test = Task.Run(() => Read(location.TestImages, location.TestLabels), cancellationToken);
        Task<ImageSet> training = Task.Run(() => Read(location.TrainingImages, location.TrainingLabels), cancellationToken);
        try
        {
            ImageSet[] sets = await Task.WhenAll(training, test).ConfigureAwait(false);
            return new LoadedDataset(new Dataset(source.Name, sets[0], sets[1]), location.Directory, Notice: null);
        }
        catch (ArgumentException exception)
        {
            throw new DatasetException($"The files of {source.Title} in '{location.Directory}' do not fit together: {exception.Message}", exception);
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
            return File.OpenRead(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"'{path}' could not be opened: {exception.Message} Check that this user may read it.", exception);
        }
    }
}
