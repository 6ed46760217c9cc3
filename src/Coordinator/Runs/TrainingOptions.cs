using System.Net;
using Lockstep.Coordinator.Launching;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Coordinator.Runs;

/// <summary>What one coordinator needs to run one training. Nothing in here, but <see cref="Spec"/>, <see cref="ResumeFrom"/> and <see cref="Restored"/>, influences a weight.</summary>
public sealed record TrainingOptions
{
    /// <summary>What is trained.</summary>
    public required RunSpec Spec { get; init; }

    /// <summary>The examples; their digest is the one of <see cref="Spec"/>.</summary>
    public required Dataset Data { get; init; }

    /// <summary>Where checkpoints go; the folder exists.</summary>
    public required string CheckpointDirectory { get; init; }

    /// <summary>Where each step's hash of the weights is written; null for nowhere.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Where the caller writes the lines of <see cref="RunEvent.MetricsRecorded"/>, for standbys to have them too; null for nowhere.</summary>
    public string? MetricsFile { get; init; }

    /// <summary>Continue from here instead of from step 0. Its spec is <see cref="Spec"/>, but for a larger number of steps.</summary>
    public Checkpoint? ResumeFrom { get; init; }

    /// <summary>Parameters that start with these values instead of by their initialisers; their digest is <see cref="RunSpec.RestoredSha256"/>.</summary>
    public IReadOnlyList<NamedTensor> Restored { get; init; } = [];

    /// <summary>Address and port of the cluster; port 0 takes a free one. Nothing listens elsewhere.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// Address and port at which workers reach the cluster, where that is not <see cref="Listen"/>: behind a NAT, a proxy or a container's
    /// network. The tensor stream is reached at the port after it. Needs a port other than 0 in <see cref="Listen"/>.
    /// </summary>
    public IPEndPoint? Advertise { get; init; }

    /// <summary>
    /// All coordinators of the run, this one among them: names or addresses, with the ports of their clusters. Each is started with the same list and the same
    /// run; one leads, and the others stand by for it. Empty where there is only this one.
    /// </summary>
    public IReadOnlyList<DnsEndPoint> Peers { get; init; } = [];

    /// <summary>What workers must prove that they know, and this side proves to them. It or <see cref="Tls"/> is needed where <see cref="Listen"/> or <see cref="Advertise"/> is not of this machine alone.</summary>
    public ClusterSecret? Secret { get; init; }

    /// <summary>What this side shows to workers, and whom it believes; null for no TLS. Its certificate must be for the name or address by which they join.</summary>
    public ClusterTls? Tls { get; init; }

    /// <summary>
    /// Whether workers of this machine and this user read weights from, and write gradients to, memory of this process. Off, tensors go through
    /// the stream to them too.
    /// </summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>Worker processes to start. None: workers come by themselves.</summary>
    public IReadOnlyList<WorkerLaunch> Launches { get; init; } = [];

    /// <summary>Training starts when so many workers are ready. 0: all that are started, but for those that end before; at least 1.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>How long to wait, without any ready worker, before the run fails.</summary>
    public TimeSpan WorkerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Evaluate on the validation images every so many steps, and after the last. 0: only after the last.</summary>
    public long EvaluateEverySteps { get; init; }

    /// <summary>Write a checkpoint every so many steps, and after the last. 0: only after the last.</summary>
    public long CheckpointEverySteps { get; init; }

    /// <summary>Newest checkpoints to keep, at least 1.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>Raise <see cref="RunEvent.StepCompleted"/> for every step.</summary>
    public bool ReportSteps { get; init; }
}
