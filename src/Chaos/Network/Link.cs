using System.Diagnostics;

namespace Lockstep.Chaos.Network;

/// <summary>The network between one process and all others: its connections in both directions, and how fast they are.</summary>
internal sealed class Link
{
    private readonly object _lock = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private double _bytesPerSecond = double.PositiveInfinity;
    private TimeSpan _freeAt;
    private bool _isHeld, _isClosed;

    /// <summary>Holds all bytes; no connection ends.</summary>
    public void Hold() => Change(() => _isHeld = true);

    /// <summary>Releases what was held, and all that follows.</summary>
    public void Release() => Change(() => _isHeld = false);

    /// <summary>Limits the bytes a second, both ways and over all connections together; infinity is no limit.</summary>
    public void Throttle(double bytesPerSecond) => Change(() => _bytesPerSecond = bytesPerSecond);

    /// <summary>Resets all open connections.</summary>
    public void Cut()
    {
        ProxiedConnection[] connections;
        lock (_lock)
            connections = [.. _connections];
        foreach (ProxiedConnection connection in connections)
            connection.Reset();
    }

    /// <summary>Ends all connections, present and future.</summary>
    public void Close()
    {
        Change(() => _isClosed = true);
        Cut();
    }

    /// <summary>Adds a connection; false when the link is closed.</summary>
    public bool Add(ProxiedConnection connection)
    {
        lock (_lock)
            return !_isClosed && _connections.Add(connection);
    }

    public void Remove(ProxiedConnection connection)
    {
        lock (_lock)
            _ = _connections.Remove(connection);
    }

    /// <summary>Waits until this many bytes may pass.</summary>
    public void Pass(int bytes)
    {
        TimeSpan wait;
        lock (_lock)
        {
            while (_isHeld && !_isClosed)
                Monitor.Wait(_lock);
            if (double.IsInfinity(_bytesPerSecond))
                return;
            TimeSpan now = Stopwatch.GetElapsedTime(0);
            _freeAt = (_freeAt > now ? _freeAt : now) + TimeSpan.FromSeconds(bytes / _bytesPerSecond);
            wait = _freeAt - now;
        }

        Thread.Sleep(wait);
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _freeAt = TimeSpan.Zero;
            Monitor.PulseAll(_lock);
        }
    }
}
