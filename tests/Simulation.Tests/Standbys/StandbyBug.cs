namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>Bugs planted around the decisions about who leads.</summary>
internal enum StandbyBug
{
    None,

    /// <summary>A worker follows whoever offers, whatever the term.</summary>
    NoTermCheck,

    /// <summary>A standby leads without asking anybody.</summary>
    LeadWithoutMajority,

    /// <summary>A standby leads with the term of the one that is gone.</summary>
    KeepTerm,

    /// <summary>A node promises without remembering it.</summary>
    ForgetPromise,

    /// <summary>A node promises though it hears the leader.</summary>
    PromiseWhileLeaderIsHeard,

    /// <summary>A standby takes the pieces of a checkpoint for a whole one.</summary>
    ResumeFromPart,

    /// <summary>A standby that does not have everything yet leads all the same.</summary>
    LeadWithNothing,
}
