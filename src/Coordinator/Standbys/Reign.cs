using Akka.Actor;

namespace Lockstep.Coordinator.Standbys;

/// <summary>What a standby leads with: its node in the cluster, and the term that the others have promised it.</summary>
public sealed class Reign
{
    internal Reign(ActorSystem system, ulong run, int term) => (System, Run, Term) = (system, run, term);

    internal ActorSystem System { get; }

    internal ulong Run { get; }

    /// <summary>The run, as 16 hexadecimal digits.</summary>
    public string RunId => Run.ToString("x16");

    /// <summary>Its term as coordinator of the run.</summary>
    public int Term { get; }
}
