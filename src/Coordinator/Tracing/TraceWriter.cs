using System.Text;
using Lockstep.Model.Training;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Tracing;

/// <summary>
/// Writes <c>trace.txt</c>. A resumed run continues the file at the checkpoint's step, so that it equals the trace of an undisturbed run
/// byte for byte. Never called on a thread that trains.
/// </summary>
internal sealed class TraceWriter : IDisposable
{
    /// <summary>Maximum bytes that wait for an unwritable disk before the rest of the trace is dropped.</summary>
    internal const int MaxWaitingBytes = 4 << 20;

    private readonly Disk _disk;
    private readonly string _path;
    private readonly Stream _file;
    private readonly MemoryStream _waiting = new();
    private Hash128 _chain;
    private long _end;
    private bool _isNameSafe;

    private TraceWriter(Disk disk, string path, Stream file, Hash128 chain)
    {
        _disk = disk;
        _path = path;
        _file = file;
        _end = file.Length;
        _chain = chain;
    }

    /// <summary>Opens the file to continue after the step of <paramref name="start"/>.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="spec">Hash of the run spec.</param>
    /// <param name="start">The state that this part of the run begins with.</param>
    /// <param name="notice">Why an existing file is not continued, for people; null if it is, or there was none.</param>
    /// <param name="disk">The disk; null for this machine's.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static TraceWriter Open(string path, Hash128 spec, TraceStart start, out string? notice, Disk? disk = null)
    {
        disk ??= Disk.OfThisMachine;
        (long End, Hash128 Chain)? place = FindPlace(disk, path, spec, start, out notice);
        Stream file = disk.OpenToWrite(path);
        try
        {
            file.SetLength(place?.End ?? 0);
            var writer = new TraceWriter(disk, path, file, place?.Chain ?? TraceChain.Begin(spec, start.AllWeights));
            if (place is null)
                writer._waiting.Write(Encoding.ASCII.GetBytes(TraceFormat.Header(spec, start.Step, start.AllWeights)));
            writer.Write(flushToDisk: false);
            return writer;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends steps, in order and without a gap. Steps that cannot be written wait for the next call.</summary>
    /// <param name="steps">Each step with the hash of the weights after it.</param>
    /// <param name="flushToDisk">Whether to return only after they are on the disk.</param>
    /// <exception cref="IOException">They cannot be written yet.</exception>
    /// <exception cref="InvalidOperationException">Too much waits already; the rest of the trace is dropped.</exception>
    public void Append(IReadOnlyList<TracedStep> steps, bool flushToDisk)
    {
        if (_waiting.Length > MaxWaitingBytes)
            throw new InvalidOperationException("Too many steps wait for the disk.");
        foreach (TracedStep step in steps)
        {
            _chain = TraceChain.Next(_chain, step.Weights);
            TraceFormat.Write(_waiting, step.Step, step.Weights, _chain);
        }

        Write(flushToDisk);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void Write(bool flushToDisk)
    {
        // Overwrites what a failed write left half done.
        _file.Position = _end;
        _file.Write(_waiting.GetBuffer().AsSpan(0, (int)_waiting.Length));
        _end = _file.Position;
        _waiting.SetLength(0);
        if (!flushToDisk)
            return;
        _disk.Flush(_file);
        if (!_isNameSafe)
            _disk.FlushFolderOf(_path);
        _isNameSafe = true;
    }

    /// <summary>Where in an existing trace the run continues; null to start a new one.</summary>
    private static (long End, Hash128 Chain)? FindPlace(Disk disk, string path, Hash128 spec, TraceStart start, out string? notice)
    {
        notice = null;
        if (!disk.Exists(path))
            return null;
        string begins = $"it begins anew after step {start.Step:N0}.";
        try
        {
            using TraceReader reader = TraceReader.Open(path, disk);
            if (reader.SpecHash == spec && reader.FirstStep <= start.Step)
            {
                if (reader.FirstStep == start.Step && reader.FirstWeights == start.AllWeights)
                    return (reader.HeaderEnd, TraceChain.Begin(spec, start.AllWeights));
                while (reader.Next() is { Follows: true } line && line.Step <= start.Step)
                {
                    if (line.Step == start.Step && line.Weights == start.TrainedWeights)
                        return (reader.Position, line.Chain);
                }
            }

            notice = $"The trace {path} does not lead to the weights after step {start.Step:N0}, so {begins}";
        }
        catch (TraceException e)
        {
            notice = $"{e.Message} So {begins}";
        }

        // A run that starts at step 0 needs nothing of the old trace.
        if (start.Step == 0)
            notice = null;
        return null;
    }
}
