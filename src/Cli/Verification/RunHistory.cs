using Lockstep.Cli.Configuration;
using Lockstep.Coordinator.RunFolders;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Verification;

/// <summary>What a run folder proves of its run: the trace and the checkpoints.</summary>
internal sealed class RunHistory
{
    private RunHistory(string folder, Checkpoint? newest, UInt128? specHash, long? traced, IReadOnlyList<(string Path, long Step)> files, IReadOnlyList<string> notes)
    {
        (Folder, Newest, SpecHash, TracedSteps, Files, Notes) = (folder, newest, specHash, traced, files, notes);
        LastStep = Math.Max(traced ?? 0, newest?.Step ?? 0);
    }

    /// <summary>The folder, as the user gave it.</summary>
    public string Folder { get; }

    /// <summary>The newest checkpoint whose spec is that of the trace, or of which there is no trace; null without one.</summary>
    public Checkpoint? Newest { get; }

    /// <summary>Hash of the run spec, from the trace, else from the checkpoint.</summary>
    public UInt128? SpecHash { get; }

    /// <summary>Last step of the trace; null where there is none.</summary>
    public long? TracedSteps { get; }

    /// <summary>Checkpoint files, from the lowest step on; any of them may be damaged, or another run's.</summary>
    public IReadOnlyList<(string Path, long Step)> Files { get; }

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>How far the run got, as far as the folder tells.</summary>
    public long LastStep { get; }

    /// <summary>What was trained; null where no checkpoint tells.</summary>
    public RunSpec? Spec => Newest?.Spec;

    /// <summary>Reads a run folder.</summary>
    /// <exception cref="UserErrorException">It is no run folder, or holds neither trace nor checkpoint.</exception>
    /// <exception cref="TraceException">The trace is damaged.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be listed.</exception>
    public static RunHistory Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            string found = File.Exists(folder) ? "is a file" : "does not exist";
            throw new UserErrorException($"The run folder {folder} {found}. Give the folder that a training printed as 'run folder'.");
        }

        var notes = new List<string>();
        (long Last, UInt128 Spec)? trace = ReadTrace(RunFolder.TraceFileOf(folder));
        (string Path, long Step)[] files = [.. new CheckpointStore(RunFolder.CheckpointDirectoryOf(folder)).List().OrderBy(file => file.Step)];
        Checkpoint? newest = null;
        foreach ((string path, long _) in files.Reverse())
        {
            Checkpoint? checkpoint = TryRead(path, notes);
            if (checkpoint is null || (trace is { } traced && TraceChain.HashOf(checkpoint.Spec) != traced.Spec))
                continue;
            newest = checkpoint;
            break;
        }

        if (trace is null && newest is null)
        {
            throw new UserErrorException([$"{folder} holds neither a trace nor a checkpoint that can be read. Give the folder that a training printed as 'run folder'.", .. notes]);
        }

        return new RunHistory(folder, newest, trace?.Spec ?? TraceChain.HashOf(newest!.Spec), trace?.Last, files, notes);
    }

    /// <summary>Opens the trace at its beginning; null where there is none.</summary>
    public TraceReader? OpenTrace() => TracedSteps is null ? null : TraceReader.Open(RunFolder.TraceFileOf(Folder));

    /// <summary>Reads a checkpoint, or notes why it cannot be read and gives null.</summary>
    public static Checkpoint? TryRead(string path, ICollection<string> notes)
    {
        try
        {
            return CheckpointCodec.Read(path);
        }
        catch (CheckpointException e)
        {
            notes.Add(e.Message);
            return null;
        }
    }

    /// <summary>The options that the run was started with, where its configuration is still there, else the defaults.</summary>
    /// <exception cref="UserErrorException">The configuration cannot be read.</exception>
    public Settings SavedOptions()
    {
        var problems = new Problems();
        var saved = Settings.Resolve(CommandSet.Train, [], new Dictionary<string, string>(), problems);
        string configuration = RunFolder.ConfigFileOf(Folder);
        if (File.Exists(configuration))
            saved = saved.OnTopOf(configuration, problems);
        problems.ThrowIfAny();
        return saved;
    }

    private static (long Last, UInt128 Spec)? ReadTrace(string path)
    {
        if (!File.Exists(path))
            return null;
        using TraceReader reader = TraceReader.Open(path);
        long last = reader.FirstStep;
        while (reader.Next() is { } line)
            last = line.Step;
        return (last, reader.SpecHash);
    }
}
