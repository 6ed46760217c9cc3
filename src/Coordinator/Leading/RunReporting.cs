using Lockstep.Coordinator.Decisions;
using Lockstep.Coordinator.Evaluating;
using Lockstep.Coordinator.Links;
using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Coordinator.Workers;
using Lockstep.Model.Evaluation;
using Lockstep.Model.Reduction;
using Lockstep.Model.Specs;

namespace Lockstep.Coordinator.Leading;

/// <summary>Turns the reports of the other roles into events and metrics.</summary>
/// <param name="events">Receives the events.</param>
/// <param name="meter">The run's metrics.</param>
/// <param name="workers">All members.</param>
/// <param name="followers">The coordinators that replicate the run.</param>
/// <param name="spec">The run.</param>
internal sealed class RunReporting(
    IProgress<RunEvent> events, RunMeter meter, WorkerAdmission workers, IFollowers followers, RunSpec spec)
{
    private Roster _roster = Roster.Empty;

    /// <summary>Reports a message; ignores others.</summary>
    public void Receive(object message)
    {
        switch (message)
        {
            case StepReport report:
                OnStepReport(report);
                break;
            case StepDone done:
                events.Report(new RunEvent.StepCompleted(done.Step, done.Statistics));
                break;
            case MetricsReady ready:
                meter.Evaluated(ready.Metrics);
                events.Report(new RunEvent.MetricsRecorded(ready.Metrics));
                break;
            // In less than an epoch a model has not seen all examples.
            case FinalEvaluationReady { Warning: { } warning } when spec.TotalSteps >= spec.StepsPerEpoch:
                events.Report(new RunEvent.Warning(warning));
                break;
            case TraceTroubled troubled:
                events.Report(new RunEvent.Warning(troubled.Problem));
                break;
            case SnapshotSaved saved:
                meter.CheckpointSaved(saved.Step);
                events.Report(new RunEvent.CheckpointSaved(saved.Path, saved.Step));
                break;
            case BestSaved best:
                events.Report(new RunEvent.BestSaved(best.Path, best.Step));
                break;
            case SnapshotFailed failed:
                meter.CheckpointFailed();
                events.Report(new RunEvent.CheckpointFailed(failed.Step, failed.Reason));
                break;
            case SnapshotsMerged merged:
                events.Report(new RunEvent.Warning(
                    $"Checkpoints fall due faster than the disk writes them: that of step {merged.Step:N0} is skipped, "
                        + "as is every one that still waits when the next is due. Give a longer --checkpoint-every."));
                break;
            case SliceLinksChanged { Unreachable: { } other } links when workers.Find(links.Worker) is { } one && workers.Find(other) is { } another:
                events.Report(new RunEvent.Warning(
                    $"Worker {one.Name} does not reach worker {another.Name} ({links.Problem.TrimEnd('.')}): {another.Name} exchanges tensors with "
                        + "the coordinator instead. The weights are the same."));
                break;
            case FollowerReplicated replicated:
                if (replicated.IsFirst)
                    events.Report(new RunEvent.StandbyReady(replicated.Name, replicated.Step));
                meter.StandbysChanged([.. followers.Ready]);
                break;
        }
    }

    /// <summary>Reports that a standby no longer replicates.</summary>
    /// <param name="lost">The standby and the reason.</param>
    /// <param name="isExpected">Whether it was told to go.</param>
    public void FollowerLost(FollowerLost lost, bool isExpected)
    {
        meter.StandbysChanged([.. followers.Ready]);
        if (!isExpected)
            events.Report(new RunEvent.StandbyLost(lost.Name, lost.Reason));
    }

    /// <summary>Updates the worker metrics and returns the workers that compute.</summary>
    public WorkerProgress[] MeasureWorkers()
    {
        WorkerProgress[] ready = [.. workers.Ready.Select(Describe)];
        meter.WorkersChanged(workers.Members.Count, ready);
        return ready;
    }

    /// <summary>The progress of one worker.</summary>
    public WorkerProgress Describe(Member member)
    {
        WorkerLink? link = member.Link;
        int shards = _roster.Find(member.Id)?.Shards ?? 0;
        return new WorkerProgress(
            member.Name, member.Process, member.Lanes, shards, link?.StepMilliseconds ?? 0, link?.BytesSent ?? 0, link?.BytesReceived ?? 0)
        {
            TimesLate = link?.TimesLate ?? 0,
            Reissued = link?.Reissued ?? 0,
        };
    }

    private void OnStepReport(StepReport report)
    {
        _roster = report.Roster;
        NodeStatistics unreported = report.Unreported;
        TrainingScore score = TrainingScore.Of(spec, unreported.Examples > 0 ? unreported : unreported with { Examples = 1 });
        events.Report(new RunEvent.Progress(report.Step, score.Loss, score.Accuracy, report.ExamplesPerSecond, MeasureWorkers())
        {
            TrainR2 = score.R2,
        });
        meter.Reported(report.ExamplesPerSecond);
    }
}
