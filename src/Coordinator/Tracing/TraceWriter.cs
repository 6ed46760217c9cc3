using System.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Tracing;

/// <summary>
/// Writes <c>trace.txt</c>. A run that is resumed goes on in the file where the checkpoint's step is, so that the file becomes that of an
/// undisturbed run, byte for byte. Nothing here is called on a thread that trains.
/// </summary>
internal sealed class TraceWriter : IDisposable
{
    /// <summary>Bytes that wait for a disk that cannot be written to, before the rest of the trace is given up.</summary>
    internal const int MaxWaitingBytes = 4 << 20;

    private readonly Disk _disk;
    private readonly string _path;
    private readonly Stream _file;
    private readonly MemoryStream _waiting = new();
    private UInt128 _chain;
    private long _end;
    private bool _isNameSafe;

    private TraceWriter(Disk disk, string path, Stream file, UInt128 chain)
    {
        _disk = disk;
        _path = path;
        _file = file;
        _end = file.Length;
        _chain = chain;
    }

    /// <summary>Opens the file to go on after the first step of <paramref name="start"/>.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="spec">Hash of the run spec.</param>
    /// <param name="start">The state that this part of the run begins with.</param>
    /// <param name="notice">Why what was in the file is not gone on with, for people; null if it is, or nothing was there.</param>
    /// <param name="disk">Where; null is this machine's disk.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static TraceWriter Open(string path, UInt128 spec, TraceStart start, out string? notice, Disk? disk = null)
    {
        disk ??= Disk.OfThisMachine;
        (long End, UInt128 Chain)? place = FindPlace(disk, path, spec, start, out notice);
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

    /// <summary>Appends steps, in their order and without a gap. If that fails they wait for the next call.</summary>
    /// <param name="steps">Each step with the hash of the weights after it.</param>
    /// <param name="flushToDisk">Whether to return only when they are safely on the disk.</param>
    /// <exception cref="IOException">They cannot be written yet.</exception>
    /// <exception cref="InvalidOperationException">Too much waits already; this trace is over.</exception>
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
        // What a failed write left half done is written again.
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

    /// <summary>Where in an existing trace the run goes on, or null to begin anew.</summary>
    private static (long End, UInt128 Chain)? FindPlace(Disk disk, string path, UInt128 spec, TraceStart start, out string? notice)
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

        // Nothing is lost with the trace of a run that is begun again.
        if (start.Step == 0)
            notice = null;
        return null;
    }
}
