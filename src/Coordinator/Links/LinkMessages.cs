using System.Net;
using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

// Messages from worker links to the other roles. All stay in the process.
namespace Lockstep.Coordinator.Links;

/// <summary>Worker link -> coordinator: the worker has spec and data. <paramref name="Fingerprint"/> is its numerics fingerprint.</summary>
internal sealed record LinkReady(WorkerId Worker, string Fingerprint);

/// <summary>Worker link -> coordinator: the worker wants to leave, and why. The parameter server lets it go once it owes nothing.</summary>
internal sealed record LinkLeaving(WorkerId Worker, string Reason);

/// <summary>
/// Worker link -> coordinator: the stream ended, or (if <paramref name="IsFault"/>) the worker broke the protocol. The worker is lost.
/// </summary>
internal sealed record LinkLost(WorkerId Worker, string Reason, bool IsFault);

/// <summary>Worker link -> parameter server: other workers reach this one at <paramref name="Address"/>.</summary>
internal sealed record SliceReachable(WorkerId Worker, IPEndPoint Address);

/// <summary>
/// Worker link -> parameter server: the worker has heard from all others with which it exchanges slices in a plan; or it cannot reach one.
/// </summary>
internal sealed record SliceLinksChanged(WorkerId Worker, int Plan, WorkerId? Unreachable, string Problem);

/// <summary>
/// Worker link -> parameter server: the sum of a tree node has arrived in slices. The receiver owns its buffer.
/// </summary>
/// <param name="Step">The step that it was computed for.</param>
/// <param name="Node">The tree node.</param>
/// <param name="Gradient">The sum.</param>
/// <param name="Times">Compute time of each worker that sent a slice, in microseconds; 0 if not known.</param>
/// <param name="AreAtOdds">Whether the statistics of the slices differ, which are equal if all workers add up the same.</param>
internal sealed record SumArrived(
    long Step, TreeNode Node, NodeGradient Gradient, IReadOnlyList<(WorkerId Worker, int Microseconds)> Times, bool AreAtOdds);

/// <summary>Worker link -> parameter server: a worker's compute time of a step that is made in slices.</summary>
internal sealed record StepTimed(WorkerId Worker, long Step, int Microseconds);

/// <summary>
/// Worker link -> parameter server: the gradient of a tree node. The receiver owns its buffer. Each gradient reuses its own message,
/// because several arrive in each step.
/// </summary>
internal sealed class NodeArrived(NodeGradient gradient)
{
    /// <summary>The link that received it.</summary>
    public WorkerLink Link { get; private set; } = null!;

    /// <summary>The step that it was computed for.</summary>
    public long Step { get; private set; }

    /// <summary>The tree node.</summary>
    public TreeNode Node { get; private set; }

    /// <summary>Compute time of the worker.</summary>
    public int ComputeMicroseconds { get; private set; }

    public NodeGradient Gradient => gradient;

    /// <summary>Fills the message for a new gradient.</summary>
    public NodeArrived With(WorkerLink link, long step, TreeNode node, int computeMicroseconds)
    {
        (Link, Step, Node, ComputeMicroseconds) = (link, step, node, computeMicroseconds);
        return this;
    }
}
