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
