using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Verification;

/// <summary>The evidence in a run folder: the trace and the checkpoints.</summary>
public sealed class RunHistory
{
    private RunHistory(
        string folder,
        Checkpoint? newest,
        Hash128? specHash,
        long? traced,
        IReadOnlyList<(string Path, long Step)> files,
        IReadOnlyList<string> notes)
    {
        (Folder, Newest, SpecHash, TracedSteps, Files, Notes) = (folder, newest, specHash, traced, files, notes);
        LastStep = Math.Max(traced ?? 0, newest?.Step ?? 0);
    }

    /// <summary>The folder, as the user gave it.</summary>
    public string Folder { get; }

    /// <summary>The newest checkpoint with the spec of the trace, or the newest one if there is no trace; null for none.</summary>
    internal Checkpoint? Newest { get; }

    /// <summary>Hash of the run spec, from the trace, else from the checkpoint.</summary>
    internal Hash128? SpecHash { get; }

    /// <summary>Last step of the trace; null where there is none.</summary>
    public long? TracedSteps { get; }

    /// <summary>Checkpoint files, from the lowest step on; any of them may be damaged, or of another run.</summary>
    public IReadOnlyList<(string Path, long Step)> Files { get; }

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>How far the run got, as far as the folder tells.</summary>
    public long LastStep { get; }

    /// <summary>What was trained; null without a checkpoint.</summary>
    public RunSpec? Spec => Newest?.Spec;

    /// <summary>What else it takes to train it again.</summary>
    /// <exception cref="RequestException">The configuration cannot be read.</exception>
    public RunConfiguration Configuration => RunConfiguration.Read(Folder);

    /// <summary>Trains the run again, from the beginning, and compares every step with the trace and the checkpoints.</summary>
    /// <param name="data">The data set of the run.</param>
    /// <param name="options">How far, and how; null takes the defaults.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <exception cref="RequestException">
    /// The run cannot be trained again: its spec or its beginning is unknown, or the data set is another one.
    /// </exception>
    /// <exception cref="CheckpointException">The parameters that it began with cannot be read.</exception>
    public Task<VerificationResult> VerifyAsync(
        Dataset data, ReplayOptions? options = null, CancellationToken cancellationToken = default) =>
        Replay.VerifyAsync(this, data, options ?? new ReplayOptions(), cancellationToken);

    /// <summary>Trains the run again from the nearest checkpoint before a step up to that step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="data">The data set of the run.</param>
    /// <param name="options">How; null takes the defaults.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The model; null if the training differs from the trace, as the result says.</returns>
    /// <exception cref="RequestException">As for <see cref="VerifyAsync"/>; or the run has no such step.</exception>
    public Task<(TrainedModel? Model, VerificationResult Result)> ReplayAsync(
        long step, Dataset data, ReplayOptions? options = null, CancellationToken cancellationToken = default) =>
        Replay.GoToAsync(this, data, (options ?? new ReplayOptions()) with { UpTo = step }, cancellationToken);

    /// <summary>Reads a run folder.</summary>
    /// <exception cref="RequestException">It is not a run folder, or holds neither trace nor checkpoint.</exception>
    /// <exception cref="TraceException">The trace is damaged.</exception>
    /// <exception cref="CheckpointException">The checkpoints cannot be listed.</exception>
    public static RunHistory Read(string folder)
    {
        RunFolder.RefuseMissing(folder);
        var notes = new List<string>();
        (long Last, Hash128 Spec)? trace = ReadTrace(RunFolder.TraceFileOf(folder));
        var store = new CheckpointStore(RunFolder.CheckpointDirectoryOf(folder));
        (string Path, long Step)[] files = [.. store.List().OrderBy(file => file.Step)];
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
            throw new RequestException([$"{folder} holds neither a trace nor a checkpoint that can be read. "
                + "Give the folder that a training printed as 'run folder'.", .. notes]);
        }

        return new RunHistory(folder, newest, trace?.Spec ?? TraceChain.HashOf(newest!.Spec), trace?.Last, files, notes);
    }

    /// <summary>Opens the trace at its beginning; null where there is none.</summary>
    internal TraceReader? OpenTrace() => TracedSteps is null ? null : TraceReader.Open(RunFolder.TraceFileOf(Folder));

    /// <summary>Reads a checkpoint; null if it cannot be read, with a note that says why.</summary>
    internal static Checkpoint? TryRead(string path, ICollection<string> notes)
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

    private static (long Last, Hash128 Spec)? ReadTrace(string path)
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
