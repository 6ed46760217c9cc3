using System.Net;
using Lockstep.Coordinator.Launching;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Coordinator.Runs;

/// <summary>
/// Options of one training on one coordinator. Only <see cref="Spec"/>, <see cref="ResumeFrom"/> and <see cref="Restored"/> affect the
/// weights; <see cref="EvaluateEverySteps"/> is that of <see cref="RunSpec.Stop"/> if there is one.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>The run spec.</summary>
    public required RunSpec Spec { get; init; }

    /// <summary>The examples; their digest is the one of <see cref="Spec"/>.</summary>
    public required Dataset Data { get; init; }

    /// <summary>The folder of checkpoints; it exists.</summary>
    public required string CheckpointDirectory { get; init; }

    /// <summary>Path of the trace; null for none.</summary>
    public string? TraceFile { get; init; }

    /// <summary>
    /// Path where the caller writes <see cref="RunEvent.MetricsRecorded"/>, so that standbys replicate it; null for none.
    /// </summary>
    public string? MetricsFile { get; init; }

    /// <summary>
    /// The checkpoint to continue from; null begins at step 0. Its spec equals <see cref="Spec"/>, except for a smaller number of steps.
    /// </summary>
    public Checkpoint? ResumeFrom { get; init; }

    /// <summary>
    /// Initial values that replace the initialisers of these parameters. Their digest is <see cref="RunSpec.RestoredSha256"/>.
    /// </summary>
    public IReadOnlyList<NamedTensor> Restored { get; init; } = [];

    /// <summary>Address and port of the cluster; port 0 takes a free one. Nothing listens on other addresses.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// Address and port at which workers reach the cluster, if not at <see cref="Listen"/>: behind a NAT, a proxy or a container network.
    /// The tensor stream uses the next port. Requires a port other than 0 in <see cref="Listen"/>.
    /// </summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>
    /// All coordinators of the run, this one included: names or addresses with the ports of their clusters. Each is started with the same
    /// list and the same run; one leads, the others stand by. Empty for a single coordinator.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> Peers { get; init; } = [];

    /// <summary>
    /// The secret that workers and this coordinator prove to each other. It or <see cref="Tls"/> is required unless <see cref="Listen"/>
    /// and <see cref="Advertise"/> are loopback addresses.
    /// </summary>
    public ClusterSecret? Secret { get; init; }

    /// <summary>
    /// This coordinator's certificate, and the CA it trusts; null for no TLS. The certificate must name the address by which workers join.
    /// </summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>How weights and gradients travel.</summary>
    public Transport Transport { get; init; }

    /// <summary>Rows of a <see cref="Shared.Slicing.SlicePlan"/>; null for the number that suits its workers.</summary>
    internal int? SliceRows { get; init; }

    /// <summary>Whether workers of this machine and user exchange tensors through memory of this process.</summary>
    public bool SharesMemory => Transport == Transport.Automatic;

    /// <summary>Worker processes to start. Empty: workers join by themselves.</summary>
    public IReadOnlyList<WorkerLaunch> Launches { get; init; } = [];

    /// <summary>Computes until the <see cref="Launches"/> are ready, so that training waits for nobody; null for none.</summary>
    public OwnWorker? OwnWorker { get; init; }

    /// <summary>Ready workers that training waits for. 0: all started ones that have not ended, at least 1.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>How long to wait without a ready worker before the run fails.</summary>
    public TimeSpan WorkerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Steps between evaluations on the validation images. 0: only after the last step.</summary>
    public long EvaluateEverySteps { get; init; }

    /// <summary>Steps between checkpoints. 0: only after the last step.</summary>
    public long CheckpointEverySteps { get; init; }

    /// <summary>Number of newest checkpoints to keep, at least 1.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>
    /// The validation result whose best checkpoint is kept besides; null keeps none. With it, and with a rule that ends the run early, the
    /// step after an evaluation waits for its result.
    /// </summary>
    public ValidationMetric? KeepBest { get; init; }

    /// <summary>The best result before this part of the run; null for none.</summary>
    public BestResult? Best { get; init; }

    /// <summary>Raise <see cref="RunEvent.StepCompleted"/> for every step.</summary>
    public bool ReportSteps { get; init; }
}
