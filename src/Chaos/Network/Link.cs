using System.Diagnostics;

namespace Lockstep.Chaos.Network;

/// <summary>What lies between one process and all others: its connections to them and theirs to it, and what these let pass.</summary>
internal sealed class Link
{
    private readonly object _lock = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private double _bytesPerSecond = double.PositiveInfinity;
    private TimeSpan _freeAt;
    private bool _isHeld, _isClosed;

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public void Hold() => Change(() => _isHeld = true);

    /// <summary>What was held passes, and all that follows.</summary>
    public void Release() => Change(() => _isHeld = false);

    /// <summary>So many bytes a second pass, both ways and over all connections together; infinity is as fast as can be.</summary>
    public void Throttle(double bytesPerSecond) => Change(() => _bytesPerSecond = bytesPerSecond);

    /// <summary>Resets all connections that there are.</summary>
    public void Cut()
    {
        ProxiedConnection[] connections;
        lock (_lock)
            connections = [.. _connections];
        foreach (ProxiedConnection connection in connections)
            connection.Reset();
    }

    /// <summary>Ends all connections, and those to come.</summary>
    public void Close()
    {
        Change(() => _isClosed = true);
        Cut();
    }

    /// <summary>Takes a connection in; false when the link is closed.</summary>
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

    /// <summary>Waits until so many bytes may pass.</summary>
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
