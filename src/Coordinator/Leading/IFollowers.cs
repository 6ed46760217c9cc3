using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>The coordinators that replicate the run which this one leads.</summary>
internal interface IFollowers
{
    /// <summary>Those that have all that was saved so far, each with the step of its newest checkpoint.</summary>
    IEnumerable<(string Name, long Step)> Ready { get; }

    /// <summary>Whether any replicates, completely or not.</summary>
    bool Any { get; }

    /// <summary>What is on the disk may be replicated from now on.</summary>
    void Begin();

    /// <summary>A checkpoint was saved.</summary>
    void PostCheckpoint(string path, long step);

    /// <summary>Says to each follower, after everything that was saved, what is to become of the run; null ends their streams.</summary>
    void End(Farewell? why, string reason);
}

/// <summary>Follower -> coordination: it has the checkpoint of this step on its disk, or all that there was.</summary>
/// <param name="Name">HOST:PORT of the follower.</param>
/// <param name="Step">The step.</param>
/// <param name="IsFirst">Whether it has all that was saved for the first time.</param>
internal sealed record FollowerReplicated(string Name, long Step, bool IsFirst);

/// <summary>Follower -> coordination: it does not replicate any more.</summary>
internal sealed record FollowerLost(string Name, string Reason);
