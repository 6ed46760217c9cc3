using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Text;

namespace Lockstep.Data.Raw.Tables;

/// <summary>
/// A text file as UTF-8 without byte order mark; gzip and UTF-16 with a mark are converted. Every failure becomes a
/// <see cref="DatasetException"/>.
/// </summary>
internal sealed class TableFile : IDisposable
{
    /// <summary>What a table should be, for messages.</summary>
    public const string Expected = "a file or folder with examples";

    /// <summary>Bytes that are read of a table at once.</summary>
    public const int BufferBytes = 1 << 16;

    private const int MaxExpansion = 400;
    private const long FreeBytes = 1 << 26;

    private readonly string _path;
    private readonly FileStream _file;
    private Stream _content;

    private TableFile(string path, FileStream file)
    {
        _path = path;
        _file = file;
        _content = file;
    }

    /// <summary>Bytes of the file.</summary>
    public long Length => _file.Length;

    /// <summary>Bytes of the file that were read.</summary>
    public long Position => _file.Position;

    /// <summary>Opens a file.</summary>
    /// <exception cref="DatasetException">It cannot be opened, or is no text.</exception>
    public static TableFile Open(string path)
    {
        FileStream stream = DataFile.Open(path, Expected, BufferBytes);
        var file = new TableFile(path, stream);
        try
        {
            file.OpenContent();
            return file;
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw file.Unreadable(e);
            throw;
        }
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>Bytes read; fewer than the buffer has at the end of the file.</returns>
    public int Read(Span<byte> buffer)
    {
        try
        {
            return _content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Passes bytes over.</summary>
    public void Skip(long count)
    {
        byte[] buffer = new byte[(int)Math.Min(count, 1 << 16)];
        for (int got = 1; count > 0 && got > 0; count -= got)
            got = Read(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
    }

    public void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }

    private void OpenContent()
    {
        byte[] head = new byte[ForeignContent.HeadBytes];
        int length = Read(head);
        _file.Position = 0;
        bool gzip = GzipContentStream.Begins(_file);
        Restart(gzip);
        if (gzip)
        {
            length = Read(head);
            Restart(gzip);
        }

        ReadOnlySpan<byte> bytes = head.AsSpan(0, length);
        Encoding? wide = bytes.StartsWith(Encoding.Unicode.Preamble) ? Encoding.Unicode
            : bytes.StartsWith(Encoding.BigEndianUnicode.Preamble) ? Encoding.BigEndianUnicode
            : null;
        if (wide is null && ForeignContent.Recognise(bytes) is { } foreign)
        {
            string advice = foreign.AsTable is { } asTable ? $"; {asTable}" : "";
            throw new DatasetException(
                $"{ForeignText.Printable(_path)} is no table of text: {(gzip ? "its content" : "it")} looks like {foreign.Kind}{advice}.");
        }

        Skip(wide is not null ? 2 : bytes.StartsWith(Encoding.UTF8.Preamble) ? 3 : 0);
        if (wide is not null)
            _content = Encoding.CreateTranscodingStream(_content, wide, Encoding.UTF8);
    }

    private void Restart(bool gzip)
    {
        _file.Position = 0;
        _content = gzip ? new GzipContentStream(_file, MaxExpansion, FreeBytes) : _file;
    }

    private DatasetException Unreadable(Exception e) => e is InvalidDataException
        ? new DatasetException($"{ForeignText.Printable(_path)} {e.Message}. Copy or download it again.", e)
        : new DatasetException($"{ForeignText.Printable(_path)} cannot be read: {e.Message}", e);
}
