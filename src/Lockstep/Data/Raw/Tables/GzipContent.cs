using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Lockstep.Data.Raw.Tables;

/// <summary>The content of a gzip file of one part, its checksum verified at the end; refuses decompression bombs.</summary>
/// <param name="file">The file, at its beginning.</param>
internal sealed class GzipContent(FileStream file) : Stream
{
    private const int TrailerBytes = 8;
    private const long FreeBytes = 1 << 26;
    private const int MaxExpansion = 400;

    private readonly GZipStream _content = new(file, CompressionMode.Decompress, leaveOpen: true);
    private readonly Crc32 _crc = new();
    private long _length;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="InvalidDataException">It is damaged, cut short, or a bomb.</exception>
    public override int Read(Span<byte> buffer)
    {
        int got = _content.Read(buffer);
        _crc.Append(buffer[..got]);
        _length += got;
        if (_length > FreeBytes && _length / MaxExpansion > file.Length)
            throw new InvalidDataException(
                $"Its content is more than {MaxExpansion} times as large as the file, as in a decompression bomb; unpack it yourself.");
        if (got == 0 && !buffer.IsEmpty && !_ended)
            VerifyEnd();
        return got;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The library reads a file that is cut short without complaint.</summary>
    private void VerifyEnd()
    {
        _ended = true;
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        file.Position = Math.Max(0, file.Length - TrailerBytes);
        if (file.ReadAtLeast(trailer, TrailerBytes, throwOnEndOfStream: false) < TrailerBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc.GetCurrentHashAsUInt32()
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != (uint)_length)
        {
            throw new InvalidDataException("Its gzip checksum does not fit the content: it is cut short, or consists of several parts.");
        }
    }
}
