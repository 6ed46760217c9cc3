using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

// What the links to workers tell the other roles of the coordinator's process.
namespace Lockstep.Coordinator.Links;

/// <summary>Worker link -> coordinator: the worker has spec and data; <paramref name="Fingerprint"/> shows its numerics.</summary>
internal sealed record LinkReady(WorkerId Worker, string Fingerprint);

/// <summary>Worker link -> coordinator: the worker wants to leave, and why. It waits until it owes nothing; the parameter server then lets it go.</summary>
internal sealed record LinkLeaving(WorkerId Worker, string Reason);

/// <summary>Worker link -> coordinator: the stream ended, or (<paramref name="IsFault"/>) the worker broke the protocol. It counts as dead.</summary>
internal sealed record LinkLost(WorkerId Worker, string Reason, bool IsFault);

/// <summary>
/// Worker link -> parameter server: the gradient of a tree node; the receiver owns its buffer. Several come in each step, so the message is not made
/// anew: each gradient has its own, and sends it again.
/// </summary>
internal sealed class NodeArrived(NodeGradient gradient)
{
    /// <summary>Where it came from.</summary>
    public WorkerLink Link { get; private set; } = null!;

    /// <summary>The step that it was computed for.</summary>
    public long Step { get; private set; }

    /// <summary>The tree node.</summary>
    public TreeNode Node { get; private set; }

    /// <summary>Time that the worker took.</summary>
    public int ComputeMicroseconds { get; private set; }

    /// <summary>The gradient.</summary>
    public NodeGradient Gradient => gradient;

    /// <summary>The message for a gradient that has just come.</summary>
    public NodeArrived With(WorkerLink link, long step, TreeNode node, int computeMicroseconds)
    {
        (Link, Step, Node, ComputeMicroseconds) = (link, step, node, computeMicroseconds);
        return this;
    }
}
