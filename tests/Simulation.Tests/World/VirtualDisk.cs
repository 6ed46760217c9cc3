using System.IO.Enumeration;
using System.Security.Cryptography;
using Lockstep.Shared.Files;

namespace Lockstep.Simulation.Tests.World;

/// <summary>The power went in the middle of a disk operation.</summary>
internal sealed class PowerLossException : Exception;

/// <summary>
/// A folder on a disk with a cache: contents are safe once flushed, names once the folder is flushed. The death of a process leaves the cache
/// as it is; a power loss keeps of each unflushed content some part, and of unflushed names the changes up to some point.
/// </summary>
internal sealed class VirtualDisk(SimRandom random) : Disk
{
    private readonly List<Action<Dictionary<string, Content>>> _unflushedNames = [];
    private Dictionary<string, Content> _names = [];
    private readonly Dictionary<string, Content> _safeNames = [];
    private long _fullFrom = long.MaxValue, _fullUntil;
    private long _powerLossAt = long.MaxValue;
    private bool _powerLossBeforeFolderFlush;
    private Action _onFailure = () => { }, _onPowerLoss = () => { };

    /// <summary>Operations that change something, so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Content on the disk has been damaged: what was safe may be lost.</summary>
    public bool IsRotten { get; private set; }

    /// <summary>A planted bug: contents are not flushed before the rename.</summary>
    public bool SkipsFlush { get; init; }

    /// <summary>A planted bug: the folder is not flushed after the rename.</summary>
    public bool SkipsFolderFlush { get; init; }

    /// <summary>A planted bug: the digest of a file is taken as right, whatever it is.</summary>
    public bool SkipsDigest { get; init; }

    public IEnumerable<string> Files => _names.Keys;

    /// <summary>From the given operation on, counted from now, and for so many: no space.</summary>
    public void FillUp(int after, int operations, Action onFailure) =>
        (_fullFrom, _fullUntil, _onFailure) = (Operations + after, Operations + after + operations, onFailure);

    /// <summary>The power goes at the given operation, counted from now.</summary>
    public void LosePowerAt(int after, Action onFailure) => (_powerLossAt, _onPowerLoss) = (Operations + after, onFailure);

    /// <summary>The power goes between the next rename and the folder's flush.</summary>
    public void LosePowerBeforeFolderFlush(Action onFailure) => (_powerLossBeforeFolderFlush, _onPowerLoss) = (true, onFailure);

    /// <summary>Damages the newest checkpoint: a bit flips, or the end is lost. False when there is none.</summary>
    public bool Rot()
    {
        string? newest = _names.Keys.Where(name => name.EndsWith(".ckpt", StringComparison.Ordinal)).Max(StringComparer.Ordinal);
        if (newest is null)
            return false;
        Content content = _names[newest];
        if (random.OnceIn(3))
            content.Bytes = content.Bytes[..random.Next(content.Bytes.Length)];
        else
            (content.Bytes = [.. content.Bytes])[random.Next(content.Bytes.Length)] ^= (byte)(1 << random.Next(8));
        content.SafeLength = content.Bytes.Length;
        return IsRotten = true;
    }

    /// <summary>The machine stops and starts again: only what is safe, and by chance a part of the rest, is left.</summary>
    public void LosePower()
    {
        _powerLossAt = long.MaxValue;
        _powerLossBeforeFolderFlush = false;
        foreach (Action<Dictionary<string, Content>> change in _unflushedNames.Take(random.Next(_unflushedNames.Count + 1)))
            change(_safeNames);
        _unflushedNames.Clear();
        _names = new Dictionary<string, Content>(_safeNames);
        foreach (Content content in _names.Values)
        {
            if (content.SafeLength < content.Bytes.Length)
                content.Bytes = content.Bytes[..random.Next(content.SafeLength, content.Bytes.Length)];
            content.SafeLength = content.Bytes.Length;
        }
    }

