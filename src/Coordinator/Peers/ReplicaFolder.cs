using Lockstep.Coordinator.Runs;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Peers;

/// <summary>
/// A run folder that receives files from the leader. On each connection trace and metrics are sent from their beginning; they replace the
/// local ones once they are as long as the leader's, and grow from then on. A checkpoint counts once it is verified and saved.
/// </summary>
internal sealed class ReplicaFolder : IDisposable
{
    private const string PartExtension = ".part";

    /// <summary>Size of a checkpoint beyond its tensors: run spec, names, digests.</summary>
    private const int CheckpointOverheadBytes = 2 << 20;

    /// <summary>Maximum length of a line of trace or metrics.</summary>
    private const int MostLineBytes = 1 << 10;

    private readonly Disk _disk;
    private readonly string?[] _paths;
    private readonly Stream?[] _files = new Stream?[2];
    private readonly bool[] _isWhole = new bool[2];
    private readonly long[] _lengths = new long[2];
    private readonly CheckpointStore _store;
    private readonly RunSpec _spec;
    private readonly string _runId;
    private readonly int _term, _keep;
    private readonly long _mostLines, _mostCheckpointBytes;
    private MemoryStream _checkpoint = new();
    private Checkpoint? _unsavedBest;

    /// <summary>Starts empty. Existing files stay until they are replaced.</summary>
    public ReplicaFolder(TrainingOptions options, ulong run, int term, Disk disk)
    {
        _disk = disk;
        (_spec, _runId, _term, _keep) = (options.Spec, run.ToString("x16"), term, options.KeepCheckpoints);
        _paths = [options.TraceFile, options.MetricsFile];
        _store = new CheckpointStore(options.CheckpointDirectory, _disk);
        var layout = new ParameterLayout(options.Spec.Model);
        _mostLines = options.Spec.TotalSteps + 3;
        _mostCheckpointBytes = (1L + options.Spec.Optimizer.Slots.Count) * layout.Length * sizeof(float) + CheckpointOverheadBytes;
    }

    /// <summary>Whether a file is one of the two that are received whole: one after the other, so they share a buffer.</summary>
    public static bool IsCheckpoint(ReplicaFile file) => file is ReplicaFile.Checkpoint or ReplicaFile.Best;

    /// <summary>Length received so far: where the next piece of the file must begin.</summary>
    public long LengthOf(ReplicaFile file) => IsCheckpoint(file) ? _checkpoint.Length : _lengths[(int)file];

    /// <summary>Maximum length of the file.</summary>
    public long LimitOf(ReplicaFile file) => IsCheckpoint(file) ? _mostCheckpointBytes : _mostLines * MostLineBytes;

    /// <summary>Appends a piece.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Append(ReplicaFile file, ReadOnlySpan<byte> piece)
    {
        if (!IsCheckpoint(file))
            _lengths[(int)file] += piece.Length;
        if (IsCheckpoint(file))
            _checkpoint.Write(piece);
        else
            Open(file)?.Write(piece);
    }

    /// <summary>The trace or the metrics are now as long as the leader's.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Complete(ReplicaFile file)
    {
        if (_isWhole[(int)file] || Open(file) is not { } stream)
            return;
        _disk.Flush(stream);
        _disk.PutInPlace(_paths[(int)file] + PartExtension, _paths[(int)file]!);
        _isWhole[(int)file] = true;
    }

    /// <summary>Verifies and saves the received checkpoint. There are no pieces if the leader has no checkpoint yet.</summary>
    /// <param name="step">Its step.</param>
    /// <param name="isBest">Whether it is kept as the best one.</param>
    /// <exception cref="CheckpointException">It is damaged or cannot be saved.</exception>
    /// <exception cref="FormatException">It belongs to another run.</exception>
    public void SaveCheckpoint(long step, bool isBest)
    {
        if (_checkpoint.Length == 0 && step == 0)
            return;
        MemoryStream received = _checkpoint;
        _checkpoint = new MemoryStream();
        string name = CheckpointStore.FileName(step);
        Checkpoint checkpoint = CheckpointCodec.Decode(received.GetBuffer().AsMemory(0, (int)received.Length), name);
        // The best one may be of another leader of the same spec: its bytes are the same.
        bool isOfLeader = isBest || (checkpoint.RunId == _runId && checkpoint.Term <= _term);
        if (!isOfLeader || checkpoint.Step != step || !IsOfRun(checkpoint.Spec))
            throw new FormatException(
                $"'{name}' is of run {checkpoint.RunId}, term {checkpoint.Term}, step {checkpoint.Step}; "
                    + $"expected run {_runId}, a term up to {_term}, step {step}.");
        // Flushes the trace first, so that after a power loss every checkpoint has its trace.
        foreach (Stream? file in _files)
        {
            if (file is not null)
                _disk.Flush(file);
        }

        if (isBest)
            _unsavedBest = checkpoint;
        // Also one that could not be saved before: no newer checkpoint may be there without it.
        if (_unsavedBest is { } best)
            _ = _store.SaveBest(best);
        _unsavedBest = null;
        if (!isBest)
            _ = _store.Save(checkpoint, _keep);
    }

    // A run that was extended continues from its shorter checkpoint.
    private bool IsOfRun(RunSpec spec) =>
        RunSpecCodec.Encode(spec with { TotalSteps = _spec.TotalSteps }).AsSpan().SequenceEqual(RunSpecCodec.Encode(_spec));

    public void Dispose()
    {
        foreach (Stream? file in _files)
            file?.Dispose();
    }

    private Stream? Open(ReplicaFile file)
    {
        if (_files[(int)file] is not null || _paths[(int)file] is not { } path)
            return _files[(int)file];
        Stream begun = _files[(int)file] = _disk.OpenToWrite(path + PartExtension);
        begun.SetLength(0);
        return begun;
    }
}
