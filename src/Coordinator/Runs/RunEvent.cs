using System.Text.Json.Serialization;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Runs;

/// <summary>An event of a run, for a screen, a log or a file. Raised in order, never on a compute thread.</summary>
public abstract record RunEvent
{
    /// <summary>The cluster listens. Workers join at <paramref name="Address"/>.</summary>
    /// <param name="Address">HOST:PORT for <c>worker --join</c>.</param>
    /// <param name="StreamAddress">HOST:PORT of the tensor stream.</param>
    /// <param name="NeedsSecret">Whether workers must prove a secret.</param>
    /// <param name="NeedsTls">Whether workers must present a certificate.</param>
    public sealed record Listening(string Address, string StreamAddress, bool NeedsSecret = false, bool NeedsTls = false) : RunEvent;

    /// <summary>This coordinator looks for a leader, or waits before it leads.</summary>
    /// <param name="Reason">What it waits for.</param>
    public sealed record SeekingLeader(string Reason) : RunEvent;

    /// <summary>This coordinator stands by: it has everything that the leader has saved, and receives what follows.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Step">Step of the newest checkpoint; 0 for none.</param>
    public sealed record Following(string Leader, string RunId, int Term, long Step) : RunEvent;

    /// <summary>A checkpoint of the leader is on this disk.</summary>
    public sealed record Replicated(long Step) : RunEvent;

    /// <summary>The leader is lost or no longer leads.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="Reason">What was observed.</param>
    public sealed record LeaderLost(string Leader, string Reason) : RunEvent;

    /// <summary>This coordinator leads the run. Files that are appended to must continue at <paramref name="FirstStep"/>.</summary>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    /// <param name="Term">Its term.</param>
    /// <param name="FirstStep">Completed steps at its start.</param>
    /// <param name="HasPeers">Whether the run has other coordinators that could lead.</param>
    public sealed record Leading(string RunId, int Term, long FirstStep, bool HasPeers = false) : RunEvent;

    /// <summary>
    /// The coordinator at <paramref name="Leader"/> is further with the run. This one sends its workers there and stands by.
    /// </summary>
    public sealed record Yielding(string Leader) : RunEvent;

    /// <summary>There are fewer ready workers than needed.</summary>
    public sealed record WaitingForWorkers(int Ready, int Needed, TimeSpan Timeout) : RunEvent;

    /// <summary>A worker has the run spec, the data and matching numerics.</summary>
    public sealed record WorkerReady(WorkerProgress Worker) : RunEvent;

    /// <summary>Workers are being started on other machines.</summary>
    /// <param name="Hosts">The machines.</param>
    /// <param name="Address">HOST:PORT to join.</param>
    public sealed record Launching(IReadOnlyList<string> Hosts, string Address) : RunEvent;

    /// <summary>Progress of copying the program to a machine.</summary>
    public sealed record ProgramCarried(string Host, long Bytes, long TotalBytes) : RunEvent;

    /// <summary>A worker is lost; its shards go to others.</summary>
    public sealed record WorkerLost(string Worker, string Reason) : RunEvent;

    /// <summary>A worker left on request, after it had answered what it owed.</summary>
    public sealed record WorkerLeft(string Worker, string Reason) : RunEvent;

    /// <summary>The process of a worker that was lost earlier, and was started here, has ended.</summary>
    /// <param name="Worker">HOST:PORT of its node.</param>
    /// <param name="Process">The process, such as <c>process 4711</c> or <c>process on node2</c>.</param>
    /// <param name="How">Its exit code or signal, such as <c>ended with exit code 3</c>.</param>
    public sealed record WorkerProcessEnded(string Worker, string Process, string How) : RunEvent;

    /// <summary>A worker was refused.</summary>
    public sealed record WorkerRefused(string Worker, string Reason) : RunEvent;

    /// <summary>A standby has everything saved so far.</summary>
    public sealed record StandbyReady(string Standby, long Step) : RunEvent;

    /// <summary>A standby is lost, and nothing replaces it.</summary>
    public sealed record StandbyLost(string Standby, string Reason) : RunEvent;

