using System.Text;

namespace Lockstep.Cli.Board;

/// <summary>New lines of a file that another thread or process appends to.</summary>
/// <param name="path">The file; it need not exist yet.</param>
/// <param name="position">Bytes that were read before.</param>
internal sealed class TailFile(string path, long position)
{
    private const int MostBytes = 1 << 20;

    /// <summary>The lines since the last call. Null if the file was cut, so that what was read before may be wrong.</summary>
    public IReadOnlyList<string>? ReadNew()
    {
        var file = new FileInfo(path);
        long length = file.Exists ? file.Length : 0;
        if (length < position)
            return null;
        if (length == position)
            return [];
        using FileStream stream = Open(path);
        _ = stream.Seek(position, SeekOrigin.Begin);
        byte[] bytes = new byte[Math.Min(length - position, MostBytes)];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        int whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        position += whole;
        return Encoding.UTF8.GetString(bytes.AsSpan(0, whole)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Opens a file that is being written.</summary>
    public static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
