using Lockstep.Shared.Files;

namespace Lockstep.Data;

/// <summary>
/// The folder of one downloaded data set. A file appears in it whole and with the right checksum, or not at all: until then each download
/// has a name of its own, so several processes can fill the same folder at once.
/// </summary>
internal sealed class DatasetCache
{
    private const string PartialSuffix = ".part";
    private const int AttemptsPerMirror = 4;

    private readonly DatasetSource _source;
    private readonly DatasetLoaderOptions _options;

    public DatasetCache(DatasetSource source, DatasetLoaderOptions options)
    {
        (_source, _options) = (source, options);
        Folder = Path.Combine(Path.GetFullPath(options.CacheDirectory), source.Name);
    }

    public string Folder { get; }

    public DatasetLocation Location =>
        new(Folder, PathOf(_source.TrainingImages), PathOf(_source.TrainingLabels), PathOf(_source.TestImages), PathOf(_source.TestLabels));

    /// <summary>Whether there is a file of that name, intact or not.</summary>
    public bool Contains(DatasetFile file) => File.Exists(PathOf(file));

    /// <summary>Files that are not there with their published checksum.</summary>
    public async Task<IReadOnlyList<DatasetFile>> FindMissingAsync(CancellationToken cancellationToken)
    {
        bool[] intact = await Task.WhenAll(_source.Files.Select(
            file => Checksum.HoldsAsync(PathOf(file), file.Checksum, cancellationToken))).ConfigureAwait(false);
        return [.. _source.Files.Where((_, i) => !intact[i])];
    }

    /// <summary>Downloads files and keeps them.</summary>
    /// <exception cref="DownloadException">No mirror gave one of them, or it could not be written.</exception>
    public async Task DownloadAsync(
        IReadOnlyList<DatasetFile> files, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Folder);
            DeleteLeftovers();
            foreach (DatasetFile file in files)
                await DownloadAsync(file, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DownloadException($"the cache folder '{Folder}' cannot be written: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    private async Task DownloadAsync(DatasetFile file, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        string partial = $"{PathOf(file)}.{Guid.NewGuid():n}{PartialSuffix}";
        try
        {
            await using (var content = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                await ReceiveAsync(file, content, progress, cancellationToken).ConfigureAwait(false);
                content.Flush(flushToDisk: true);
            }

            Disk.OfThisMachine.PutInPlace(partial, PathOf(file));
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Asks one mirror after the other until the checksum is right. A mirror continues where the one before it failed.</summary>
    private async Task ReceiveAsync(
        DatasetFile file, FileStream content, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (Uri mirror in _source.Mirrors)
        {
            using var client = new MirrorClient(mirror, _options.ConnectTimeout, _options.StallTimeout);
            string? problem = null;
            for (int attempt = 0; attempt < AttemptsPerMirror; attempt++)
            {
                long before = content.Length;
                try
                {
                    await client.ReceiveAsync(file.Name, content, progress, cancellationToken).ConfigureAwait(false);
                    content.Position = 0;
                    string checksum = await Checksum.OfAsync(content, file.Checksum, cancellationToken).ConfigureAwait(false);
                    if (checksum == file.Checksum)
                        return;
                    problem = $"wrong content, checksum {checksum} instead of {file.Checksum}";
                    content.SetLength(0);
                    if (before == 0)
                        break; // All bytes came from this mirror; another try would give the same.
                }
                catch (MirrorException exception)
                {
                    problem = exception.Message;
                    if (content.Length == before)
                        break; // No progress: the next mirror.
                }
            }

            problems.Add($"{mirror.Authority}: {problem}");
        }

        throw new DownloadException($"{file.Name} could not be downloaded ({string.Join("; ", problems)})");
    }

    /// <summary>Removes partial files of processes that were killed during a download.</summary>
    private void DeleteLeftovers()
    {
        foreach (string partial in Directory.EnumerateFiles(Folder, "*" + PartialSuffix))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(partial) > TimeSpan.FromDays(1))
                File.Delete(partial);
        }
    }

    private string PathOf(DatasetFile file) => Path.Combine(Folder, file.Name);
}
