
namespace Lockstep.Simulation.Tests.World;

/// <summary>A simulated process: what is meant for it is lost when it is dead, and waits while it is paused.</summary>
internal sealed class SimProcess(string name)
{
    public string Name { get; } = name;

    public bool IsAlive { get; set; } = true;

    public bool IsPaused { get; set; }

    public bool IsRunning => IsAlive && !IsPaused;

    public Queue<Action> Backlog { get; } = new();

    public override string ToString() => Name;
}

/// <summary>Keeps what passes through it in order, as a TCP connection or an actor's mailbox does.</summary>
internal sealed class FifoLine
{
    public long LastDelivery { get; set; }
}

/// <summary>
/// Virtual time, in microseconds, and all that is going to happen. One event after another, on the caller's thread; the order follows from
/// the delays alone. A message is an event that crosses from one actor, disk or process to another: faults are planned by their number.
/// </summary>
internal sealed class Timeline
{
    public const long Millisecond = 1_000;
    public const long Second = 1_000_000;

    private readonly PriorityQueue<Happening, (long Time, long Order)> _queue = new();
    private long _order;

    public long Now { get; private set; }

    /// <summary>Messages delivered so far.</summary>
    public long Messages { get; private set; }

    /// <summary>Everything that happened so far.</summary>
    public long Events { get; private set; }

    /// <summary>By how much the time of day was set forward.</summary>
    public TimeSpan TimeOfDaySet { get; set; }

    /// <summary>Called before each message, with its number.</summary>
    public Action<long>? BeforeMessage { get; set; }

    /// <summary>The log of a run that is looked at; null costs nothing.</summary>
    public List<string>? Log { get; init; }

    /// <summary>A message to a process after a delay, in the order of its line.</summary>
    public void Send(SimProcess to, FifoLine? line, long delay, string what, Action act) =>
        Add(to, line, delay, what, act, isMessage: true);

    /// <summary>Something that is no message: a timer, or work that is done.</summary>
    public void After(SimProcess to, long delay, Action act) => Add(to, null, delay, null, act, isMessage: false);

    /// <summary>Something that happens again and again, as long as its process lives.</summary>
    public void Every(SimProcess to, long period, Action act) => After(to, period, () =>
    {
        Every(to, period, act);
        act();
    });

    /// <summary>The next event. False when nothing is left.</summary>
    public bool Step()
    {
        if (!_queue.TryDequeue(out Happening next, out (long Time, long Order) when))
            return false;
        Now = when.Time;
        Events++;
        if (next.What is not null)
        {
            long number = Messages++;
            BeforeMessage?.Invoke(number);
        }

        if (!next.To.IsAlive)
            return true;
        if (next.What is not null)
            Log?.Add($"{Now / 1000.0,10:0.000} ms  #{Messages - 1,-4} {next.To}: {next.What}");
        if (next.To.IsPaused)
            next.To.Backlog.Enqueue(next.Act);
        else
            next.Act();
        return true;
    }

    /// <summary>SIGCONT: what has waited happens at once, in its order.</summary>
    public static void Resume(SimProcess process)
    {
        process.IsPaused = false;
        while (process.IsRunning && process.Backlog.TryDequeue(out Action? act))
            act();
    }

    public void Note(string text) => Log?.Add($"{Now / 1000.0,10:0.000} ms        {text}");

    private void Add(SimProcess to, FifoLine? line, long delay, string? what, Action act, bool isMessage)
    {
        long time = Now + delay;
        if (line is not null)
            line.LastDelivery = time = Math.Max(time, line.LastDelivery);
        _queue.Enqueue(new Happening(to, isMessage ? what : null, act), (time, _order++));
    }

    private readonly record struct Happening(SimProcess To, string? What, Action Act);
}
