using System.IO.Enumeration;
using Lockstep.Shared.Files;

namespace Lockstep.Simulation.Tests.World;

/// <summary>The power went in the middle of a disk operation.</summary>
internal sealed class PowerLossException : Exception;

/// <summary>
/// The disk of one machine, with a cache: contents are safe once flushed, names once their folder is flushed. The death of a process
/// leaves the cache as it is; a power loss keeps of what is not flushed the changes up to some point, in each file and of the names.
/// Folders need not be made.
/// </summary>
internal sealed class VirtualDisk(SimRandom random) : Disk
{
    private readonly List<(string Folder, Action<Dictionary<string, VirtualFile>> Change)> _unflushedNames = [];
    private readonly Dictionary<string, VirtualFile> _safeNames = [];
    private Dictionary<string, VirtualFile> _names = [];
    private long _fullFrom = long.MaxValue, _fullUntil;
    private long _powerLossAt = long.MaxValue;
    private bool _powerLossBeforeFolderFlush;
    private Action _onFailure = () => { }, _onPowerLoss = () => { };

    /// <summary>Operations that change something, so far.</summary>
    public long Operations { get; private set; }

    /// <summary>Content on the disk has been damaged: what was safe may be lost.</summary>
    public bool IsRotten { get; private set; }

    /// <summary>
    /// The power is gone, whatever was made of the exception that said so: nothing can be done with the disk until <see cref="LosePower"/>.
    /// </summary>
    public bool HasLostPower { get; private set; }

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
        string? newest = _names.Keys.Where(name => name.EndsWith(".ckpt", StringComparison.Ordinal))
            .MaxBy(Path.GetFileName, StringComparer.Ordinal);
        if (newest is null)
            return false;
        _names[newest].Rot(random);
        return IsRotten = true;
    }

    /// <summary>The machine stops and starts again: only what is safe, and by chance a part of the rest, is left.</summary>
    public void LosePower()
    {
        HasLostPower = false;
        _powerLossAt = long.MaxValue;
        _powerLossBeforeFolderFlush = false;
        foreach ((_, Action<Dictionary<string, VirtualFile>> change) in _unflushedNames.Take(random.Next(_unflushedNames.Count + 1)))
            change(_safeNames);
        _unflushedNames.Clear();
        // What a process had open before is nothing to those that start now.
        foreach (string name in _safeNames.Keys.ToList())
            _safeNames[name] = _safeNames[name].AfterPowerLoss(random);
        _names = new Dictionary<string, VirtualFile>(_safeNames);
    }

    /// <summary>Somebody clears the disk, because nothing on it can be used.</summary>
    public void Clear()
    {
        _names.Clear();
        _safeNames.Clear();
        _unflushedNames.Clear();
    }

    public override Stream Create(string path)
    {
        Operate();
        if (Exists(path))
            throw new IOException($"'{path}' exists already.");
        return Add(path);
    }

    public override Stream OpenToWrite(string path)
    {
        if (_names.TryGetValue(Full(path), out VirtualFile? file))
            return new VirtualFileStream(file, this, random);
        Operate();
        return Add(path);
    }

    public override Stream OpenToRead(string path)
    {
        CheckPower();
        if (!_names.TryGetValue(Full(path), out VirtualFile? file))
            throw new FileNotFoundException($"'{path}' is not there.", path);
        return new VirtualFileStream(file, disk: null, random);
    }

    public override void Flush(Stream file)
    {
        Operate();
        ((VirtualFileStream)file).File.Flush();
    }

    public override void Rename(string from, string to, bool overwrite)
    {
        Operate();
        if (!_names.TryGetValue(Full(from), out VirtualFile? file))
            throw new FileNotFoundException($"'{from}' is not there.", from);
        if (!overwrite && Exists(to))
            throw new IOException($"'{to}' exists already.");
        Change(to, names =>
        {
            names.Remove(Full(from));
            names[Full(to)] = file;
        });
        if (_powerLossBeforeFolderFlush)
            throw PowerLost();
    }

    public override void FlushFolder(string folder)
    {
        Operate();
        foreach ((_, Action<Dictionary<string, VirtualFile>> change) in _unflushedNames.Where(item => item.Folder == Full(folder)))
            change(_safeNames);
        _unflushedNames.RemoveAll(item => item.Folder == Full(folder));
    }

    public override bool Exists(string path)
    {
        CheckPower();
        return _names.ContainsKey(Full(path));
    }

    public override IEnumerable<string> List(string folder, string pattern)
    {
        CheckPower();
        string wanted = Full(folder);
        return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == wanted).Order(StringComparer.Ordinal)
            .Where(path => FileSystemName.MatchesSimpleExpression(pattern, Path.GetFileName(path)))];
    }

    public override void Delete(string path)
    {
        Operate();
        if (Exists(path))
            Change(path, names => names.Remove(Full(path)));
    }

    public override DateTime LastWriteUtc(string path) => DateTime.UnixEpoch;

    /// <summary>Something is about to change: the power may go now, and space may be short.</summary>
    internal void Operate()
    {
        CheckPower();
        long operation = Operations++;
        if (operation >= _powerLossAt)
            throw PowerLost();
        if (operation >= _fullFrom && operation < _fullUntil)
        {
            _onFailure();
            throw new IOException("No space left on device.");
        }
    }

    private static string Full(string path) => Path.GetFullPath(path);

    private VirtualFileStream Add(string path)
    {
        var file = new VirtualFile([]);
        Change(path, names => names[Full(path)] = file);
        return new VirtualFileStream(file, this, random);
    }

    private void Change(string path, Action<Dictionary<string, VirtualFile>> change)
    {
        change(_names);
        _unflushedNames.Add((Path.GetDirectoryName(Full(path))!, change));
    }

    private void CheckPower()
    {
        if (HasLostPower)
            throw new PowerLossException();
    }

    private PowerLossException PowerLost()
    {
        HasLostPower = true;
        _onPowerLoss();
        return new PowerLossException();
    }
}
