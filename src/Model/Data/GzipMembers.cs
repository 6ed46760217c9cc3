using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lockstep.Model.Data;

/// <summary>
/// Checks a gzip file of several members (RFC 1952, 2.2), each with the checksum and length of its own content; zeros may follow the last,
/// as tapes have them. <see cref="GZipStream"/> reads such files, but does not check them.
/// </summary>
internal static class GzipMembers
{
    private const int HeaderBytes = 9, TrailerBytes = 8;
    private const byte First = 0x1f, Second = 0x8b, Deflate = 8;
    private const int HasHeaderChecksum = 2, HasExtraField = 4, HasName = 8, HasComment = 16;

    /// <summary>Whether the file consists of whole members with that much content in all. Reads it once more, byte by byte.</summary>
    /// <param name="file">The file, at its first member.</param>
    /// <param name="length">Bytes of content.</param>
    public static bool AreWhole(Stream file, long length)
    {
        try
        {
            int next;
            while ((next = file.ReadByte()) == First)
                length -= ReadMember(file, length);
            while (next == 0)
                next = file.ReadByte();
            return length == 0 && next < 0;
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Reads a member after its first byte.</summary>
    /// <returns>Bytes of its content.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or has more content than there is.</exception>
    private static long ReadMember(Stream file, long most)
    {
        SkipHeader(file);
        var crc = new Crc32();
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        using (var content = new DeflateStream(new ByteByByte(file), CompressionMode.Decompress))
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
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        return checksum == crc.GetCurrentHashAsUInt32() && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == (uint)length
            ? length
            : throw new InvalidDataException();
    }

    private static void SkipHeader(Stream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        file.ReadExactly(header);
        int flags = header[2];
        if (header[0] != Second || header[1] != Deflate)
            throw new InvalidDataException();
        if ((flags & HasExtraField) != 0)
        {
            file.ReadExactly(header[..2]);
            file.Position += BinaryPrimitives.ReadUInt16LittleEndian(header);
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

    /// <summary>Gives one byte at a time, so that decompression takes none behind the end of its member.</summary>
    private sealed class ByteByByte(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => buffer.Length == 0 ? 0 : inner.Read(buffer[..1]);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
