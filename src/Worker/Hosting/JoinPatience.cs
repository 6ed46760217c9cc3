using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Hosting;

/// <summary>How long a worker goes on looking for a coordinator, over all its memberships of clusters.</summary>
/// <param name="timeout">How long to try to reach a coordinator, at first and when one is lost.</param>
/// <param name="time">A clock whose timestamps nobody sets.</param>
internal sealed class JoinPatience(TimeSpan timeout, TimeProvider time)
{
    // A node that the cluster has removed before it knew that it had joined waits in vain, whatever becomes of the network: another one is needed.
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(20);

    private long _unansweredSince = time.GetTimestamp();

    /// <summary>What is left of the time in which a coordinator must answer.</summary>
    public TimeSpan Left => timeout - time.GetElapsedTime(_unansweredSince);

    /// <summary>How long the next membership may take to be let in.</summary>
    public TimeSpan OfMembership => Left < NodeTimeout ? Left : NodeTimeout;

    /// <summary>How the worker ends after one membership; null to join again.</summary>
    /// <param name="result">How the membership ended.</param>
    /// <param name="isAskedToStop">Whether the worker should leave: one that lost the coordinator at that moment has done so.</param>
    public WorkerResult? Conclude(WorkerResult result, bool isAskedToStop)
    {
        switch (result.Outcome)
        {
            case WorkerOutcome.Disconnected when isAskedToStop:
                return LeaderSearch.Stopped;
            case WorkerOutcome.Disconnected:
                _unansweredSince = time.GetTimestamp();
                return null;
            case WorkerOutcome.CoordinatorLost when Left > TimeSpan.Zero && !isAskedToStop:
                return null;
            default:
                return result;
        }
    }
}
