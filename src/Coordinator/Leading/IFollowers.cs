using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Leading;

/// <summary>The coordinators that replicate the run that this one leads.</summary>
internal interface IFollowers
{
    /// <summary>Followers that have everything saved so far, each with the step of its newest checkpoint.</summary>
    IEnumerable<(string Name, long Step)> Ready { get; }

    /// <summary>Whether any coordinator replicates, completely or not.</summary>
    bool Any { get; }

    /// <summary>Allows replication of what is on the disk from now on.</summary>
    void Begin();

    /// <summary>Announces a saved checkpoint.</summary>
    void PostCheckpoint(string path, long step);

    /// <summary>Announces that the best checkpoint so far is saved. Replicated before a checkpoint that is announced later.</summary>
    void PostBest(string path, long step);

    /// <summary>Tells each follower, after everything that was saved, what becomes of the run; null ends the streams.</summary>
    void End(ByeReason? why, string reason);
}

/// <summary>Follower -> coordination: it has the checkpoint of this step on its disk, or everything there was.</summary>
/// <param name="Name">HOST:PORT of the follower.</param>
/// <param name="Step">The step.</param>
/// <param name="IsFirst">Whether it is complete for the first time.</param>
internal sealed record FollowerReplicated(string Name, long Step, bool IsFirst);

/// <summary>Follower -> coordination: it no longer replicates.</summary>
internal sealed record FollowerLost(string Name, string Reason);
