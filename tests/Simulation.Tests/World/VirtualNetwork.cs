namespace Lockstep.Simulation.Tests.World;

/// <summary>
/// Hosts, and what lies between them. A stream keeps its order and loses no single frame; a partition holds back what is under way, as
/// TCP's retransmission would, until it heals. Other messages are lost in a partition. Host 0 is the coordinator's.
/// </summary>
internal sealed class VirtualNetwork(Timeline timeline, SimRandom random)
{
    private readonly HashSet<(int From, int To)> _blocked = [];
    private readonly Dictionary<int, int> _slowness = [];
    private readonly Dictionary<(int, int), FifoLine> _control = [];
    private readonly List<(int From, int To, Action Deliver)> _held = [];

    public Timeline Timeline => timeline;

    public bool IsOpen(int from, int to) => !_blocked.Contains((from, to));

    public bool IsOpenBothWays(int a, int b) => IsOpen(a, b) && IsOpen(b, a);

    public void Block(int from, int to) => _blocked.Add((from, to));

    public void Unblock(int from, int to)
    {
        _blocked.Remove((from, to));
        Action[] ready = [.. _held.Where(item => item.From == from && item.To == to).Select(item => item.Deliver)];
        _held.RemoveAll(item => item.From == from && item.To == to);
        foreach (Action deliver in ready)
            deliver();
    }

    /// <summary>Times by which everything from and to a host takes longer.</summary>
    public void SetSlowness(int host, int times) => _slowness[host] = times;

    public long Latency(int from, int to) =>
        random.Next(30, 1_500) * (long)Math.Max(_slowness.GetValueOrDefault(from, 1), _slowness.GetValueOrDefault(to, 1));

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
}
