namespace Lockstep.Coordinator.Standbys;

/// <summary>How standing by ended.</summary>
public abstract record StandbyResult
{
    /// <summary>This process leads: train on with <see cref="TrainingHost"/> and this reign, from the newest checkpoint in its folder.</summary>
    /// <param name="Reign">What it leads with.</param>
    public sealed record Leads(Reign Reign) : StandbyResult;

    /// <summary>The run is complete; its last checkpoint is in the folder.</summary>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    public sealed record Completed(string RunId) : StandbyResult;

    /// <summary>The run failed under its leader, and nobody is to go on with it.</summary>
    /// <param name="Reason">What the leader said.</param>
    public sealed record Failed(string Reason) : StandbyResult;

    /// <summary>The leader's run is another one than this standby was started for.</summary>
    /// <param name="Leader">The leader's run.</param>
    /// <param name="Address">HOST:PORT of the leader.</param>
    public sealed record OtherRun(Lockstep.Model.Specs.RunSpec Leader, string Address) : StandbyResult;

    /// <summary>The leader does not let it stand by.</summary>
    /// <param name="Reason">Why, and what to do.</param>
    public sealed record Refused(string Reason) : StandbyResult;

    /// <summary>It was asked to stop.</summary>
    public sealed record Stopped : StandbyResult;
}
