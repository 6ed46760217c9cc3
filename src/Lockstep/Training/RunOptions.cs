using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Training;

/// <summary>
/// How a training is run in this process, who is told of it, and what is kept of it. Nothing in here influences a weight. <see cref="ClusterOptions"/> has
/// more, for a training that other processes take part in.
/// <para>
/// Calls come one at a time and in order, before the task of the training completes: in this process on the thread that trains, which goes on when they
/// return; on a cluster on a thread of the coordinator, while the training goes on. An exception from one of them stops the training and comes out of its task.
/// </para>
/// </summary>
public record RunOptions
{
    /// <summary>
    /// Folder of the run, made if need be: configuration, metrics, events, trace, checkpoints, log and summary, as <c>lockstep train</c> writes them;
    /// what is in there can be resumed, verified and looked at by the command, too. Null, the default, keeps nothing on the disk.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>
    /// Whether <see cref="RunFolder"/> may hold the beginning of this run, without a checkpoint: it is trained again. Default false: such a folder is refused.
    /// </summary>
    public bool Reopens { get; init; }

    /// <summary>
    /// Compute threads: in this process, or of each worker that is started on this machine. 0, the default, divides the processors that this process may
    /// use among them.
    /// </summary>
    public int Lanes { get; init; }

    /// <summary>When to evaluate on the validation images, which gives a <see cref="TrainingEpoch"/>. Default every epoch.</summary>
    public Cadence EvaluateEvery { get; init; } = new(1, InEpochs: true);

    /// <summary>When to save a checkpoint in <see cref="RunFolder"/>; the last step always is. Default every epoch.</summary>
    public Cadence CheckpointEvery { get; init; } = new(1, InEpochs: true);

    /// <summary>Newest checkpoints to keep, ≥ 1. Default 3.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>After each optimizer step.</summary>
    public Action<TrainingStep>? OnStep { get; init; }

    /// <summary>
    /// When <see cref="EvaluateEvery"/> says, and after the last step. A cluster evaluates beside the training: there it comes when some more steps are done.
    /// </summary>
    public Action<TrainingEpoch>? OnEpoch { get; init; }

    /// <summary>
    /// A few times a second: enough for a display. Called directly; a <see cref="Progress{T}"/> hands over to the thread that made it.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Everything that happens in the run. On a cluster the first event is <see cref="RunEvent.Listening"/>, with the address to join.
    /// </summary>
    public Action<RunEvent>? OnEvent { get; init; }

    /// <summary>Where logs go, besides the log in <see cref="RunFolder"/>. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Properties for the run's <c>config.json</c>, besides what the library writes there itself: whatever a program wants to know of the run later.
    /// Values are texts, numbers or truth values.
    /// </summary>
    public IReadOnlyDictionary<string, object> Configuration { get; init; } = new Dictionary<string, object>();

    /// <summary>What a person is told to do to go on with a run that was stopped. Null, the default, is <c>lockstep train --resume FOLDER</c>.</summary>
    public string? ResumeCommand { get; init; }
}
