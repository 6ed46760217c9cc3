using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lockstep.Model.Data;

/// <summary>
/// Reads the content of one IDX file from front to back, decompressing if needed. Every failure becomes an
/// <see cref="IdxFormatException"/>.
/// </summary>
internal sealed class IdxReader : IDisposable
{
    private const int GzipTrailerBytes = 8;

    // No image compresses more than this; higher ratios are decompression bombs. Deflate reaches 1,032.
    private const int MaxExpansion = 100;
    private const int FreeBytes = 4 << 20;
    private const int FirstBytes = 1 << 16;

    private readonly Stream _file;
    private readonly Stream _content;
    private readonly Crc32? _crc;
    private readonly long _start;
    private long _offset;

    public IdxReader(Stream file, string fileName)
    {
        if (!file.CanSeek)
            throw new ArgumentException("The stream must be seekable.", nameof(file));
        (_file, FileName) = (file, fileName);
        _start = file.Position;
        bool gzip = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = _start;
        _content = gzip ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
        _crc = gzip ? new Crc32() : null;
    }

    public string FileName { get; }

    public int ReadInt32(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        ReadExactly(bytes, () => $"expected {what}");
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    /// <param name="destination">Filled completely.</param>
    /// <param name="expected">Completes "the file ends here, but ..."; composed only on failure.</param>
    public void ReadExactly(Span<byte> destination, Func<string> expected)
    {
        int got = Read(destination);
        if (got < destination.Length)
            throw new IdxFormatException(FileName, _offset, $"the file ends here, but {expected()}. It is cut short; fetch it again.");
    }

    /// <summary>Reads bytes into an array that grows with what is there, so a header that lies about the count costs no memory.</summary>
    /// <param name="count">Number of bytes.</param>
    /// <param name="expected">As for <see cref="ReadExactly"/>.</param>
    public byte[] ReadGrowing(int count, Func<string> expected)
    {
        byte[] bytes = new byte[Math.Min(count, FirstBytes)];
        for (int length = 0; ;)
        {
            ReadExactly(bytes.AsSpan(length), expected);
            length = bytes.Length;
            if (length == count)
                return bytes;
            byte[] longer = GC.AllocateUninitializedArray<byte>((int)Math.Min(count, 2L * length));
            bytes.CopyTo(longer, 0);
            bytes = longer;
        }
    }

    /// <summary>Checks that nothing follows, and the checksum of a gzip file.</summary>
    /// <param name="expected">Completes "expected the end after ..."; composed only on failure.</param>
    public void ReadEnd(Func<string> expected)
    {
        long end = _offset;
        if (Read(stackalloc byte[1]) > 0)
            throw new IdxFormatException(
                FileName, end, $"expected the end of the file after {expected()}, but more follows. Fetch the file again.");
        if (_crc is not null)
            CheckGzipTrailer(_crc);
    }

    public void Dispose()
    {
        if (_content != _file)
            _content.Dispose();
    }

    private int Read(Span<byte> destination)
    {
        try
        {
            int got = _content.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
            _crc?.Append(destination[..got]);
            _offset += got;
            if (_crc is not null && _offset > FreeBytes + MaxExpansion * (_file.Position - _start))
                throw new IdxFormatException(
                    FileName, _offset,
                    $"the gzip compression gives more than {MaxExpansion} bytes for each of its own, as no data set does. "
                        + "Fetch the file again.");
            return got;
        }
        catch (InvalidDataException exception)
        {
            throw new IdxFormatException(
                FileName, _offset, "the gzip compression is damaged from here on. Fetch the file again.", exception);
        }
    }

    /// <remarks>
    /// <see cref="GZipStream"/> accepts a truncated file as complete, does not check it then, and ignores trailing bytes. The last eight
    /// bytes (RFC 1952: CRC-32 and length of the content) reveal all of that, unless the file has several members.
    /// </remarks>
    private void CheckGzipTrailer(Crc32 crc)
    {
        Span<byte> trailer = stackalloc byte[GzipTrailerBytes];
        _file.Seek(-GzipTrailerBytes, SeekOrigin.End);
        _file.ReadExactly(trailer);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer), length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        bool isWhole = checksum == crc.GetCurrentHashAsUInt32() && length == (uint)_offset;
        if (!isWhole)
        {
            _file.Position = _start;
            isWhole = GzipMembers.AreWhole(_file, _offset);
        }

        if (!isWhole)
        {
            throw new IdxFormatException(FileName, _offset,
                "the gzip file does not end with the checksum and length of its content: it is cut short, damaged or followed by other "
                    + "bytes. Fetch it again.");
        }
    }
}
