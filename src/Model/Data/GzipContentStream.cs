using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lockstep.Model.Data;

/// <summary>
/// The content of a gzip file (RFC 1952): of all its members, checked at the end. Zeros may follow the last member, as on tapes. Refuses
/// decompression bombs.
/// </summary>
/// <remarks>
/// <see cref="GZipStream"/> takes a truncated file for complete, does not check it then, and ignores bytes that follow. The last eight
/// bytes (CRC-32 and length of the content) reveal all of that, unless the file has several members, which are then read once more.
/// </remarks>
/// <param name="file">The file, at its first member; seekable.</param>
/// <param name="maxExpansion">Most bytes of content for each of the file.</param>
/// <param name="freeBytes">Bytes of content that are not counted.</param>
public sealed class GzipContentStream(Stream file, int maxExpansion, long freeBytes) : ForwardStream
{
    private const int HeaderBytes = 10, TrailerBytes = 8;
    private const byte First = 0x1f, Second = 0x8b, Deflate = 8;
    private const int HasHeaderChecksum = 2, HasExtraField = 4, HasName = 8, HasComment = 16;

    private readonly long _start = file.Position;
    private readonly GZipStream _content = new(file, CompressionMode.Decompress, leaveOpen: true);
    private readonly Crc32 _crc = new();
    private long _length;
    private bool _isChecked;

    /// <summary>Whether a file begins as gzip files do. Leaves the file where it is.</summary>
    /// <param name="file">The file; seekable.</param>
    public static bool Begins(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        long start = file.Position;
        bool begins = file.ReadByte() == First && file.ReadByte() == Second;
        file.Position = start;
        return begins;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">
    /// It is damaged, cut short, or a bomb; the message completes "the file ...".
    /// </exception>
    public override int Read(Span<byte> buffer)
    {
        int got;
        try
        {
            got = _content.Read(buffer);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("has damaged gzip compression from here on", e);
        }

        _crc.Append(buffer[..got]);
        _length += got;
        if (_length > Math.Max(freeBytes, maxExpansion * (file.Position - _start)))
            throw new InvalidDataException($"gives more than {maxExpansion} bytes for each of its own, as a decompression bomb does");
        if (got == 0 && !buffer.IsEmpty && !_isChecked)
            Check();
        return got;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
        base.Dispose(disposing);
    }

    private void Check()
    {
        _isChecked = true;
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        file.Position = Math.Max(_start, file.Length - TrailerBytes);
        bool isWhole = file.ReadAtLeast(trailer, TrailerBytes, throwOnEndOfStream: false) == TrailerBytes
            && IsTrailer(trailer, _crc, _length);
        if (!isWhole && !AreMembersWhole())
            throw new InvalidDataException(
                "does not end with the gzip checksum and length of its content: it is cut short, damaged or followed by other bytes");
    }

    private static bool IsTrailer(ReadOnlySpan<byte> bytes, Crc32 crc, long length) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) == crc.GetCurrentHashAsUInt32()
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == (uint)length;

    /// <summary>Reads the file once more, member by member: 2.2 of RFC 1952.</summary>
    private bool AreMembersWhole()
    {
        // Decompression takes a byte at a time, so that it takes none behind the end of its member; the file need not.
        file.Position = _start;
        using var buffered = new BufferedStream(new Unowned(file), 1 << 16);
        try
        {
            long left = _length;
            int next;
            while ((next = buffered.ReadByte()) == First)
                left -= ReadMember(buffered, left);
            while (next == 0)
                next = buffered.ReadByte();
            return left == 0 && next < 0;
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Reads a member after its first byte.</summary>
    /// <returns>Bytes of its content.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or has more content than there is.</exception>
    private static long ReadMember(BufferedStream file, long most)
    {
        SkipHeader(file);
        var crc = new Crc32();
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        using (var content = new DeflateStream(new Unowned(file, mostAtOnce: 1), CompressionMode.Decompress))
        {
            for (int got; (got = content.Read(buffer)) > 0;)
            {
                crc.Append(buffer.AsSpan(0, got));
                length += got;
                if (length > most)
                    throw new InvalidDataException();
            }
        }

        Span<byte> trailer = stackalloc byte[TrailerBytes];
        file.ReadExactly(trailer);
        return IsTrailer(trailer, crc, length) ? length : throw new InvalidDataException();
    }

    private static void SkipHeader(BufferedStream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes - 1];
        file.ReadExactly(header);
        int flags = header[2];
        if (header[0] != Second || header[1] != Deflate)
            throw new InvalidDataException();
        if ((flags & HasExtraField) != 0)
        {
            file.ReadExactly(header[..2]);
            for (int extra = BinaryPrimitives.ReadUInt16LittleEndian(header); extra > 0; extra--)
                file.ReadExactly(header[..1]);
        }

        for (int texts = ((flags & HasName) != 0 ? 1 : 0) + ((flags & HasComment) != 0 ? 1 : 0); texts > 0;)
        {
            int letter = file.ReadByte();
            if (letter < 0)
                throw new EndOfStreamException();
            texts -= letter == 0 ? 1 : 0;
        }

        if ((flags & HasHeaderChecksum) != 0)
            file.ReadExactly(header[..2]);
    }

    /// <summary>Reads from a stream of another owner, which stays open.</summary>
    private sealed class Unowned(Stream inner, int mostAtOnce = int.MaxValue) : ForwardStream
    {
        public override int Read(Span<byte> buffer) => inner.Read(buffer[..Math.Min(buffer.Length, mostAtOnce)]);
    }
}
