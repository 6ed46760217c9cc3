namespace Lockstep.Worker.Sessions;

/// <summary>The status of a worker. Thread-safe.</summary>
public sealed class WorkerStatus
{
    private volatile string? _name;
    private JoinedRun? _run;
    private long _step;

    /// <summary>HOST:PORT of its node, which is its name at the coordinator; null before it has one. Changes when it rejoins.</summary>
    public string? Name
    {
        get => _name;
        internal set => _name = value;
    }

    /// <summary>The run that it takes part in; null without a run or before its data has arrived.</summary>
    public JoinedRun? Run => Volatile.Read(ref _run);

    /// <summary>The step of its newest weights.</summary>
    public long Step
    {
        get => Volatile.Read(ref _step);
        internal set => Volatile.Write(ref _step, value);
    }

    internal void Join(JoinedRun run) => Volatile.Write(ref _run, run);

    /// <summary>Clears the run, unless a later one has begun.</summary>
    internal void Leave(JoinedRun run) => Interlocked.CompareExchange(ref _run, null, run);
}

/// <summary>A run that a worker takes part in.</summary>
/// <param name="RunId">The run, as 16 hexadecimal digits.</param>
/// <param name="Term">The coordinator's term.</param>
public sealed record JoinedRun(string RunId, int Term);
