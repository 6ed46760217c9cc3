using System.Buffers.Binary;
using Lockstep.Model.Text;

namespace Lockstep.Model.Data;

/// <summary>
/// Reads the content of one IDX file from front to back, decompressing if needed. Every failure becomes an
/// <see cref="IdxFormatException"/>.
/// </summary>
internal sealed class IdxReader : IDisposable
{
    // No image compresses more than this; higher ratios are decompression bombs. Deflate reaches 1,032.
    private const int MaxExpansion = 100;
    private const int FreeBytes = 4 << 20;
    private const int FirstBytes = 1 << 16;

    private readonly Stream _content;
    private long _offset;

    public IdxReader(Stream file, string fileName)
    {
        if (!file.CanSeek)
            throw new ArgumentException("The stream must be seekable.", nameof(file));
        FileName = fileName;
        _content = GzipContentStream.Begins(file) ? new GzipContentStream(file, MaxExpansion, FreeBytes) : file;
    }

    public string FileName { get; }

    public int ReadInt32(string what)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        ReadExactly(bytes, () => $"expected {what}");
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    /// <summary>What the file looks like, whose first bytes were read already; null for what is not known.</summary>
    /// <param name="beginning">These bytes.</param>
    public ForeignContent? Recognise(ReadOnlySpan<byte> beginning)
    {
        byte[] head = new byte[ForeignContent.HeadBytes];
        beginning.CopyTo(head);
        int length = beginning.Length + Read(head.AsSpan(beginning.Length));
        return ForeignContent.Recognise(head.AsSpan(0, length));
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

    /// <summary>Checks that nothing follows; at its end a gzip file is checked.</summary>
    /// <param name="expected">Completes "expected the end after ..."; composed only on failure.</param>
    public void ReadEnd(Func<string> expected)
    {
        long end = _offset;
        if (Read(stackalloc byte[1]) > 0)
            throw new IdxFormatException(
                FileName, end, $"expected the end of the file after {expected()}, but more follows. Fetch the file again.");
    }

    public void Dispose()
    {
        if (_content is GzipContentStream)
            _content.Dispose();
    }

    private int Read(Span<byte> destination)
    {
        try
        {
            int got = _content.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
            _offset += got;
            return got;
        }
        catch (InvalidDataException exception)
        {
            throw new IdxFormatException(FileName, _offset, $"the file {exception.Message}. {IdxFile.FetchAgain}", exception);
        }
    }
}
