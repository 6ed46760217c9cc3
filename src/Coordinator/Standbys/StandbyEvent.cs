namespace Lockstep.Coordinator.Standbys;

/// <summary>Something that happened while standing by.</summary>
public abstract record StandbyEvent
{
    /// <summary>No coordinator is reached yet, or not any more.</summary>
    /// <param name="Places">Where they are looked for.</param>
    public sealed record Looking(string Places) : StandbyEvent;

    /// <summary>All that the leader has saved is here, and what it saves from now on comes.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Step">Step of the newest checkpoint; 0 where there is none yet.</param>
    public sealed record Following(string Leader, string RunId, int Term, long Step) : StandbyEvent;

    /// <summary>A checkpoint was replicated.</summary>
    /// <param name="Step">Its step.</param>
    public sealed record Replicated(long Step) : StandbyEvent;

    /// <summary>The leader is lost, or has handed over.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="Reason">What was seen.</param>
    public sealed record LeaderLost(string Leader, string Reason) : StandbyEvent;

    /// <summary>This standby leads.</summary>
    /// <param name="Term">Its term.</param>
    /// <param name="Promised">Nodes that have promised it, itself included.</param>
    /// <param name="Nodes">Nodes that there are.</param>
    public sealed record Elected(int Term, int Promised, int Nodes) : StandbyEvent;

    /// <summary>Something went wrong that it survives.</summary>
    /// <param name="Message">What.</param>
    public sealed record Warning(string Message) : StandbyEvent;
}
