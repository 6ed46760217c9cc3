using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.ParameterServer;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Streaming;

// The conversation among the actors of the coordinator's process. None of these crosses a process.
namespace Lockstep.Coordinator;

/// <summary>Worker link -> coordinator: the worker has spec and data; <paramref name="Fingerprint"/> shows its numerics.</summary>
internal sealed record LinkReady(WorkerId Worker, string Fingerprint);

/// <summary>Worker link -> coordinator: the worker wants to leave, and why. It waits until it owes nothing; the parameter server then lets it go.</summary>
internal sealed record LinkLeaving(WorkerId Worker, string Reason);

/// <summary>Worker link -> coordinator: the stream ended, or (<paramref name="IsFault"/>) the worker broke the protocol. It counts as dead.</summary>
internal sealed record LinkLost(WorkerId Worker, string Reason, bool IsFault);

/// <summary>Tensor listener -> coordinator: the worker at a node of the cluster opened its stream with a valid token.</summary>
internal sealed record StreamOpened(string Node, FrameStream Connection);

/// <summary>Actor -> coordination: a worker asks to take part; <paramref name="Asker"/> gets the answer.</summary>
/// <param name="Join">What it said.</param>
/// <param name="Name">HOST:PORT of its node.</param>
/// <param name="Node">Its unique address in the cluster.</param>
/// <param name="Asker">Where the answer goes.</param>
internal sealed record WorkerAsked(JoinRun Join, string Name, string Node, IMailbox Asker);

/// <summary>Actor -> coordination: the cluster has removed a node.</summary>
internal sealed record NodeRemoved(string Node);

/// <summary>Leadership -> coordination: the coordinator at <paramref name="Leader"/> is further; end at once, and send the workers away.</summary>
internal sealed record YieldRun(string Leader);

/// <summary>Checkpointer -> coordination: the trace stands where training begins, so followers may have it.</summary>
internal sealed record TraceBegun;

/// <summary>Launched workers -> coordinator: a process started here has ended; its worker was on <paramref name="Host"/>, or (null) this machine.</summary>
internal sealed record LaunchedWorkerExited(int Process, string? Host, int ExitCode, string LastWords);

/// <summary>Launched workers -> coordinator, some times while it takes long: how much of the program a machine has got.</summary>
internal sealed record LaunchProgressed(string Host, long Bytes, long TotalBytes);

/// <summary>Host -> coordinator: finish the step, save, end. Answered by the end of the run.</summary>
internal sealed record StopRun;

/// <summary>Coordinator -> parameter server: who takes part from the next step on. What lost workers owe in this step is asked of others at once.</summary>
internal sealed record ChangeWorkers(IReadOnlyList<StepWorker> Workers, IReadOnlyDictionary<WorkerId, WorkerLink> Links);

/// <summary>Coordinator -> parameter server: no more steps after the one under way; if none can be completed, the last complete one counts.</summary>
internal sealed record EndTraining(bool WaitForStep);

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

/// <summary>Parameter server -> coordinator, some times a second: how far the run is, and who owns what. Sums since the last line of metrics.</summary>
internal sealed record StepReport(long Step, NodeStatistics Unreported, double ExamplesPerSecond, Roster Roster);

/// <summary>Parameter server -> coordinator, after each step if the options ask for it: what its batch gave.</summary>
internal sealed record StepDone(long Step, NodeStatistics Statistics);

/// <summary>
/// Parameter server -> coordinator: the last step is done. The final weights are held for the receiver;
/// <paramref name="IsSaving"/> when the checkpointer will say how their checkpoint went.
/// </summary>
internal sealed record TrainingEnded(long Step, WeightsVersion Weights, long Examples, double TrainSeconds, bool IsSaving, string? Failure);

/// <summary>
/// Parameter server -> evaluator: evaluate these weights (held for the receiver) and complete the line. Answered to the coordinator by
/// <see cref="MetricsReady"/>, and to the sender by <see cref="EvaluationDone"/>.
/// </summary>
internal sealed record EvaluateMetrics(WeightsVersion Weights, MetricsRow Partial, IMailbox ReplyTo);

/// <summary>Evaluator -> parameter server: it has let go of the weights of one line.</summary>
internal sealed record EvaluationDone
{
    public static readonly EvaluationDone Instance = new();
}

/// <summary>Evaluator -> coordinator: a line of metrics.</summary>
internal sealed record MetricsReady(MetricsRow Metrics);

/// <summary>Coordinator -> evaluator: evaluate the final weights. Answered by <see cref="FinalEvaluationReady"/>.</summary>
internal sealed record EvaluateFinal(WeightsVersion Weights);

/// <summary>Evaluator -> coordinator: accuracy of the final weights.</summary>
internal sealed record FinalEvaluationReady(double ValidationAccuracy, double TestAccuracy);

/// <summary>
/// Parameter server -> checkpointer: write this to the disk. Weights and velocity are held for the receiver; answered to the coordinator by
/// <see cref="SnapshotSaved"/> or <see cref="SnapshotFailed"/>, and to the sender by <see cref="SnapshotDone"/>.
/// </summary>
internal sealed record SaveSnapshot(WeightsVersion Weights, AlignedBuffer? Velocity, NodeStatistics Unreported, bool IsFinal, IMailbox ReplyTo);

/// <summary>Checkpointer -> parameter server: it has let go of the weights, the velocity buffer may be used again, and the next snapshot may come.</summary>
internal sealed record SnapshotDone(AlignedBuffer? Velocity);

/// <summary>
/// Parameter server -> coordinator, once a run: a checkpoint fell due before an earlier one was written, and takes the place of the one that waited.
/// </summary>
internal sealed record SnapshotsMerged(long Step);

/// <summary>Checkpointer -> coordinator: it is safely there.</summary>
internal sealed record SnapshotSaved(string Path, long Step, bool IsFinal);

/// <summary>Checkpointer -> coordinator: it could not be written; older checkpoints are still there.</summary>
internal sealed record SnapshotFailed(long Step, string Reason, bool IsFinal);

/// <summary>Parameter server -> checkpointer, before the first step: the trace begins here.</summary>
internal sealed record BeginTrace(TraceStart Start);

/// <summary>
/// Parameter server -> checkpointer, some times a second and before each snapshot: steps for the trace. The receiver owns the batch; answered by
/// <see cref="TraceBatchFreed"/>.
/// </summary>
internal sealed record AppendTrace(List<TracedStep> Batch, IMailbox ReplyTo);

/// <summary>Checkpointer -> parameter server: the batch may be used again.</summary>
internal sealed record TraceBatchFreed(List<TracedStep> Batch);

/// <summary>Checkpointer or parameter server -> coordinator: something is wrong with the trace, a sentence for people. The run goes on.</summary>
internal sealed record TraceTroubled(string Problem);
