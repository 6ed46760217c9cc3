using System.Text;
using Lockstep.Model.Training;
using Lockstep.Shared.Files;

namespace Lockstep.Coordinator.Tracing;

/// <summary>Reads a trace line by line, also while the run writes to it. Ignores a last line without its line feed.</summary>
public sealed class TraceReader : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly BufferedStream _stream;
    private readonly string _path;
    private readonly byte[] _line = new byte[TraceFormat.MaxLineLength];
    private long _lines;
    private long _lastStep;
    private Hash128 _chain;

    private TraceReader(Stream stream, string path)
    {
        _stream = new BufferedStream(stream, BufferBytes);
        _path = path;
        if (ReadLine() != TraceFormat.Title)
            throw Wrong($"it does not begin with '{TraceFormat.Title}', so it is no trace that this build reads");
        if (ReadLine() is not { } spec || !TraceFormat.TryReadSpec(spec, out Hash128 specHash))
            throw Wrong("expected 'spec HASH'");
        if (ReadLine() is not { } from || !TraceFormat.TryReadFrom(from, out long step, out Hash128 weights))
            throw Wrong("expected 'from STEP HASH'");
        (SpecHash, FirstStep, FirstWeights) = (specHash, step, weights);
        (_lastStep, _chain) = (step, TraceChain.Begin(specHash, weights));
        HeaderEnd = Position;
    }

    /// <summary>Hash of the run spec, see <see cref="TraceChain.HashOf"/>.</summary>
    public Hash128 SpecHash { get; }

    /// <summary>Completed steps before the first line: 0, or the step at which a run was resumed without its earlier trace.</summary>
    public long FirstStep { get; }

    /// <summary>Hash of all weights after <see cref="FirstStep"/>, frozen ones included.</summary>
    public Hash128 FirstWeights { get; }

    /// <summary>Offset of the next line in bytes.</summary>
    internal long Position { get; private set; }

    /// <summary>Offset of the first line in bytes.</summary>
    internal long HeaderEnd { get; }

    /// <summary>Opens a trace and reads its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="disk">The disk; null for this machine's.</param>
    /// <exception cref="TraceException">The file cannot be read or is no trace.</exception>
    public static TraceReader Open(string path, Disk? disk = null)
    {
        Stream? stream = null;
        try
        {
            stream = (disk ?? Disk.OfThisMachine).OpenToRead(path);
            return new TraceReader(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw new TraceException($"The trace {path} cannot be read: {e.Message}", e);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>The next line, or null at the end.</summary>
    /// <exception cref="TraceException">The line is malformed, or not of the next step.</exception>
    public TraceLine? Next()
    {
        if (ReadLine() is not { } line)
            return null;
        if (!TraceFormat.TryRead(line, out long step, out Hash128 weights, out Hash128 chain))
            throw Wrong("expected 'STEP HASH CHAIN', each hash of 32 hexadecimal digits");
        if (step != _lastStep + 1)
            throw Wrong($"it is of step {step}; expected step {_lastStep + 1}");
        Hash128 expected = TraceChain.Next(_chain, weights);
        (_lastStep, _chain) = (step, chain);
        return new TraceLine(step, weights, chain, chain == expected);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private string? ReadLine()
    {
        int length = 0;
        while (true)
        {
            int next = ReadByte();
            if (next < 0)
                return null;
            if (next == '\n')
                break;
            if (length == _line.Length)
            {
                _lines++;
                throw Wrong($"it is longer than {TraceFormat.MaxLineLength} characters");
            }

            _line[length++] = (byte)next;
        }

        _lines++;
        Position += length + 1;
        return Encoding.Latin1.GetString(_line, 0, length);
    }

    private int ReadByte()
    {
        try
        {
            return _stream.ReadByte();
        }
        catch (IOException e)
        {
            throw new TraceException($"The trace {_path} cannot be read: {e.Message}", e);
        }
    }

    private TraceException Wrong(string problem) =>
        new($"The trace {_path}, line {Math.Max(_lines, 1)}: {problem}. It was changed or damaged after it was written.");
}
