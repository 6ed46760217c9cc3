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
    private const int HeadBytes = 512, MostNeighbours = 1000;

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
        FileStream stream = OpenRegular(path);
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

    /// <summary>Opens a regular file that is not empty; a pipe or a device is not opened, since that may wait for ever.</summary>
    /// <exception cref="DatasetException">It is none, or cannot be opened.</exception>
    public static FileStream OpenRegular(string path)
    {
        string name = ForeignText.Printable(path);
        if (Directory.Exists(path))
            throw new DatasetException($"{name} is a folder; expected a file.");
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
                throw new DatasetException($"{name} does not exist{NearTo(path)} Give a file or folder with examples.");
            // The length of pipes and devices is 0.
            return info.Length == 0
                ? throw new DatasetException($"{name} is empty, or no regular file but a pipe or a device; expected a file with rows.")
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DatasetException($"{name} cannot be read: {e.Message}", e);
        }
    }

    private static string NearTo(string path)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            IEnumerable<string> names =
                Directory.EnumerateFileSystemEntries(folder).Take(MostNeighbours).Select(entry => Path.GetFileName(entry));
            if (Spelling.Nearest(Path.GetFileName(path), [.. names]) is { } near)
                return $"; did you mean {ForeignText.Quote(Path.Combine(Path.GetDirectoryName(path)!, near))}?";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // There is nothing to suggest.
        }

        return ".";
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
        byte[] head = new byte[HeadBytes];
        int length = Read(head);
        bool gzip = length > 2 && head[0] == 0x1f && head[1] == 0x8b;
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
        if (wide is null && ForeignContent.Recognise(bytes) is { } kind)
            throw new DatasetException($"{ForeignText.Printable(_path)} is no table of text: it looks like {kind}.");
        Skip(wide is not null ? 2 : bytes.StartsWith(Encoding.UTF8.Preamble) ? 3 : 0);
        if (wide is not null)
            _content = Encoding.CreateTranscodingStream(_content, wide, Encoding.UTF8);
    }

    private void Restart(bool gzip)
    {
        _file.Position = 0;
        _content = gzip ? new GzipContent(_file) : _file;
    }

    private DatasetException Unreadable(Exception e) => e is InvalidDataException
        ? new DatasetException($"{ForeignText.Printable(_path)} is damaged: {e.Message} Copy or download it again.", e)
        : new DatasetException($"{ForeignText.Printable(_path)} cannot be read: {e.Message}", e);
}
