using Lockstep.Coordinator.Hosting;
using Lockstep.Model.Data;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep;

/// <summary>
/// Trains a model on a data set: in this process, or on a cluster that this process coordinates. Both give the same weights, to the byte.
/// It holds no state of a training: each call begins anew, and ends the same.
/// </summary>
public sealed class Trainer
{
    private readonly RunInputs _inputs;

    /// <summary>Prepares a training. Everything is checked here, before anything is computed.</summary>
    /// <param name="model">The network: see <see cref="Models"/> and <see cref="ModelBuilder"/>.</param>
    /// <param name="data">Images to train on and to validate with: see <see cref="Datasets"/>.</param>
    /// <param name="options">How to train; null takes the defaults.</param>
    /// <exception cref="ArgumentException">
    /// Options are out of range, model and images do not fit, or parameters cannot be restored; the message has every mistake.
    /// </exception>
    public Trainer(ModelSpec model, Dataset data, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        options ??= new TrainerOptions();
        RunSpec spec = RunPlan.Make(model, data, options);
        if (options.InitFrom is { } source)
        {
            Restored = RestorePlan.Make(new ParameterLayout(model), source.Checkpoint.Parameters, options.Restore);
            RestoreProblems.ThrowIfAny(Restored);
            spec = spec with { RestoredSha256 = Restored.Sha256 };
        }

        IReadOnlyList<NamedTensor> restored = Restored?.Tensors ?? [];
        _inputs = new RunInputs(spec, data, StartCheckpoint.Create(spec, restored), restored, IsResumed: false, options.CheckpointDirectory, options.KeepCheckpoints);
    }

    private Trainer(RunInputs inputs) => _inputs = inputs;

    /// <summary>Everything that the trained weights depend on.</summary>
    public RunSpec Run => _inputs.Spec;

    /// <summary>What became of every parameter, with <see cref="TrainerOptions.InitFrom"/>; otherwise null.</summary>
    public RestorePlan? Restored { get; }

    /// <summary>Prepares to go on with a training that was stopped. It ends in the bytes in which it would have ended without the stop.</summary>
    /// <param name="model">The model so far: a result, or a checkpoint that was loaded. Options are those of its run.</param>
    /// <param name="data">The same data set.</param>
    /// <param name="totalSteps">Length of the run if it is to be longer than planned; null leaves it.</param>
    /// <param name="checkpointDirectory">As <see cref="TrainerOptions.CheckpointDirectory"/>.</param>
    /// <param name="keepCheckpoints">As <see cref="TrainerOptions.KeepCheckpoints"/>.</param>
    /// <exception cref="ArgumentException">
    /// The data set is another one, or the run cannot have that length: it cannot become shorter, and with a cosine schedule not longer either.
    /// </exception>
    public static Trainer Resume(TrainedModel model, Dataset data, long? totalSteps = null, string? checkpointDirectory = null, int keepCheckpoints = 3)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        RunSpec spec = RunPlan.Resume(model.Run, data, totalSteps, keepCheckpoints);
        return new Trainer(new RunInputs(spec, data, model.Checkpoint with { Spec = spec }, [], IsResumed: true, checkpointDirectory, keepCheckpoints));
    }

    /// <summary>Trains in this process, on one thread of its own.</summary>
    /// <param name="callbacks">Who is told how it goes; null for nobody.</param>
    /// <param name="cancellationToken">
    /// Finish the step under way and give what is trained so far: the task completes with a result that is not
    /// <see cref="TrainingResult.IsComplete"/>; it is not cancelled.
    /// </param>
    /// <exception cref="TrainingException">Training diverged: the loss is not a finite number any more.</exception>
    /// <exception cref="CheckpointException">A checkpoint could not be written.</exception>
    public Task<TrainingResult> TrainAsync(TrainingCallbacks? callbacks = null, CancellationToken cancellationToken = default)
    {
        var run = new LocalRun(_inputs, callbacks ?? new TrainingCallbacks());
        return Task.Factory.StartNew(() => run.Train(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Trains on a cluster: this process coordinates, workers compute.</summary>
    /// <param name="cluster">Who computes.</param>
    /// <param name="callbacks">Who is told how it goes; null for nobody.</param>
    /// <param name="cancellationToken">As in <see cref="TrainAsync"/>; it also ends waiting for workers.</param>
    /// <exception cref="ArgumentException">An option of the cluster is out of range.</exception>
    /// <exception cref="SecretException">The secret's file is none, or a secret or TLS is needed and none is given.</exception>
    /// <exception cref="CertificateException">The folder of the certificate cannot be used.</exception>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    /// <exception cref="TrainingException">
    /// No worker came, or none was left, within <see cref="ClusterOptions.WorkerTimeout"/>; training diverged; or its result could not be saved.
    /// </exception>
    public Task<TrainingResult> TrainOnClusterAsync(
        ClusterOptions cluster, TrainingCallbacks? callbacks = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentOutOfRangeException.ThrowIfNegative(cluster.LocalWorkers);
        ArgumentOutOfRangeException.ThrowIfNegative(cluster.LanesPerWorker);
        ArgumentOutOfRangeException.ThrowIfLessThan(cluster.MinWorkers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(cluster.WorkerTimeout, TimeSpan.Zero);
        return TrainOnClusterAsync(new ClusterRun(_inputs, cluster, callbacks ?? new TrainingCallbacks()), cancellationToken);
    }

    private static async Task<TrainingResult> TrainOnClusterAsync(ClusterRun run, CancellationToken cancellationToken)
    {
        using (run)
            return await run.TrainAsync(cancellationToken).ConfigureAwait(false);
    }
}
