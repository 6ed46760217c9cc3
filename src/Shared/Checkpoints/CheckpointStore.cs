using System.Diagnostics;
using System.Globalization;
using Lockstep.Shared.Files;

namespace Lockstep.Shared.Checkpoints;

/// <summary>
/// The checkpoints of a run: files <c>step-000000123.ckpt</c> in one folder. A file appears whole or not at all, even after a power loss.
/// The newest is found by listing and verifying. Several writers may share the folder.
/// </summary>
public sealed class CheckpointStore
{
    private const string Prefix = "step-";
    private const string BestPrefix = "best-";
    private const string Extension = ".ckpt";
    private static readonly TimeSpan ForeignTemporaryLifetime = TimeSpan.FromDays(1);

    private readonly string _directory;
    private readonly Disk _disk;

    /// <summary>Opens the store of a folder.</summary>
    /// <param name="directory">The folder, which must exist before the first <see cref="Save"/>.</param>
    /// <param name="disk">The disk; null for this machine's.</param>
    public CheckpointStore(string directory, Disk? disk = null) => (_directory, _disk) = (directory, disk ?? Disk.OfThisMachine);

    /// <summary>File name of a step.</summary>
    public static string FileName(long step) => $"{Prefix}{step.ToString("D9", CultureInfo.InvariantCulture)}{Extension}";

