namespace Lockstep.Worker.Sessions;

/// <summary>How a worker stands, for whoever watches it from another thread.</summary>
public sealed class WorkerStatus
{
    private volatile string? _name;
    private JoinedRun? _run;
    private long _step;

    /// <summary>HOST:PORT of its node, by which the coordinator names it; null before it has one. A worker that joins again has another one.</summary>
    public string? Name
    {
        get => _name;
        internal set => _name = value;
    }

    /// <summary>The run that it takes part in; null while it has none, or not yet its data.</summary>
    public JoinedRun? Run => Volatile.Read(ref _run);

    /// <summary>The step whose weights it had last.</summary>
    public long Step
    {
        get => Volatile.Read(ref _step);
        internal set => Volatile.Write(ref _step, value);
    }

    internal void Join(JoinedRun run) => Volatile.Write(ref _run, run);

    /// <summary>The part in this run is over; a later one may have begun.</summary>
    internal void Leave(JoinedRun run) => Interlocked.CompareExchange(ref _run, null, run);
}

/// <summary>A run that a worker takes part in.</summary>
/// <param name="RunId">The run, as 16 hexadecimal digits.</param>
/// <param name="Term">Incarnation of its coordinator.</param>
public sealed record JoinedRun(string RunId, int Term);
