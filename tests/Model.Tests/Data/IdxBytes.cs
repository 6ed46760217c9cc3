using System.Buffers.Binary;
using System.IO.Compression;

namespace Lockstep.Model.Tests.Data;

/// <summary>Makes IDX files in memory.</summary>
internal static class IdxBytes
{
    public static byte[] Images(int count, int height, int width, ReadOnlySpan<byte> pixels) =>
        [.. BigEndian(0x803, count, height, width), .. pixels];

    public static byte[] Labels(params ReadOnlySpan<byte> labels) => [.. BigEndian(0x801, labels.Length), .. labels];

    public static byte[] BigEndian(params ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[values.Length * sizeof(int)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        return bytes;
    }

    public static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(content);
        return compressed.ToArray();
    }
}
