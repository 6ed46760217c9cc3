using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>
/// Data sets: those that Lockstep knows, by name, and files of your own. Arrays of your own need no loader: <c>new Dataset("mine",
/// ImageSet.FromDense(pixels, labels, height, width), testImages)</c> is one.
/// </summary>
public static class Datasets
{
    /// <summary>What <see cref="LoadAsync"/> takes: <c>mnist</c>, <c>fashion-mnist</c>, <c>kmnist</c> and <c>synthetic</c>.</summary>
    public static IReadOnlyList<string> Names => DatasetCatalog.Names;

    /// <summary>
    /// Digits drawn from strokes, in the form of MNIST: 60,000 training and 10,000 test images of 28 x 28 pixels, 10 classes. They need
    /// neither file nor network and are the same on every machine; drawing them takes about a second of one core.
    /// </summary>
    public static Dataset Synthetic() => SyntheticDigits.Create();

    /// <summary>Finds a data set in a folder, in the user's cache, or downloads it into that cache.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="directory">
    /// Folder with the four IDX files of the data set, packed (.gz) or not; all of them must exist. Null takes the folder that the
    /// environment variable <c>LOCKSTEP_DATA_DIR</c> names, if it does.
    /// </param>
    /// <param name="offline">Never touch the network. The environment variable <c>LOCKSTEP_OFFLINE=1</c> does the same.</param>
    /// <param name="progress">Told of a download a few times a second, on any thread.</param>
    /// <param name="cancellationToken">Stops a download and cleans up behind it.</param>
    /// <exception cref="DatasetException">
    /// There is no such data set, it is not available, or a file is damaged; the message says what to do.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<Dataset> LoadAsync(
        string name, string? directory = null, bool offline = false, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string cache = DatasetLoaderOptions.UserCache(Environment.GetEnvironmentVariable);
        var loader = new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = cache });
        var request = new DatasetRequest
        {
            Name = name,
            DataDirectory = directory ?? Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR"),
            Offline = offline || Environment.GetEnvironmentVariable("LOCKSTEP_OFFLINE") is "1" or "true",
        };
        return (await loader.LoadAsync(request, progress, cancellationToken).ConfigureAwait(false)).Data;
    }

    /// <summary>
    /// Reads files of your own: a table (CSV, Parquet), arrays (npz, IDX), or folders of pictures by class. The result says how they were
    /// prepared (<see cref="Dataset.Preparation"/>), and a model that is trained on it keeps that:
    /// <see cref="Networks.TrainedModel.ReadExamples(string)"/> prepares new files in the same way.
    /// </summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="options">Label column, columns to leave out, size of pictures, held-out examples; null takes the defaults.</param>
    /// <param name="notice">Told what you should know, a sentence each: such as a class without a test example.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">The files cannot be used; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<Dataset> ReadAsync(
        string path, PreparationOptions? options = null, Action<string>? notice = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string cache = DatasetLoaderOptions.UserCache(Environment.GetEnvironmentVariable);
        var request = new DatasetRequest { Path = path, Preparing = options ?? new PreparationOptions() };
        LoadedDataset loaded = await new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = cache })
            .LoadAsync(request, progress: null, cancellationToken).ConfigureAwait(false);
        foreach (string sentence in loaded.Notices)
            notice?.Invoke(sentence);
        return loaded.Data;
    }
}
