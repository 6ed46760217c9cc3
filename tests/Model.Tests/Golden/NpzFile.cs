using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Lockstep.Model.Tests.Golden;

/// <summary>
/// The arrays of a NumPy <c>.npz</c> file, as far as the golden cases use the format: version 1, little-endian, row-major.
/// </summary>
internal sealed partial class NpzFile : IDisposable
{
    private readonly ZipArchive _zip;

    public NpzFile(string path) => _zip = ZipFile.OpenRead(path);

    public byte[] Bytes(string name) => Read(name, "|u1").Data;

    public float[] Singles(string name) => MemoryMarshal.Cast<byte, float>(Read(name, "<f4").Data).ToArray();

    /// <summary>Single- or double-precision values.</summary>
    public double[] Doubles(string name)
    {
        (byte[] data, int[] shape) = Read(name, null);
        return data.Length == sizeof(double) * shape.Aggregate(1, (product, dimension) => product * dimension)
            ? MemoryMarshal.Cast<byte, double>(data).ToArray()
            : [.. Singles(name).Select(value => (double)value)];
    }

    public int[] Shape(string name) => Read(name, null).Shape;

    public void Dispose() => _zip.Dispose();

    [GeneratedRegex(@"'descr': '(?<type>[^']+)', 'fortran_order': False, 'shape': \((?<shape>[^)]*)\)")]
    private static partial Regex Header();

    private (byte[] Data, int[] Shape) Read(string name, string? type)
    {
        ZipArchiveEntry entry = _zip.GetEntry(name + ".npy") ?? throw new InvalidDataException($"No array '{name}'.");
        using Stream stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        ReadOnlySpan<byte> bytes = memory.ToArray();
        int headerLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        Match header = Header().Match(Encoding.Latin1.GetString(bytes.Slice(10, headerLength)));
        if (!header.Success || (type is not null && header.Groups["type"].Value != type))
            throw new InvalidDataException($"Array '{name}': {Encoding.Latin1.GetString(bytes.Slice(10, headerLength))}; expected {type}.");
        int[] shape = [.. header.Groups["shape"].Value.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        return (bytes[(10 + headerLength)..].ToArray(), shape);
    }
}
