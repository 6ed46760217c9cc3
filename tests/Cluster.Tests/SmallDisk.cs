using System.ComponentModel;
using System.Diagnostics;

namespace Lockstep.Cluster.Tests;

/// <summary>A disk of a few megabytes, in memory, that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Size = "6m";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-small-disk-");

    private SmallDisk()
    {
    }

    public string Path => _folder.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Mounts the disk, or skips the test and says why.</summary>
    public static SmallDisk Mount()
    {
        Skip.IfNot(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "No small disk to fill up: mounting one needs root on Linux.");
        var disk = new SmallDisk();
        string? problem = Run("mount", "-t", "tmpfs", "-o", $"size={Size}", "lockstep-test", disk.Path);
        if (problem is null)
            return disk;
        disk._folder.Delete();
        throw new SkipException($"No small disk to fill up: {problem}");
    }

    /// <summary>Takes all the space there is.</summary>
    public void Fill()
    {
        using FileStream filler = new(Filler, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                filler.Write(block);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        _folder.Delete();
    }

    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
