using Lockstep.Interchange;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

namespace Lockstep.Training;

/// <summary>
/// Trains a model on a data set: in this process, or on a cluster that this process coordinates. Both give the same weights, to the byte.
/// It has no state of a training: every call begins anew and gives the same result.
/// </summary>
public sealed class Trainer
{
    private readonly RunInputs _inputs;

    /// <summary>Prepares a training, and checks everything that the weights depend on before anything is computed.</summary>
    /// <param name="model">The network: see <see cref="Models"/> and <see cref="ModelBuilder"/>.</param>
    /// <param name="data">Examples to train on and to validate with: see <see cref="Data.Datasets"/>.</param>
    /// <param name="options">How to train; null takes the defaults.</param>
    /// <exception cref="RequestException">
    /// Options are out of range, model and examples do not fit, or parameters cannot be restored; the messages have every mistake.
    /// </exception>
    public Trainer(ModelSpec model, Dataset data, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new TrainerOptions();
        RunSpec spec = RunPlan.Make(model, data, options);
        RestoreOrigin? origin = null;
        if (options.InitFrom is { } source)
        {
            Restored = source.PlanRestore(model, options.Restore);
            RestoreProblems.ThrowIfAny(Restored, options.Restore, model, source);
            spec = spec with { RestoredSha256 = Restored.Sha256 };
            origin = source.Path is { } path ? new RestoreOrigin(path, options.Restore) : null;
        }

        _inputs = Begin(spec, data, Restored?.Tensors ?? [], origin);
    }

    private Trainer(RunInputs inputs) => _inputs = inputs;

    /// <summary>Everything that the trained weights depend on.</summary>
    public RunSpec Run => _inputs.Spec;

    /// <summary>What is trained on.</summary>
    internal Dataset Data => _inputs.Data;

    /// <summary>What became of every parameter, with <see cref="TrainerOptions.InitFrom"/>; otherwise null.</summary>
    public RestorePlan? Restored { get; }

    /// <summary>The model that training begins with.</summary>
    public TrainedModel Initial => new(_inputs.Start);

    /// <summary>Prepares to resume a training that was stopped. The result has the same bytes as without the stop.</summary>
    /// <param name="model">The model so far: a result, or a checkpoint that was loaded. Options are those of its run.</param>
    /// <param name="data">The same data set.</param>
    /// <param name="totalSteps">New length of the run if it shall be longer; null keeps it.</param>
    /// <exception cref="RequestException">
    /// The data set is another one, or the run cannot have that length: it cannot become shorter, and with a cosine schedule not longer
    /// either.
    /// </exception>
    public static Trainer Resume(TrainedModel model, Dataset data, long? totalSteps = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        RunSpec spec = RunPlan.Resume(model.Run, data, totalSteps);
        return new Trainer(new RunInputs(spec, data, model.Checkpoint with { Spec = spec }, [], model.Path, IsResumed: true));
    }

    /// <summary>Prepares a training that begins with the weights of a file of another program.</summary>
    /// <param name="weights">The file, matched with the model.</param>
    /// <param name="data">Examples to train on and to validate with.</param>
    /// <param name="options">How to train; null takes the defaults.</param>
    /// <exception cref="RequestException">
    /// Options are out of range, or model and examples do not fit; the messages have every mistake.
    /// </exception>
    public static Trainer Import(ImportPlan weights, Dataset data, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(data);
        RunSpec spec = RunPlan.Make(weights.Model, data, options ?? new TrainerOptions()) with { RestoredSha256 = weights.Sha256 };
        return new Trainer(Begin(spec, data, weights.Tensors, origin: null));
    }

    /// <summary>Trains to the last step, or until it is cancelled.</summary>
    /// <param name="options">
    /// Who computes, whom to tell, and what to keep: <see cref="ClusterOptions"/> for a cluster; null trains in this process and writes
    /// nothing to the disk.
    /// </param>
    /// <param name="cancellationToken">
    /// Finishes the current step and gives the model so far: the task is not cancelled, but completes with a result that is not
    /// <see cref="TrainingResult.IsComplete"/>. Also ends waiting for workers.
    /// </param>
    /// <exception cref="RequestException">
    /// An option is out of range or contradicts another, or another coordinator trains another run.
    /// </exception>
    /// <exception cref="TrainingException">
    /// Training diverged; on a cluster also: no worker was ready for <see cref="ClusterOptions.WorkerTimeout"/>, or the result could not be
    /// saved.
    /// </exception>
    /// <exception cref="Runs.RunFolderException">The run folder cannot be written, is in use, or holds another run.</exception>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="Shared.Secrets.SecretException">
    /// The secret's file cannot be used, or a secret or TLS is needed and none is given.
    /// </exception>
    /// <exception cref="Shared.Tls.CertificateException">The folder of the certificate cannot be used.</exception>
    /// <exception cref="Coordinator.Hosting.ListenException">The address cannot be listened on.</exception>
    public Task<TrainingResult> TrainAsync(RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RunOptions();
        Check(options);
        TrainingRun run = options is ClusterOptions cluster ? new ClusterRun(_inputs, cluster) : new LocalRun(_inputs, options);
        return TrainAsync(run, cancellationToken);
    }

    /// <summary>Finds mistakes in how it is to be trained, before anything is begun.</summary>
    internal void Check(RunOptions options) => RunPlan.Check(options, _inputs.Spec);

    private static async Task<TrainingResult> TrainAsync(TrainingRun run, CancellationToken cancellationToken)
    {
        using (run)
            return await run.TrainAsync(cancellationToken).ConfigureAwait(false);
    }

    private static RunInputs Begin(RunSpec spec, Dataset data, IReadOnlyList<NamedTensor> restored, RestoreOrigin? origin) =>
        new(spec, data, StartCheckpoint.Create(spec, restored), restored, ResumedFrom: null, IsResumed: false, origin);
}
