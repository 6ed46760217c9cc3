namespace Lockstep.Coordinator.Peers;

/// <summary>An effect that the caller of <see cref="Leadership"/> carries out.</summary>
internal abstract record LeadershipEffect
{
    /// <summary>Replicate what this peer saves.</summary>
    public sealed record Follow(int Peer) : LeadershipEffect;

    /// <summary>Stop following this peer.</summary>
    public sealed record Unfollow(int Peer, string Name, string Reason) : LeadershipEffect;

    /// <summary>Train from the newest checkpoint in the folder.</summary>
    /// <param name="Run">The run; 0 begins a new one.</param>
    /// <param name="Term">The term to lead with.</param>
    public sealed record Lead(ulong Run, int Term) : LeadershipEffect;

    /// <summary>End the own training, send its workers to this peer and follow it. Answered by <see cref="Leadership.Yielded"/>.</summary>
    public sealed record Yield(int Peer, string Name) : LeadershipEffect;

    /// <summary>The run has ended for all coordinators.</summary>
    /// <param name="IsComplete">Whether all steps are done and saved here; false if the run itself has failed.</param>
    /// <param name="Reason">The leader's message.</param>
    public sealed record Conclude(bool IsComplete, string Reason) : LeadershipEffect;

    /// <summary>Report what this coordinator waits for.</summary>
    public sealed record Wait(string Reason) : LeadershipEffect;
}
