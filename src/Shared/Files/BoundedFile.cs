namespace Lockstep.Shared.Files;

/// <summary>Reads small files within a size limit: a path from a user may be a picture, a device or an endless file.</summary>
public static class BoundedFile
{
    /// <summary>
    /// Limit for files of options, models or names; larger than any that Lockstep writes. The parsed document takes up to fifty times as
    /// much memory.
    /// </summary>
    public const int MaxTextBytes = 1 << 20;

    /// <summary>Why a file could not be read, as the end of a sentence without a full stop.</summary>
    /// <param name="path">The file.</param>
    /// <param name="failure">What reading it threw.</param>
    public static string ReasonOf(string path, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return Directory.Exists(path) ? "it is a folder"
            : File.Exists(path) ? failure.Message.TrimEnd('.')
            : "there is no such file";
    }

    /// <summary>
    /// Reads a file of at most <paramref name="maxBytes"/> bytes. Memory grows with the bytes read, not with the reported length.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, or is larger.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] ReadAllBytes(string path, int maxBytes)
    {
        // The run that owns the file may be writing to it.
        using var file = RegularFile.OpenToRead(path);
        byte[] bytes = new byte[Math.Min(maxBytes, 1 << 12)];
        for (int length = 0; ;)
        {
            int got = file.ReadAtLeast(bytes.AsSpan(length), bytes.Length - length, throwOnEndOfStream: false);
            length += got;
            if (length < bytes.Length)
                return bytes[..length];
            if (length == maxBytes)
                return file.ReadByte() < 0
                    ? bytes
                    : throw new IOException($"It is larger than {maxBytes:N0} bytes, the limit for such a file.");
            Array.Resize(ref bytes, (int)Math.Min(maxBytes, 2L * length));
        }
    }

    /// <summary>Reads a text file of at most <paramref name="maxBytes"/> bytes, as <see cref="File.ReadAllText(string)"/> does.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadAllText(string path, int maxBytes)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAllBytes(path, maxBytes)));
        return reader.ReadToEnd();
    }
}
