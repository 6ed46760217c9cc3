using System.Diagnostics;
using Lockstep.Wording;

namespace Lockstep.Chaos.Processes;

/// <summary>A file system in memory over the checkpoint folder. Filled up, it answers ENOSPC like any full disk.</summary>
internal sealed class TmpfsDisk : ICheckpointDisk
{
    private const int BlockBytes = 1 << 20, PageBytes = 4096;

    private readonly string _folder;
    private readonly Guard _guard;
    private readonly long _bytes;

    private TmpfsDisk(string folder, long bytes, Guard guard) => (_folder, _bytes, _guard) = (folder, bytes, guard);

    public string Failing => $"no space left on a tmpfs of {Format.Bytes(_bytes)}";

    private string Filler => Path.Combine(_folder, ".filler");

    /// <summary>Mounts it; null if that is not permitted.</summary>
    public static TmpfsDisk? TryMount(string folder, long bytes, Guard guard)
    {
        // The guard splits its input at blanks.
        if (folder.Any(char.IsWhiteSpace) || !Run("mount", "-t", "tmpfs", "-o", $"size={bytes},mode=0755", "lockstep-chaos", folder))
            return null;
        guard.Mounted(folder);
        return new TmpfsDisk(folder, bytes, guard);
    }

    public void Fail()
    {
        using FileStream file = File.Create(Filler, bufferSize: 0);
        foreach (int size in new[] { BlockBytes, PageBytes })
        {
            byte[] block = new byte[size];
            try
            {
                while (true)
                    file.Write(block);
            }
            catch (IOException)
            {
                // Full.
            }
        }
    }

    public void Recover() => File.Delete(Filler);

    /// <summary>Unmounts it, and moves its files into the folder.</summary>
    public void Dispose()
    {
        Recover();
        string aside = _folder + ".kept";
        _ = Directory.CreateDirectory(aside);
        foreach (string file in Directory.GetFiles(_folder))
            File.Copy(file, Path.Combine(aside, Path.GetFileName(file)));
        if (!Run("umount", _folder))
            throw new RequestException($"The file system in memory at {_folder} could not be unmounted. "
                + $"Its files are in {aside}; unmount it with 'umount {_folder}'.");
        _guard.Unmounted(_folder);
        foreach (string file in Directory.GetFiles(aside))
            File.Move(file, Path.Combine(_folder, Path.GetFileName(file)));
        Directory.Delete(aside);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start);
            process?.WaitForExit();
            return process?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
