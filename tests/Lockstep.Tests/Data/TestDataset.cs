using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Lockstep.Data;

namespace Lockstep.Lockstep.Tests.Data;

/// <summary>A small data set in the form of MNIST, its four published files, and a folder for the test.</summary>
internal sealed class TestDataset : IDisposable
{
    public const string TrainingImages = "train-images-idx3-ubyte.gz";
    public const string TrainingLabels = "train-labels-idx1-ubyte.gz";
    public const string TestImages = "t10k-images-idx3-ubyte.gz";
    public const string TestLabels = "t10k-labels-idx1-ubyte.gz";

    public TestDataset()
    {
        var random = new Random(7);
        byte[] pixels = new byte[240 * 784];
        random.NextBytes(pixels);
        byte[] labels = [.. Enumerable.Range(0, 240).Select(i => (byte)(i % 10))];
        Raw = new Dictionary<string, byte[]>
        {
            [TrainingImages] = [.. Header(0x803, 200, 28, 28), .. pixels[..(200 * 784)]],
            [TrainingLabels] = [.. Header(0x801, 200), .. labels[..200]],
            [TestImages] = [.. Header(0x803, 40, 28, 28), .. pixels[(200 * 784)..]],
            [TestLabels] = [.. Header(0x801, 40), .. labels[200..]],
        };
        Files = Raw.ToDictionary(file => file.Key, file => Gzip(file.Value));
        Folder = Directory.CreateTempSubdirectory("lockstep-data-").FullName;
    }

    /// <summary>Decompressed content by published name.</summary>
    public IReadOnlyDictionary<string, byte[]> Raw { get; }

    /// <summary>Published content by published name.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>An empty folder; gone after the test.</summary>
    public string Folder { get; }

    public string CacheDirectory => Path.Combine(Folder, "cache");

    /// <summary>Where the files of "mnist" appear in the cache.</summary>
    public string CacheFolder => Path.Combine(CacheDirectory, "mnist");

    /// <summary>A loader whose "mnist" (by SHA-256) and "fashion-mnist" (by MD5) are this data set, at the given mirrors.</summary>
    public DatasetLoader Loader(params Uri[] mirrors) => Loader(TimeSpan.FromSeconds(20), mirrors);

    /// <summary>The same without mirrors, where "mnist" is recognised by a digest of its test part.</summary>
    public DatasetLoader Loader(string? mnist)
    {
        DatasetSource[] sources =
        [
            Source("mnist", "MNIST", [], _ => "") with { TestSha256 = mnist },
            Source("fashion-mnist", "Fashion-MNIST", [], _ => ""),
        ];
        return new DatasetLoader(new DatasetLoaderOptions { CacheDirectory = CacheDirectory, Sources = sources });
    }

    /// <summary>The same, with another time that mirrors may be silent.</summary>
    public DatasetLoader Loader(TimeSpan stallTimeout, params Uri[] mirrors) => new(new DatasetLoaderOptions
    {
        CacheDirectory = CacheDirectory,
        Sources =
        [
            Source("mnist", "MNIST", mirrors, content => Convert.ToHexStringLower(SHA256.HashData(content))),
            Source("fashion-mnist", "Fashion-MNIST", mirrors, content => Convert.ToHexStringLower(
                CryptographicOperations.HashData(HashAlgorithmName.MD5, content))),
        ],
        ConnectTimeout = TimeSpan.FromSeconds(10),
        StallTimeout = stallTimeout,
    });

    /// <summary>Writes the four files into a folder, under names made from the published ones.</summary>
    public string WriteTo(string folder, bool raw = false, Func<string, string>? rename = null)
    {
        string path = Directory.CreateDirectory(Path.Combine(Folder, folder)).FullName;
        foreach ((string name, byte[] content) in raw ? Raw : Files)
            File.WriteAllBytes(Path.Combine(path, rename is null ? name : rename(name)), content);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private DatasetSource Source(string name, string title, Uri[] mirrors, Func<byte[], string> checksum)
    {
        DatasetFile File(string file) => new(file, checksum(Files[file]));
        return new DatasetSource(name, title, mirrors, File(TrainingImages), File(TrainingLabels), File(TestImages), File(TestLabels));
    }

    private static byte[] Header(params ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(int)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        return bytes;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(content);
        return compressed.ToArray();
    }
}
