using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Shared.Files;

namespace Lockstep.Data.Preparing;

/// <summary>
/// Prepared data sets, so that files which did not change are prepared once. An entry is named by the digest of the files, by that of what
/// was asked for, and by that of the prepared examples; it appears whole or not at all. What cannot be read or written is prepared again:
/// the cache never fails a run.
/// </summary>
internal sealed class PreparedCache
{
    /// <summary>Part of every name; changes whenever the same files are prepared to other examples.</summary>
    private const string Version = "lockstep prepared 1";

    // Less than this is prepared before anyone notices.
    private const long SmallestBytes = 8_000_000;

    private const string Extension = ".prepared";
    private const int ReadBytes = 1 << 20, DigestLetters = 32;

    private readonly string _folder;
    private readonly long _mostBytes;

    /// <summary>The cache of a folder.</summary>
    /// <param name="folder">The folder; made when first needed.</param>
    /// <param name="mostBytes">Size to which it is cut when an entry is added: the entries that were not used for longest go first.</param>
    public PreparedCache(string folder, long mostBytes = 10_000_000_000) => (_folder, _mostBytes) = (folder, mostBytes);

    /// <summary>SHA-256 of the names and the content of files; also of the version of the preparation.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="progress">Told how far the files are read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where the files are too small to be worth it, or cannot all be read.</returns>
    public static string? DigestOf(IReadOnlyList<string> paths, Action<string>? progress, CancellationToken cancellationToken)
    {
        try
        {
            FileInfo[] files = [.. paths.SelectMany(FilesOf)];
            long total = files.Sum(file => file.Length), done = 0;
            if (total < SmallestBytes)
                return null;
            byte[][] digests = new byte[files.Length][];
            _ = Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            {
                digests[i] = DigestOf(files[i]);
                progress?.Invoke($"looking for '{paths[0]}' in the cache: {100 * Interlocked.Add(ref done, files[i].Length) / total}%");
            });
            using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            all.AppendData(Encoding.UTF8.GetBytes(Version));
            for (int i = 0; i < files.Length; i++)
            {
                // Names say the class and the order of pictures.
                all.AppendData(Encoding.UTF8.GetBytes($"\0{Path.GetRelativePath(Path.GetFullPath(paths[0]), files[i].FullName)}\0"));
                all.AppendData(digests[i]);
            }

            return Convert.ToHexStringLower(all.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or AggregateException or DatasetException)
        {
            return null; // Whoever reads them will say why.
        }
    }

    /// <summary>An entry; null where there is none that is whole.</summary>
    /// <param name="files">Digest of the files.</param>
    /// <param name="asked">What was asked for; null where <paramref name="sha256"/> says which examples are wanted.</param>
    /// <param name="sha256">Digest of the prepared examples; null for those that were asked for.</param>
    public PreparedData? Find(string files, string? asked, string? sha256)
    {
        try
        {
            string pattern =
                $"{Short(files)}-{(asked is null ? "*" : DigestOf(asked))}-{(sha256 is null ? "*" : Short(sha256))}{Extension}";
            if (!Directory.Exists(_folder) || Directory.EnumerateFiles(_folder, pattern).FirstOrDefault() is not { } path)
                return null;
            PreparedData? found;
            using (FileStream file = RegularFile.OpenToRead(path, ReadBytes))
                found = PreparedFile.Read(file);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Adds an entry, and removes others where the cache becomes too large.</summary>
    /// <param name="files">Digest of the files.</param>
    /// <param name="asked">What was asked for.</param>
    /// <param name="data">The data set.</param>
    public void Keep(string files, string asked, PreparedData data)
    {
        try
        {
            _ = Directory.CreateDirectory(_folder);
            string name = $"{Short(files)}-{DigestOf(asked)}-{Short(data.Spec.Sha256)}{Extension}";
            Disk.OfThisMachine.WriteWhole(Path.Combine(_folder, name), file => PreparedFile.Write(file, data), overwrite: true);
            long total = 0;
            foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*" + Extension).OrderByDescending(
                file => file.LastWriteTimeUtc))
            {
                total += file.Length;
                if (total > _mostBytes)
                    file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is prepared again next time.
        }
    }

    // Most folders of pictures have many small files: one read each.
    private static byte[] DigestOf(FileInfo info)
    {
        // Pipes, too, have no length.
        if (info.Length == 0)
            return [];
        using FileStream file = RegularFile.OpenToRead(info.FullName, bufferBytes: 0);
        if (file.Length > ReadBytes)
            return SHA256.HashData(new BufferedStream(file, ReadBytes));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            return SHA256.HashData(buffer.AsSpan(0, RandomAccess.Read(file.SafeFileHandle, buffer, 0)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string DigestOf(string text) => Short(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));

    private static string Short(string digest) => digest[..DigestLetters];

    private static IEnumerable<FileInfo> FilesOf(string path) => Directory.Exists(path)
        ? FolderFiles.FilesBelow(path).Order(StringComparer.Ordinal).Select(file => new FileInfo(Path.Combine(path, file)))
        : [new FileInfo(path)];
}
