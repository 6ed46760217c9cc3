using Lockstep.Worker.Sessions;

namespace Lockstep.Worker.Hosting;

/// <summary>Limits how long a worker looks for a coordinator, over all its cluster memberships.</summary>
/// <param name="timeout">How long to try to reach a coordinator, at first and after losing one.</param>
/// <param name="time">A monotonic clock.</param>
internal sealed class JoinDeadline(TimeSpan timeout, TimeProvider time)
{
    // If the cluster removes a node before the node knows that it has joined, the node waits in vain. A new node is needed.
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(20);

    private long _unansweredSince = time.GetTimestamp();

    /// <summary>Time left until a coordinator must have answered.</summary>
    public TimeSpan Left => timeout - time.GetElapsedTime(_unansweredSince);

    /// <summary>How long the next membership may take to be admitted.</summary>
    public TimeSpan ForMembership => Left < NodeTimeout ? Left : NodeTimeout;

    /// <summary>The result of the worker after one membership; null to join again.</summary>
    /// <param name="result">Result of the membership.</param>
    /// <param name="isAskedToStop">
    /// Whether the worker should leave. Losing the coordinator at that moment then counts as having left.
    /// </param>
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