    /// <summary>
    /// Writes a checkpoint, then removes older ones once it is on the disk. Blocks on the disk, so do not call it on a thread that trains.
    /// </summary>
    /// <param name="checkpoint">The checkpoint. It replaces a file of the same step.</param>
    /// <param name="keep">Number to keep, this one included, at least 1. Files of later steps are left alone.</param>
    /// <returns>Path of the file.</returns>
    /// <exception cref="CheckpointException">
    /// <see cref="CheckpointError.Io"/>: it could not be written; earlier ones are untouched.
    /// </exception>
    public string Save(Checkpoint checkpoint, int keep)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        string path = Path.Combine(_directory, FileName(checkpoint.Step));
        Write(checkpoint, path, overwrite: true);
        RemoveOld(checkpoint.Step, keep);
        return path;
    }

    /// <summary>Writes a checkpoint as a separate file, outside of a run. It appears whole or not at all.</summary>
    /// <param name="checkpoint">What to write.</param>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether to replace an existing file.</param>
    /// <param name="disk">The disk; null for this machine's.</param>
    /// <exception cref="CheckpointException"><see cref="CheckpointError.Io"/>: the file exists, or could not be written.</exception>
    public static void SaveAs(Checkpoint checkpoint, string path, bool overwrite = false, Disk? disk = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(path);
        new CheckpointStore(Path.GetDirectoryName(Path.GetFullPath(path))!, disk).Write(checkpoint, path, overwrite);
    }

    /// <summary>
    /// Writes the checkpoint with the best validation result so far as <c>best-000000123.ckpt</c>, then removes the one before. The newest
    /// checkpoints do not count it, and never remove it.
    /// </summary>
    /// <returns>Path of the file.</returns>
    /// <exception cref="CheckpointException">
    /// <see cref="CheckpointError.Io"/>: it could not be written; the one before is untouched.
    /// </exception>
    public string SaveBest(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        string path = Path.Combine(_directory, BestFileName(checkpoint.Step));
        Write(checkpoint, path, overwrite: true);
        foreach ((string other, long step) in ListOf(BestPrefix))
        {
            if (step != checkpoint.Step)
                TryDelete(other);
        }

        return path;
    }

    /// <summary>File name of the best checkpoint.</summary>
    public static string BestFileName(long step) => BestPrefix + FileName(step)[Prefix.Length..];

    /// <summary>
    /// Reads the best checkpoint that <see cref="SaveBest"/> has kept. If a crash left two, the later one is better.
    /// </summary>
    /// <returns>The checkpoint and unusable files; null if none is kept.</returns>
    /// <exception cref="CheckpointException">There is one, but it is not usable.</exception>
    public LoadedCheckpoint? LoadBest() => LoadFirst(ListOf(BestPrefix), mayBeNonFinite: false);

    private void Write(Checkpoint checkpoint, string path, bool overwrite)
    {
        byte[] bytes = CheckpointCodec.Encode(checkpoint);
        try
        {
            _disk.WriteWhole(path, file => file.Write(bytes), overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointError.Io, path, e is DirectoryNotFoundException
                ? "could not be written: its folder no longer exists."
                : $"could not be written: {e.Message} Earlier checkpoints are untouched. "
                    + "Check the disk's free space and the folder's permissions.",
                e);
        }
    }

    /// <summary>Reads the newest valid checkpoint, skipping unusable files.</summary>
    /// <returns>The checkpoint and the skipped files; null if the folder holds no checkpoint.</returns>
    /// <exception cref="CheckpointException">There are checkpoints, but none is usable.</exception>
    public LoadedCheckpoint? LoadNewest() => LoadNewest(long.MaxValue, mayBeNonFinite: false);

    /// <summary>Reads the newest valid checkpoint up to a step, skipping unusable files.</summary>
    /// <returns>The checkpoint and the skipped files; null if the folder holds none up to that step.</returns>
    /// <exception cref="CheckpointException">There are checkpoints, but none is usable.</exception>
    public LoadedCheckpoint? LoadNewest(long upToStep) => LoadNewest(upToStep, mayBeNonFinite: false);

    /// <summary>Reads a file, or the newest valid checkpoint of a run folder or a checkpoint folder.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="mayBeNonFinite">Whether to accept NaN and infinity, for display only.</param>
    /// <param name="best">Whether of a folder the checkpoint with the best validation result is read.</param>
    /// <exception cref="CheckpointException">
    /// There is none. For an unusable file, the message names the newest valid one before it.
    /// </exception>
    public static LoadedCheckpoint Load(string path, bool mayBeNonFinite = false, bool best = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            string inRun = Path.Combine(path, "checkpoints");
            string directory = Directory.Exists(inRun) ? inRun : path;
            if (best)
            {
                return new CheckpointStore(directory).LoadBest()
                    ?? throw new CheckpointException(CheckpointError.NotFound, Path.Combine(directory, $"{BestPrefix}*{Extension}"),
                        "does not exist: the run was trained without --keep-best, or has not been evaluated yet.");
            }

            return new CheckpointStore(directory).LoadNewest(long.MaxValue, mayBeNonFinite)
                ?? throw new CheckpointException(CheckpointError.NotFound, path, directory == inRun
                ? "does not exist: no checkpoint was saved in this run folder."
                : $"does not exist: the folder holds no {Prefix}*{Extension}. Give a checkpoint, a run folder or a folder of checkpoints.");
        }

        try
        {
            return new LoadedCheckpoint(path, CheckpointCodec.Read(path, mayBeNonFinite), []);
        }
        catch (CheckpointException e) when (e.Error is not CheckpointError.NotFound && StepOf(path) is { } step)
        {
            string advice = FindBefore(path, step) is { } earlier
                ? $"The newest valid one before it is '{earlier}'."
                : "There is no valid one before it.";
            throw new CheckpointException(e.Error, path, $"{e.Problem} {advice}", e);
        }
    }

    private static string? FindBefore(string path, long step)
    {
        try
        {
            return new CheckpointStore(Path.GetDirectoryName(Path.GetFullPath(path))!).LoadNewest(step - 1)?.Path;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    private LoadedCheckpoint? LoadNewest(long upToStep, bool mayBeNonFinite) =>
        LoadFirst(List().Where(file => file.Step <= upToStep), mayBeNonFinite);

    private LoadedCheckpoint? LoadFirst(IEnumerable<(string Path, long Step)> files, bool mayBeNonFinite)
    {
        var refused = new List<CheckpointException>();
        foreach ((string path, long _) in files.OrderByDescending(file => file.Step))
        {
            try
            {
                return new LoadedCheckpoint(path, CheckpointCodec.Read(path, _disk, mayBeNonFinite), refused);
            }
            catch (CheckpointException e)
            {
                refused.Add(e);
            }
        }

        if (refused.Count == 0)
            return null;
        string others = refused.Count switch
        {
            1 => "It is the only one there.",
            2 => "The one before it cannot be used either.",
            _ => $"None of the {refused.Count - 1} before it can be used either.",
        };
        throw new CheckpointException(refused[0].Error, refused[0].File, $"{refused[0].Problem} {others}", refused[0]);
    }

    /// <summary>The files of the store, unordered and unread: any may be damaged.</summary>
    /// <exception cref="CheckpointException"><see cref="CheckpointError.Io"/>: the folder cannot be listed.</exception>
    public IReadOnlyList<(string Path, long Step)> List() => ListOf(Prefix);

    private List<(string Path, long Step)> ListOf(string prefix)
    {
        var files = new List<(string, long)>();
        try
        {
            foreach (string path in _disk.List(_directory, $"{prefix}*{Extension}"))
            {
                if (StepOf(path, prefix) is { } step)
                    files.Add((path, step));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // A folder that does not exist has no checkpoints.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(CheckpointError.Io, _directory, $"cannot be listed: {e.Message}", e);
        }

        return files;
    }

    private static long? StepOf(string path, string prefix = Prefix)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(
                name.AsSpan()[prefix.Length..^Extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : null;
    }

    /// <summary>
    /// Removes all but the newest up to a step, and temporary files of dead writers. Ignores failures: the new checkpoint is safe.
    /// </summary>
    private void RemoveOld(long step, int keep)
    {
        try
        {
            foreach ((string path, long _) in List().Where(file => file.Step <= step).OrderByDescending(file => file.Step).Skip(keep))
                TryDelete(path);
            foreach (string prefix in new[] { Prefix, BestPrefix })
            {
                foreach (string path in _disk.List(_directory, $"{prefix}*{Disk.TemporaryExtension}").Where(IsAbandoned))
                    TryDelete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException)
        {
            // The next save tries again.
        }
    }

    /// <summary>Whether the writer of a temporary file is dead: on this machine by its process, on another by its age.</summary>
    private bool IsAbandoned(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string[] parts = name[(name.IndexOf(Extension, StringComparison.Ordinal) + Extension.Length)..].TrimStart('.').Split('-');
        if (parts.Length < 3 || string.Join('-', parts[..^2]) != Environment.MachineName || !int.TryParse(parts[^2], out int processId))
            return DateTime.UtcNow - _disk.LastWriteUtc(path) > ForeignTemporaryLifetime;
        try
        {
            using Process process = Process.GetProcessById(processId);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private void TryDelete(string path)
    {
        try
        {
            _disk.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next save tries again.
        }
    }
}
