using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Runs;
using Lockstep.TensorBoard;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Training;

/// <summary>
/// How to run a training in this process, whom to tell, and what to keep. No option influences the weights. <see cref="ClusterOptions"/>
/// has more, for a training in several processes.
/// <para>
/// Callbacks run one at a time and in order, before the task of the training completes: in this process on the training thread, which waits
/// for them; on a cluster on a thread of the coordinator, while the training goes on. An exception from a callback stops the training and
/// faults its task.
/// </para>
/// </summary>
public record RunOptions
{
    /// <summary>
    /// Folder of the run, created if need be: configuration, metrics, events, trace, checkpoints, log and summary, as <c>lockstep train</c>
    /// writes them; the command can resume, verify and inspect it. Null, the default, writes nothing to the disk.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>
    /// Whether <see cref="RunFolder"/> may hold a beginning of this run without a checkpoint, which is then trained again. Default false:
    /// such a folder is refused.
    /// </summary>
    public bool Reopens { get; init; }

    /// <summary>
    /// Compute threads of this process, or of each worker that it starts on this machine. 0, the default, divides the processors that this
    /// process may use among them.
    /// </summary>
    public int Lanes { get; init; }

    /// <summary>When to evaluate on the validation images, which gives a <see cref="TrainingEpoch"/>. Default every epoch. A run with
    /// <see cref="TrainerOptions.Stop"/> is evaluated as that says.</summary>
    public Cadence EvaluateEvery { get; init; } = new(1, InEpochs: true);

    /// <summary>When to save a checkpoint in <see cref="RunFolder"/>; the last step always is. Default every epoch.</summary>
    public Cadence CheckpointEvery { get; init; } = new(1, InEpochs: true);

    /// <summary>Newest checkpoints to keep, ≥ 1. Default 3.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>
    /// Keep the checkpoint with the best validation result, whatever its age: <see cref="TrainingResult.Best"/>. The step after an
    /// evaluation then waits for its result. Null, the default, keeps none.
    /// </summary>
    public ValidationMetric? KeepBest { get; init; }

    /// <summary>
    /// Event files for TensorBoard in the folder <c>tensorboard</c> of <see cref="RunFolder"/>, written beside the training: curves,
    /// histograms of the weights and pictures at every checkpoint, and the settings. Null, the default, writes none.
    /// </summary>
    public TensorBoardOptions? TensorBoard { get; init; }

    /// <summary>After each optimizer step.</summary>
    public Action<TrainingStep>? OnStep { get; init; }

    /// <summary>
    /// After the steps of <see cref="EvaluateEvery"/> and after the last one. A cluster evaluates beside the training, so the call comes
    /// some steps later.
    /// </summary>
    public Action<TrainingEpoch>? OnEpoch { get; init; }

    /// <summary>
    /// A few times a second, for a display. Called directly; a <see cref="Progress{T}"/> forwards to the thread that created it.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>
    /// Every event of the run. On a cluster the first one is <see cref="RunEvent.Listening"/>, with the address to join.
    /// </summary>
    public Action<RunEvent>? OnEvent { get; init; }

    /// <summary>Where logs go, besides the log in <see cref="RunFolder"/>. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// More properties for the run's <c>config.json</c>, besides those that the library writes. Values are texts, numbers or truth values.
    /// </summary>
    public IReadOnlyDictionary<string, object> Configuration { get; init; } = new Dictionary<string, object>();

    /// <summary>
    /// The command shown for resuming a run that was stopped. Null, the default, is <c>lockstep train --resume FOLDER</c>.
    /// </summary>
    public string? ResumeCommand { get; init; }
}
