using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Shared.Files;

/// <summary>
/// Opens files at paths that a user gave. A pipe may be at such a path, or a device: to open or to read that may wait for ever, so it is
/// refused at once.
/// </summary>
public static partial class RegularFile
{
    private const int DefaultBuffer = 4096;

    // open(2): O_RDONLY | O_NONBLOCK | O_CLOEXEC. With O_NONBLOCK a pipe without a writer opens at once; regular files know no difference.
    private static readonly int ReadAtOnce = OperatingSystem.IsMacOS() ? 0x0100_0004 : 0x8_0800;

    /// <summary>Opens a file to read, while others may write, rename and delete it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferBytes">Bytes that are read at once; 0 for what is asked.</param>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    /// <exception cref="IOException">It is a folder or no regular file, or cannot be opened; the message is the reason.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream OpenToRead(string path, int bufferBytes = DefaultBuffer)
    {
        if (Directory.Exists(path))
            throw new IOException("it is a folder");
        FileStream file = Open(path, bufferBytes);
        try
        {
            // Devices and the files of /proc have no length, but content.
            return file.CanSeek && (file.Length > 0 || file.ReadByte() < 0 || file.Length > 0) ? Rewound(file) : throw NotRegular();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens or creates a file to write at any position, unbuffered, while others may read, rename and delete it.
    /// </summary>
    /// <exception cref="IOException">It is no regular file, or cannot be opened; the message is the reason.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read and written.</exception>
    public static FileStream OpenToWrite(string path)
    {
        // A pipe that is opened to be read and written does not wait for another end.
        var file = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (file.CanSeek)
            return file;
        file.Dispose();
        throw NotRegular();
    }

    private static FileStream Open(string path, int bufferBytes)
    {
        if (!OperatingSystem.IsWindows() && OpenDescriptor(path, ReadAtOnce) is >= 0 and var descriptor)
            return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read, bufferBytes);

        // Elsewhere, and with the reason in words where it failed.
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferBytes);
    }

    private static FileStream Rewound(FileStream file)
    {
        file.Position = 0;
        return file;
    }

    private static IOException NotRegular() => new("it is no regular file, but a pipe or a device");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);
}
