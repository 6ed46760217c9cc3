using System.Buffers.Binary;
using System.Numerics;

namespace Lockstep.TensorBoard;

/// <summary>
/// A file of records, each with its length and with checksums of both: length (8 bytes, little-endian), masked CRC-32C of these bytes
/// (4 bytes, little-endian), content, masked CRC-32C of the content. A reader can follow it while it grows.
/// </summary>
internal sealed class RecordFile : IDisposable
{
    private const uint MaskDelta = 0xa282ead8;
    private readonly FileStream _file;

    /// <summary>Creates the file.</summary>
    /// <exception cref="IOException">It cannot be created; one that exists is not replaced.</exception>
    public RecordFile(string path) => _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete);

    /// <summary>Appends a record and hands it to the system.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Append(ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[sizeof(ulong) + sizeof(uint)], tail = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[sizeof(ulong)..], MaskedCrc32C(head[..sizeof(ulong)]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc32C(content));
        _file.Write(head);
        _file.Write(content);
        _file.Write(tail);
        _file.Flush();
    }

    /// <summary>
    /// The CRC-32C of bytes, rotated right by 15 bits, plus a constant: the CRC of data that hold CRCs themselves would be weak.
    /// </summary>
    internal static uint MaskedCrc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }

    public void Dispose() => _file.Dispose();
}
