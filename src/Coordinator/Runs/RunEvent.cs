using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Runs;

/// <summary>Something that happened in a run, for a screen, a log or a file. Raised in order, never on a thread that computes.</summary>
public abstract record RunEvent
{
    /// <summary>The cluster listens; workers join by <paramref name="Address"/>.</summary>
    /// <param name="Address">HOST:PORT for <c>worker --join</c>.</param>
    /// <param name="StreamAddress">HOST:PORT of the tensor stream.</param>
    /// <param name="NeedsSecret">Whether workers must prove a secret.</param>
    /// <param name="NeedsTls">Whether workers must show a certificate.</param>
    public sealed record Listening(string Address, string StreamAddress, bool NeedsSecret = false, bool NeedsTls = false) : RunEvent;

    /// <summary>This coordinator looks for a leader, or waits before it leads.</summary>
    /// <param name="Reason">For what it waits.</param>
    public sealed record SeekingLeader(string Reason) : RunEvent;

    /// <summary>This coordinator stands by: it has all that the leader has saved, and what is saved from now on comes.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    /// <param name="Term">The leader's term.</param>
    /// <param name="Step">Step of the newest checkpoint; 0 where there is none yet.</param>
    public sealed record Following(string Leader, string RunId, int Term, long Step) : RunEvent;

    /// <summary>A checkpoint of the leader's is on this disk.</summary>
    public sealed record Replicated(long Step) : RunEvent;

    /// <summary>The leader is lost, or leads no more.</summary>
    /// <param name="Leader">HOST:PORT of the leader.</param>
    /// <param name="Reason">What was seen.</param>
    public sealed record LeaderLost(string Leader, string Reason) : RunEvent;

    /// <summary>This coordinator leads the run. Files of the run that are to be written stand at <paramref name="FirstStep"/>.</summary>
    /// <param name="RunId">The run, as 16 hexadecimal digits.</param>
    /// <param name="Term">Its term.</param>
    /// <param name="FirstStep">Completed steps that it goes on from.</param>
    /// <param name="HasPeers">Whether the run has other coordinators, which could lead as well.</param>
    public sealed record Leading(string RunId, int Term, long FirstStep, bool HasPeers = false) : RunEvent;

    /// <summary>The coordinator at <paramref name="Leader"/> is further with the run: this one sends its workers there and stands by.</summary>
    public sealed record Yielding(string Leader) : RunEvent;

    /// <summary>Fewer ready workers than needed.</summary>
    public sealed record WaitingForWorkers(int Ready, int Needed, TimeSpan Timeout) : RunEvent;

    /// <summary>A worker has the run spec, the data and the right numerics.</summary>
    public sealed record WorkerReady(WorkerProgress Worker) : RunEvent;

    /// <summary>Workers are being started on other machines.</summary>
    /// <param name="Hosts">The machines.</param>
    /// <param name="Address">HOST:PORT that they join.</param>
    public sealed record Launching(IReadOnlyList<string> Hosts, string Address) : RunEvent;

    /// <summary>How much of the program a machine has got that a worker is started on.</summary>
    public sealed record ProgramCarried(string Host, long Bytes, long TotalBytes) : RunEvent;

    /// <summary>A worker is gone; its shards went to the others.</summary>
    public sealed record WorkerLost(string Worker, string Reason) : RunEvent;

    /// <summary>A worker left because it was asked to; what it owed it handed back first.</summary>
    public sealed record WorkerLeft(string Worker, string Reason) : RunEvent;

    /// <summary>The process of a worker that was lost before, and was started here, has ended.</summary>
    /// <param name="Worker">HOST:PORT of its node.</param>
    /// <param name="Process">The process, such as <c>process 4711</c> or <c>process on node2</c>.</param>
    /// <param name="How">Its exit code or the signal, such as <c>ended with exit code 3</c>.</param>
    public sealed record WorkerProcessEnded(string Worker, string Process, string How) : RunEvent;

    /// <summary>A worker was not let in.</summary>
    public sealed record WorkerRefused(string Worker, string Reason) : RunEvent;

