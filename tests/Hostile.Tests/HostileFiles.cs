using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Shared.Interchange;

namespace Lockstep.Hostile.Tests;

/// <summary>Files that are small, or take no room on the disk, and were made to fill the memory of whoever reads them.</summary>
/// <param name="checkpoint">A good checkpoint, where one is needed beside them.</param>
internal sealed class HostileFiles(string checkpoint) : IDisposable
{
    private const long Gibibyte = 1L << 30;

    // Content of a bomb, more than the command's memory.
    private const int BombBytes = 256 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-hostile-files-");

    public string Checkpoint => checkpoint;

    public void Dispose() => _folder.Delete(recursive: true);

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string Text(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    public string Bytes(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    /// <summary>Bytes, and zeros behind them that the disk does not hold.</summary>
    public string Sparse(string name, byte[] beginning, long length)
    {
        using FileStream file = File.Create(Path(name));
        file.Write(beginning);
        file.SetLength(length);
        return file.Name;
    }

    /// <summary>A checkpoint that says it has 8 GiB, and has: nearly all of it a hole.</summary>
    public string SparseCheckpoint()
    {
        byte[] bytes = Corpus.Read("checkpoint", "small.ckpt");
        int length = bytes.AsSpan().IndexOf("length"u8) + "length".Length + 1;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(length), 8 * (ulong)Gibibyte);
        return Sparse("sparse.ckpt", bytes, 8 * Gibibyte);
    }

    /// <summary>A checkpoint, rightly signed, of a model with a thousand times its bytes.</summary>
    public string OverstatedCheckpoint()
    {
        byte[] bytes = Corpus.Read("checkpoint", "small.ckpt");
        for (int at; (at = bytes.AsSpan().IndexOf("units\x02"u8)) >= 0;)
            bytes[at + 5] = 0x7f;
        return Bytes("overstated.ckpt", Seals.Checkpoint(bytes));
    }

    /// <summary>A folder with MNIST's files; of each part, the bytes that are given, else a good small one.</summary>
    public string Mnist(byte[]? trainImages = null, byte[]? trainLabels = null)
    {
        string folder = Directory.CreateDirectory(Path("mnist")).FullName;
        foreach (string part in new[] { "train", "t10k" })
        {
            File.WriteAllBytes(
                System.IO.Path.Combine(folder, $"{part}-images-idx3-ubyte"),
                part == "train" && trainImages is not null ? trainImages : Corpus.Read("idx-images", "images.idx"));
            File.WriteAllBytes(
                System.IO.Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                part == "train" && trainLabels is not null ? trainLabels : Corpus.Read("idx-labels", "labels.idx"));
        }

        return folder;
    }

    /// <summary>White images, in a thousandth of their size.</summary>
    public static byte[] ImagesBomb()
    {
        const int side = 256, count = BombBytes / (side * side);
        return Gzip([.. Idx(IdxFile.ImagesMagic, count, side, side)], 255, count * (long)side * side);
    }

    /// <summary>The labels that belong to <see cref="ImagesBomb"/>.</summary>
    public static byte[] LabelsOfBomb()
    {
        const int count = BombBytes / (256 * 256);
        return [.. Idx(IdxFile.LabelsMagic, count), .. new byte[count]];
    }

    public static byte[] LabelsBomb() => Gzip([.. Idx(IdxFile.LabelsMagic, BombBytes)], 7, BombBytes);

    public static IEnumerable<byte> Idx(params int[] header) => header.SelectMany(number =>
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    });

    /// <summary>An archive of a matrix of zeros, a thousandth of their size.</summary>
    public string NpzBomb()
    {
        const int rows = 1 << 13, columns = 1 << 13;
        using FileStream file = File.Create(Path("bomb.npz"));
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        using Stream entry = zip.CreateEntry("layer0/weights.npy", CompressionLevel.Optimal).Open();
        entry.Write(NpyHeader.Encode([rows, columns]));
        Fill(entry, 0, sizeof(float) * (long)rows * columns);
        return file.Name;
    }

    /// <summary>A picture of one colour.</summary>
    public string PngBomb(string name, int width, int height, bool interlaced)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (16, 6, interlaced ? (byte)1 : (byte)0);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            Fill(zlib, 0, Math.Min(height * (8L * width + 1) + 16L * (width + height), PictureFile.MaxPixels * 9L));
        using FileStream file = File.Create(Path(name));
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach ((string type, byte[] data) in new[] { ("IHDR", header), ("IDAT", packed.ToArray()), ("IEND", []) })
        {
            byte[] chunk = new byte[12 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            _ = Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
            data.CopyTo(chunk.AsSpan(8));
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
            file.Write(chunk);
        }

        return file.Name;
    }

    private static byte[] Gzip(byte[] beginning, byte filling, long count)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(beginning);
            Fill(gzip, filling, count);
        }

        return packed.ToArray();
    }

    private static void Fill(Stream stream, byte filling, long count)
    {
        byte[] block = new byte[1 << 16];
        block.AsSpan().Fill(filling);
        for (; count > 0; count -= block.Length)
            stream.Write(block, 0, (int)Math.Min(count, block.Length));
    }
}
