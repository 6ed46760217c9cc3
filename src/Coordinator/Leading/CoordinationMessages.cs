using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

// Messages to the coordination, besides the reports of the other roles. All stay in the process.
namespace Lockstep.Coordinator.Leading;

/// <summary>Tensor listener -> coordinator: the worker at a cluster node has opened its stream with a valid token.</summary>
internal sealed record StreamOpened(string Node, FrameStream Connection);

/// <summary>Actor -> coordination: a worker asks to take part. The answer goes to <paramref name="Asker"/>.</summary>
/// <param name="Join">Its request.</param>
/// <param name="Name">HOST:PORT of its node.</param>
/// <param name="Node">Its unique address in the cluster.</param>
/// <param name="Asker">Receives the answer.</param>
internal sealed record WorkerAsked(JoinRun Join, string Name, string Node, IMailbox Asker);

/// <summary>Actor -> coordination: the cluster has removed a node.</summary>
internal sealed record NodeRemoved(string Node);

/// <summary>
/// Leadership -> coordination: the coordinator at <paramref name="Leader"/> is further. End at once and send the workers there.
/// </summary>
internal sealed record YieldRun(string Leader);

/// <summary>Host -> coordinator: finish the step, save, end. Answered by the result of the run.</summary>
internal sealed record StopRun;

/// <summary>Coordination -> leadership, several times a second.</summary>
/// <param name="Term">The term of the training.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="Workers">Ready workers.</param>
/// <param name="IsEnding">Whether the training has ended here.</param>
/// <param name="IsOver">Whether the run is over for everybody.</param>
internal sealed record RunProgressed(int Term, long Step, int Workers, bool IsEnding, bool IsOver)
{
    /// <summary>The progress to report after a message; null if the message does not change it.</summary>
    public static RunProgressed? After(object message, Coordination coordination, int term) =>
        message is CoordinationTick or StepReport or SnapshotSaved or TrainingEnded
        ? new RunProgressed(term, coordination.Step, coordination.Ready, coordination.Phase == RunPhase.Ending, coordination.IsOver) : null;
}

/// <summary>Timer -> coordination, every <see cref="Every"/>.</summary>
internal sealed record CoordinationTick
{
    public static readonly CoordinationTick Instance = new();

    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);
}