    /// <summary>Somebody clears the folder, because nothing in it can be used.</summary>
    public void Clear()
    {
        _names.Clear();
        _safeNames.Clear();
        _unflushedNames.Clear();
    }

    public override Stream Create(string path)
    {
        Operate();
        if (_names.ContainsKey(path))
            throw new IOException($"'{path}' exists already.");
        var content = new Content();
        Change(names => names[path] = content);
        return new File(this, content);
    }

    public override void Flush(Stream file)
    {
        Operate();
        Content content = ((File)file).Content;
        if (!SkipsFlush)
            content.SafeLength = content.Bytes.Length;
    }

    public override void Rename(string from, string to, bool overwrite)
    {
        Operate();
        if (!_names.TryGetValue(from, out Content? content))
            throw new FileNotFoundException(from);
        if (!overwrite && _names.ContainsKey(to))
            throw new IOException($"'{to}' exists already.");
        Change(names =>
        {
            names.Remove(from);
            names[to] = content;
        });
        if (_powerLossBeforeFolderFlush)
            throw PowerLost();
    }

    public override void FlushFolder(string folder)
    {
        Operate();
        if (SkipsFolderFlush)
            return;
        foreach (Action<Dictionary<string, Content>> change in _unflushedNames)
            change(_safeNames);
        _unflushedNames.Clear();
    }

    public override IEnumerable<string> List(string folder, string pattern) =>
        [.. _names.Keys.Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    public override bool Exists(string path) => _names.ContainsKey(path);

    public override Stream OpenToWrite(string path) => _names.TryGetValue(path, out Content? content) ? new File(this, content) : Create(path);

    public override Stream OpenToRead(string path)
    {
        if (!_names.TryGetValue(path, out Content? content))
            throw new FileNotFoundException(path);
        byte[] bytes = [.. content.Bytes];
        const int digest = 32;
        if (SkipsDigest && bytes.Length > digest)
            SHA256.HashData(bytes.AsSpan(0, bytes.Length - digest), bytes.AsSpan(bytes.Length - digest));
        return new MemoryStream(bytes);
    }

    public override void Delete(string path)
    {
        Operate();
        if (_names.ContainsKey(path))
            Change(names => names.Remove(path));
    }

    public override DateTime LastWriteUtc(string path) => DateTime.UnixEpoch;

    private PowerLossException PowerLost()
    {
        _onPowerLoss();
        return new PowerLossException();
    }

    private void Change(Action<Dictionary<string, Content>> change)
    {
        change(_names);
        _unflushedNames.Add(change);
    }

    private void Operate()
    {
        long operation = Operations++;
        if (operation >= _powerLossAt)
            throw PowerLost();
        if (operation >= _fullFrom && operation < _fullUntil)
        {
            _onFailure();
            throw new IOException("No space left on device.");
        }
    }

    private sealed class Content
    {
        public byte[] Bytes { get; set; } = [];

        public int SafeLength { get; set; }
    }

    private sealed class File(VirtualDisk disk, Content content) : Stream
    {
        public Content Content => content;

        public override bool CanRead => false;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => content.Bytes.Length;

        public override long Position { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                disk.Operate();
            }
            catch (Exception)
            {
                Put(buffer[..disk.Torn(buffer.Length)]);
                throw;
            }

            Put(buffer);
            Position += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void SetLength(long value)
        {
            disk.Operate();
            byte[] bytes = content.Bytes;
            Array.Resize(ref bytes, (int)value);
            content.Bytes = bytes;
            content.SafeLength = Math.Min(content.SafeLength, bytes.Length);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        // Readers may have the bytes as they were.
        private void Put(ReadOnlySpan<byte> buffer)
        {
            byte[] bytes = new byte[Math.Max(content.Bytes.Length, (int)Position + buffer.Length)];
            content.Bytes.CopyTo(bytes, 0);
            buffer.CopyTo(bytes.AsSpan((int)Position));
            content.Bytes = bytes;
            content.SafeLength = Math.Min(content.SafeLength, (int)Position);
        }
    }

    private int Torn(int length) => random.Next(length);
}
