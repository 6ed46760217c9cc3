using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lockstep.Shared.Files;

/// <summary>
/// Flushes a folder's entries to the disk. Without it, a renamed file may be missing after a power loss although its content was flushed.
/// .NET cannot open folders, so this calls the C library. Windows journals its folders and needs nothing.
/// </summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;
    private const int NotSupportedHere = 22; // EINVAL: some network file systems cannot flush a folder.

    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
            throw Failed(directory, Marshal.GetLastPInvokeError());
        try
        {
            if (Synchronize(descriptor) != 0 && Marshal.GetLastPInvokeError() is not NotSupportedHere and var error)
                throw Failed(directory, error);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string directory, int error) =>
        new($"The folder '{directory}' could not be flushed: {new Win32Exception(error).Message}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
