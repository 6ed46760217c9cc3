using System.Net.Sockets;
using Lockstep.Shared.Streaming;

namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// Machines, and what lies between them, each way for itself. A stream keeps its order and loses no single frame; a partition holds back
/// what is under way, as TCP's retransmission would, until it heals. Other messages are lost in a partition. To a machine without power
/// no way is open.
/// </summary>
internal sealed class VirtualNetwork(Timeline timeline, SimRandom random)
{
    private readonly HashSet<(int From, int To)> _blocked = [];
    private readonly HashSet<int> _off = [];
    private readonly Dictionary<int, int> _slowness = [];
    private readonly Dictionary<(int, int), int> _slowWays = [];
    private readonly Dictionary<(int, int), FifoLine> _control = [];
    private readonly List<(int From, int To, Action Deliver)> _held = [];
    private readonly Dictionary<(int Host, int Port), (SimProcess Process, Action<VirtualConnection> Accept)> _listeners = [];
    private readonly List<VirtualConnection> _connections = [];

    // What systems do for their processes.
    private readonly SimProcess _systems = new("network");

    public Timeline Timeline => timeline;

    public bool IsOpen(int from, int to) => !_blocked.Contains((from, to)) && !_off.Contains(from) && !_off.Contains(to);

    public bool IsOpenBothWays(int a, int b) => IsOpen(a, b) && IsOpen(b, a);

    public void Block(int from, int to) => _blocked.Add((from, to));

    public void Unblock(int from, int to)
    {
        _blocked.Remove((from, to));
        SendHeld();
    }

    /// <summary>Times by which everything from and to a host takes longer.</summary>
    public void SetSlowness(int host, int times) => _slowness[host] = times;

    /// <summary>Times by which everything from one host to another takes longer, besides.</summary>
    public void SetSlowness(int from, int to, int times) => _slowWays[(from, to)] = times;

    public long Latency(int from, int to)
    {
        long latency = from == to ? random.Next(10, 120) : random.Next(30, 1_500);
        int slowness = Math.Max(_slowness.GetValueOrDefault(from, 1), _slowness.GetValueOrDefault(to, 1));
        return latency * slowness * _slowWays.GetValueOrDefault((from, to), 1);
    }

    /// <summary>A message outside of the streams: arrives once or not at all.</summary>
    public void Control(int from, int to, SimProcess process, string what, Action act)
    {
        if (!IsOpen(from, to))
            return;
        if (!_control.TryGetValue((from, to), out FifoLine? line))
            _control[(from, to)] = line = new FifoLine();
        timeline.Send(process, line, Latency(from, to), what, act);
    }

    /// <summary>A part of a stream: waits while the way is blocked.</summary>
    public void Stream(int from, int to, SimProcess process, FifoLine line, string what, Action act)
    {
        if (IsOpen(from, to))
            timeline.Send(process, line, Latency(from, to), what, act);
        else
            _held.Add((from, to, () => Stream(from, to, process, line, what, act)));
    }

    /// <summary>What a system lets the other know: no message, but it waits while the way is blocked.</summary>
    public void Acknowledge(int from, int to, Action act)
    {
        if (IsOpen(from, to))
            act();
        else
            _held.Add((from, to, act));
    }

    /// <summary>A process accepts connections, in place of any that did at this port.</summary>
    public void Listen(int host, int port, SimProcess process, Action<VirtualConnection> accept) =>
        _listeners[(host, port)] = (process, accept);

    /// <summary>
    /// A process connects: it gets the connection, or the reason why not. Where nobody listens it is refused; a way that is blocked says
    /// nothing until the time is over.
    /// </summary>
    /// <param name="fromHost">The machine of the process.</param>
    /// <param name="from">The process.</param>
    /// <param name="toHost">The other machine.</param>
    /// <param name="port">Port there.</param>
    /// <param name="timeout">How long to try, in microseconds.</param>
    /// <param name="connected">Gets the connection; what the far end sends at once comes later.</param>
    /// <param name="failed">Gets the reason.</param>
    public void Dial(
        int fromHost, SimProcess from, int toHost, int port, long timeout,
        Action<VirtualConnection> connected, Action<StreamException> failed)
    {
        bool isOver = false;
        string peer = $"host {toHost}:{port}";
        var late = new StreamException(StreamError.Timeout, peer, "no connection in time.");
        timeline.After(from, timeout, () => EndWith(() => failed(late)));
        Stream(fromHost, toHost, _systems, new FifoLine(), $"{from} dials {peer}", () =>
        {
            if (isOver || !from.IsAlive)
                return;
            (SimProcess? process, Action<VirtualConnection> accept) = _listeners.GetValueOrDefault((toHost, port));
            if (process is not { IsAlive: true })
            {
                var refused = new StreamException(
                    StreamError.Unreachable, peer, "no connection: Connection refused.",
                    new SocketException((int)SocketError.ConnectionRefused));
                Stream(toHost, fromHost, from, new FifoLine(), "connection refused", () => EndWith(() => failed(refused)));
                return;
            }

            (VirtualConnection near, VirtualConnection far) = VirtualConnection.Connect(this, fromHost, from, toHost, process);
            near.SendFirst("connection accepted", () => accept(far));
            far.SendFirst("connected", () => EndWith(() => connected(near), near.Dispose));
        });

        void EndWith(Action act, Action? otherwise = null)
        {
            if (isOver)
            {
                otherwise?.Invoke();
                return;
            }

            isOver = true;
            act();
        }
    }

    /// <summary>A process dies, and its system ends its connections.</summary>
    public void Kill(SimProcess process)
    {
        process.IsAlive = false;
        foreach (VirtualConnection connection in _connections.Where(connection => connection.Process == process).ToList())
            connection.Abandon(tellsPeer: true);
    }

    /// <summary>A machine loses its power: its processes are dead, what it had not sent yet is lost, and its peers hear nothing.</summary>
    public void PowerOff(int host, params IEnumerable<SimProcess> processes)
    {
        _off.Add(host);
        _held.RemoveAll(item => item.From == host);
        foreach (SimProcess process in processes)
            process.IsAlive = false;
        foreach (VirtualConnection connection in _connections.Where(connection => connection.Host == host).ToList())
            connection.Abandon(tellsPeer: false);
    }

    /// <summary>A machine is there again, and knows nothing of its connections: who sends to it is told.</summary>
    public void PowerOn(int host)
    {
        _off.Remove(host);
        foreach (VirtualConnection orphan in _connections.Where(connection => connection.IsOrphan && connection.PeerHost == host).ToList())
            orphan.Reset();
        SendHeld();
    }

    public void Add(VirtualConnection connection) => _connections.Add(connection);

    public void Remove(VirtualConnection connection) => _connections.Remove(connection);

    private void SendHeld()
    {
        List<Action> ready = [.. _held.Where(item => IsOpen(item.From, item.To)).Select(item => item.Deliver)];
        _held.RemoveAll(item => IsOpen(item.From, item.To));
        foreach (Action deliver in ready)
            deliver();
    }
}
