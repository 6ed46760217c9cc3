using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// This program, with the runtime that it was published with, as one compressed archive for other machines. The archive is an unnamed file,
/// so nothing remains however this process ends.
/// </summary>
public sealed class CarriedProgram : IDisposable
{
    private const int ChunkBytes = 1 << 16;

    // What a program needs of its published folder: neither symbols and documentation, nor files that users keep there.
    private static readonly string[] Needed = ["*.dll", "*.so", "*.dylib", "*.deps.json", "*.runtimeconfig.json"];

    private readonly SafeFileHandle _archive;

    private CarriedProgram(SafeFileHandle archive) => (_archive, Bytes) = (archive, RandomAccess.GetLength(archive));

    /// <summary>Size of the archive.</summary>
    public long Bytes { get; }

    /// <summary>What <c>uname -sm</c> prints on machines that can run this program.</summary>
    public static string Machine { get; } = (OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture) switch
    {
        (true, Architecture.Arm64) => "Darwin arm64",
        (true, _) => "Darwin x86_64",
        (_, Architecture.Arm64) => "Linux aarch64",
        (_, Architecture.X64) => "Linux x86_64",
        (_, var other) => $"Linux {other.ToString().ToLowerInvariant()}",
    };

    /// <summary>Why this program would not run on a machine without .NET; null if it would.</summary>
    public static string? Objection()
    {
        bool hasRuntime = File.Exists(
            Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsMacOS() ? "libcoreclr.dylib" : "libcoreclr.so"));
        return hasRuntime ? null : $"the one in {AppContext.BaseDirectory} needs .NET on the machine that it runs on";
    }

    /// <summary>Packs the folder of this program.</summary>
    /// <exception cref="IOException">The temporary folder has no space for the archive.</exception>
    public static CarriedProgram Pack() => Pack(AppContext.BaseDirectory, Environment.ProcessPath!);

    internal static CarriedProgram Pack(string folder, string program)
    {
        string path = Path.Combine(Path.GetTempPath(), $"lockstep-{Guid.NewGuid():N}.tar.gz");
        SafeFileHandle archive = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            File.Delete(path);
            using (var packed = new FileStream(new SafeFileHandle(archive.DangerousGetHandle(), ownsHandle: false), FileAccess.Write))
            using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
            using (var tar = new TarWriter(zip))
            {
                tar.WriteEntry(program, "lockstep");
                IEnumerable<string> files = Needed.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern));
                foreach (string file in files.Order(StringComparer.Ordinal))
                    tar.WriteEntry(file, Path.GetFileName(file));
            }

            return new CarriedProgram(archive);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>Writes the archive. Safe to call from several threads.</summary>
    /// <param name="destination">Where to write.</param>
    /// <param name="written">Called after every chunk with the number of bytes written.</param>
    /// <exception cref="IOException">The other side has stopped reading.</exception>
    public void CopyTo(Stream destination, Action<long> written)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(written);
        byte[] chunk = new byte[ChunkBytes];
        for (long at = 0; at < Bytes;)
        {
            int count = RandomAccess.Read(_archive, chunk, at);
            destination.Write(chunk, 0, count);
            at += count;
            written(at);
        }
    }

    /// <summary>Frees the space of the archive.</summary>
    public void Dispose() => _archive.Dispose();
}