    /// <summary>A standby has all that is saved so far.</summary>
    public sealed record StandbyReady(string Standby, long Step) : RunEvent;

    /// <summary>A standby is gone; nobody takes its place.</summary>
    public sealed record StandbyLost(string Standby, string Reason) : RunEvent;

    /// <summary>The first batch goes out.</summary>
    /// <param name="FirstStep">0, or the step of the checkpoint resumed from.</param>
    /// <param name="Workers">Number of workers at the start.</param>
    /// <param name="Lanes">Compute threads of all of them.</param>
    public sealed record TrainingStarted(long FirstStep, int Workers, int Lanes) : RunEvent;

    /// <summary>There are no more steps; the last evaluation and the last checkpoint may still be under way.</summary>
    /// <param name="Step">Completed steps.</param>
    public sealed record TrainingEnded(long Step) : RunEvent;

    /// <summary>The state of the run, several times a second.</summary>
    /// <param name="Step">Completed steps.</param>
    /// <param name="TrainLoss">Mean cross-entropy over the epoch so far, dropout on.</param>
    /// <param name="TrainAccuracy">Share of right answers over the epoch so far, dropout on.</param>
    /// <param name="ExamplesPerSecond">Over about the last second.</param>
    /// <param name="Workers">One entry a worker.</param>
    public sealed record Progress(
        long Step, double TrainLoss, double TrainAccuracy, double ExamplesPerSecond, IReadOnlyList<WorkerProgress> Workers) : RunEvent;

    /// <summary>A step is done; only where <see cref="TrainingOptions.ReportSteps"/> asks for it.</summary>
    /// <param name="Step">Completed steps, this one included.</param>
    /// <param name="Statistics">What its batch gave before the update, dropout on.</param>
    public sealed record StepCompleted(long Step, NodeStatistics Statistics) : RunEvent;

    /// <summary>A line of metrics is complete, evaluation included.</summary>
    public sealed record MetricsRecorded(MetricsRow Metrics) : RunEvent;

    /// <summary>A checkpoint is safely on the disk.</summary>
    public sealed record CheckpointSaved(string Path, long Step) : RunEvent;

    /// <summary>A checkpoint could not be written; the run goes on, and earlier ones are untouched.</summary>
    public sealed record CheckpointFailed(long Step, string Reason) : RunEvent;

    /// <summary>Something is wrong that the run survives.</summary>
    public sealed record Warning(string Message) : RunEvent;
}

/// <summary>One worker as a line on the screen.</summary>
/// <param name="Name">Short name such as <c>127.0.0.1:40123</c>.</param>
/// <param name="Process">Process id on its machine.</param>
/// <param name="Lanes">Compute threads.</param>
/// <param name="Shards">Shards it owns now; none while it stands by.</param>
/// <param name="StepMilliseconds">Its recent compute time of a step.</param>
/// <param name="BytesSent">Bytes the coordinator sent it.</param>
/// <param name="BytesReceived">Bytes it sent the coordinator.</param>
public sealed record WorkerProgress(
    string Name, int Process, int Lanes, int Shards, double StepMilliseconds, long BytesSent, long BytesReceived);

/// <summary>One line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Epoch">Completed epochs; a fraction in the middle of one.</param>
/// <param name="TrainLoss">Mean cross-entropy of the training batches since the last line, dropout on, without L2.</param>
/// <param name="TrainAccuracy">Share of right answers in the same batches.</param>
/// <param name="ValidationLoss">Mean cross-entropy on the validation images.</param>
/// <param name="ValidationAccuracy">Share of right answers on the validation images.</param>
/// <param name="LearningRate">Rate of the last step.</param>
/// <param name="ExamplesPerSecond">Since the last line.</param>
/// <param name="ElapsedSeconds">Since the first batch went out.</param>
public sealed record MetricsRow(
    long Step, double Epoch, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy,
    double LearningRate, double ExamplesPerSecond, double ElapsedSeconds);