    /// <summary>The first batch is sent; once more when workers take over from the coordinator's own process.</summary>
    /// <param name="FirstStep">
    /// Completed steps: 0, those of the checkpoint resumed from, or those done before the workers were ready.
    /// </param>
    /// <param name="Workers">Number of workers at the start; 0 while the coordinator's own process computes.</param>
    /// <param name="Lanes">Compute threads of all of them.</param>
    public sealed record TrainingStarted(long FirstStep, int Workers, int Lanes) : RunEvent;

    /// <summary>All steps are done; the last evaluation and the last checkpoint may still be in progress.</summary>
    /// <param name="Step">Completed steps.</param>
    public sealed record TrainingEnded(long Step) : RunEvent;

    /// <summary>The state of the run, several times a second.</summary>
    /// <param name="Step">Completed steps.</param>
    /// <param name="TrainLoss">Mean loss over the epoch so far, dropout on.</param>
    /// <param name="TrainAccuracy">Share of correct predictions over the epoch so far, dropout on; NaN with targets.</param>
    /// <param name="ExamplesPerSecond">Over about the last second.</param>
    /// <param name="Workers">One entry a worker.</param>
    public sealed record Progress(
        long Step, double TrainLoss, double TrainAccuracy, double ExamplesPerSecond, IReadOnlyList<WorkerProgress> Workers) : RunEvent
    {
        /// <summary>R² over the epoch so far, see <see cref="TrainingScore"/>; null for classes.</summary>
        public double? TrainR2 { get; init; }
    }

    /// <summary>A step is done; raised only if <see cref="TrainingOptions.ReportSteps"/> is set.</summary>
    /// <param name="Step">Completed steps, this one included.</param>
    /// <param name="Statistics">Loss and hits of its batch before the update, dropout on.</param>
    public sealed record StepCompleted(long Step, NodeStatistics Statistics) : RunEvent;

    /// <summary>A row of metrics is complete, evaluation included.</summary>
    public sealed record MetricsRecorded(MetricsRow Metrics) : RunEvent;

    /// <summary>A checkpoint is on the disk.</summary>
    public sealed record CheckpointSaved(string Path, long Step) : RunEvent;

    /// <summary>The checkpoint with the best validation result so far is on the disk.</summary>
    public sealed record BestSaved(string Path, long Step) : RunEvent;

    /// <summary>A checkpoint could not be written. The run continues, and earlier checkpoints are untouched.</summary>
    public sealed record CheckpointFailed(long Step, string Reason) : RunEvent;

    /// <summary>A problem that the run survives.</summary>
    public sealed record Warning(string Message) : RunEvent;
}

/// <summary>The progress of one worker.</summary>
/// <param name="Name">Short name such as <c>127.0.0.1:40123</c>.</param>
/// <param name="Process">Process id on its machine.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="Shards">Shards it owns now; 0 on standby.</param>
/// <param name="StepMilliseconds">Its recent compute time a step.</param>
/// <param name="BytesSent">Bytes that the coordinator sent to it.</param>
/// <param name="BytesReceived">Bytes that it sent to the coordinator.</param>
public sealed record WorkerProgress(
    string Name, int Process, int Lanes, int Shards, double StepMilliseconds, long BytesSent, long BytesReceived)
{
    /// <summary>Times since it joined that it was late, so that its tree nodes were requested from others too.</summary>
    public int TimesLate { get; init; }

    /// <summary>Tree nodes requested from it since it joined because another worker was lost, had left or was late.</summary>
    public int Reissued { get; init; }
}

/// <summary>One line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Epoch">Completed epochs, as a fraction.</param>
/// <param name="TrainLoss">Mean loss of the training batches since the last line, dropout on, without L2.</param>
/// <param name="TrainAccuracy">Share of correct predictions in these batches; NaN with targets.</param>
/// <param name="ValidationLoss">Mean loss on the validation examples.</param>
/// <param name="ValidationAccuracy">Share of correct predictions on the validation examples; NaN with targets.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ExamplesPerSecond">Since the last line.</param>
/// <param name="ElapsedSeconds">Since the first batch was sent.</param>
public sealed record MetricsRow(
    long Step, double Epoch, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy,
    double LearningRate, double ExamplesPerSecond, double ElapsedSeconds)
{
    /// <summary>R² of these batches, see <see cref="TrainingScore"/>; null for classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainR2 { get; init; }

    /// <summary>R² on the validation examples; null for classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationR2 { get; init; }
}
