namespace Lockstep.Simulation.Tests.World;

/// <summary>The content of a file: what is read, what of it is safe, and the changes between the two.</summary>
internal sealed class VirtualFile
{
    private readonly List<Change> _unflushed = [];
    private byte[] _current, _safe;

    /// <summary>A file with this content, all of it safe.</summary>
    public VirtualFile(byte[] content) => (_current, _safe) = (content, content);

    /// <summary>What is read.</summary>
    public ReadOnlySpan<byte> Content => _current;

    public void Write(long offset, ReadOnlySpan<byte> bytes) => Add(new Change(offset, bytes.ToArray()));

    public void SetLength(long length) => Add(new Change(length, Data: null));

    public void Flush()
    {
        _safe = _current;
        _unflushed.Clear();
    }

    /// <summary>What is left after a power loss: the changes up to some point, the last of them in part.</summary>
    public VirtualFile AfterPowerLoss(SimRandom random)
    {
        int whole = random.Next(_unflushed.Count + 1);
        byte[] left = _unflushed.Take(whole).Aggregate(_safe, (content, change) => change.Apply(content));
        if (whole < _unflushed.Count && _unflushed[whole] is { Data: { Length: > 0 } data } torn)
            left = (torn with { Data = data[..random.Next(data.Length)] }).Apply(left);
        return new VirtualFile(left);
    }

    /// <summary>A bit flips, or the end is lost, for good.</summary>
    public void Rot(SimRandom random)
    {
        byte[] bytes = [.. _current];
        if (bytes.Length > 0 && random.OnceIn(3))
            bytes = bytes[..random.Next(bytes.Length)];
        else if (bytes.Length > 0)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        _current = bytes;
        Flush();
    }

    private void Add(Change change)
    {
        _current = change.Apply(_current);
        _unflushed.Add(change);
    }

    /// <summary>Bytes from an offset on, or without any, a new length. Contents are never changed in place.</summary>
    private readonly record struct Change(long Offset, byte[]? Data)
    {
        public byte[] Apply(byte[] content)
        {
            byte[] changed = new byte[Data is null ? Offset : Math.Max(content.Length, Offset + Data.Length)];
            content.AsSpan(0, Math.Min(content.Length, changed.Length)).CopyTo(changed);
            Data?.CopyTo(changed.AsSpan((int)Offset));
            return changed;
        }
    }
}
