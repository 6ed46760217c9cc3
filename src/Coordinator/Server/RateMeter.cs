namespace Lockstep.Coordinator.Server;

/// <summary>Examples per second over about the last second.</summary>
internal sealed class RateMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private readonly Queue<(TimeSpan Time, long Examples)> _marks = new([(TimeSpan.Zero, 0L)]);

    public double Update(TimeSpan now, long examples)
    {
        while (_marks.Count > 1 && now - _marks.Peek().Time > Window)
            _marks.Dequeue();
        (TimeSpan time, long before) = _marks.Peek();
        _marks.Enqueue((now, examples));
        return now > time ? (examples - before) / (now - time).TotalSeconds : 0;
    }
}
