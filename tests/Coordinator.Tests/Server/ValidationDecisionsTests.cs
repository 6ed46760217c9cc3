using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Coordinator.Tests.Server;

/// <summary>What the parameter server decides by evaluations, which come as late as can be.</summary>
public sealed class ValidationDecisionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-decisions-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Target_ReachedByALateEvaluation_EndsTheRunAtTheEvaluatedStep()
    {
        using var drive = new ServerDrive(Options(ReachedAtOnce));
        drive.AnswerAll();

        Assert.Equal(3, drive.Server.Step);
        Assert.False(drive.Answer(drive.Server.Step));
        drive.Train();

        TrainingEnded ended = drive.Told.OfType<TrainingEnded>().Single();
        Assert.Equal((3, true), (ended.Step, ended.IsComplete));
        Assert.Equal("the validation accuracy reached accuracy>=0", ended.StopReason);
        Checkpoint last = new CheckpointStore(_folder.FullName).LoadNewest()!.Checkpoint;
        Assert.Equal((3, true, 3), (last.Step, last.IsComplete, last.Stopping.BestStep));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Patience_InARunContinuedFromAnyCheckpoint_EndsAtTheSameStep(int patience)
    {
        TrainingOptions options = Options(new StopSpec { Metric = ValidationMetric.Loss, Patience = patience, EverySteps = 2 });
        options = options with { EvaluateEverySteps = 2, CheckpointEverySteps = 1, Spec = options.Spec with { TotalSteps = 40 } };
        (TrainingEnded whole, string sha256) = Train(options);
        Assert.InRange(whole.Step, 2 * (1 + patience), 39);

        foreach ((string path, long step) in new CheckpointStore(_folder.FullName).List())
        {
            (TrainingEnded resumed, string resumedSha256) = Train(options with { ResumeFrom = CheckpointCodec.Read(path) });

            Assert.Equal((step, whole.Step, whole.StopReason, sha256), (step, resumed.Step, resumed.StopReason, resumedSha256));
        }
    }

    [Fact]
    public void EndTraining_WhileTheRuleIsUndecided_EndsWithTheStepAndTheRowAndKnowsTheResult()
    {
        using var drive = new ServerDrive(Options(new StopSpec { Metric = ValidationMetric.Accuracy, Patience = 9, EverySteps = 3 }));
        drive.AnswerAll();
        drive.Receive(new EndTraining(WaitForStep: false));
        Assert.False(drive.Server.IsOver);
        drive.Train();

        TrainingEnded ended = drive.Told.OfType<TrainingEnded>().Single();
        Assert.Equal((3, false, null), (ended.Step, ended.IsComplete, ended.StopReason));
        Assert.Equal(3, drive.Rows.Single().Step);
        Assert.Equal(3, new CheckpointStore(_folder.FullName).LoadNewest()!.Checkpoint.Stopping.BestStep);
    }

    /// <summary>A run that continues from a checkpoint must find what was the best up to its step.</summary>
    [Fact]
    public void KeepBest_CheckpointOfTheSameStep_IsSavedAfterTheBest()
    {
        using var drive = new ServerDrive(Options(stop: null) with { KeepBest = ValidationMetric.Loss, CheckpointEverySteps = 3 });
        do
        {
            while (drive.Save())
            {
            }

            drive.AnswerAll();
        }
        while (drive.Evaluate());
        drive.Train();

        List<object> saved = [.. drive.Told.Where(told => told is BestSaved or SnapshotSaved)];
        Assert.Equal(3, Assert.IsType<BestSaved>(saved[0]).Step);
        Assert.Equal(3, Assert.IsType<SnapshotSaved>(saved[1]).Step);
        double least = drive.Rows.Min(row => row.ValidationLoss);
        BestResult best = drive.Told.OfType<TrainingEnded>().Single().Best!;
        Assert.Equal((drive.Rows.First(row => row.ValidationLoss == least).Step, least), (best.Step, best.Value));
        Assert.Equal(best.Step, new CheckpointStore(_folder.FullName).LoadBest()!.Checkpoint.Step);
    }

    private static StopSpec ReachedAtOnce { get; } = new() { Metric = ValidationMetric.Accuracy, Target = 0, EverySteps = 3 };

    private static (TrainingEnded Ended, string Sha256) Train(TrainingOptions options)
    {
        using var drive = new ServerDrive(options);
        drive.Train();
        return (drive.Told.OfType<TrainingEnded>().Single(), drive.WeightsSha256);
    }

    private TrainingOptions Options(StopSpec? stop)
    {
        TrainingOptions options = SmallRun.Options();
        return options with
        {
            Spec = options.Spec with { Stop = stop },
            CheckpointDirectory = _folder.FullName,
            EvaluateEverySteps = 3,
            KeepCheckpoints = 100,
            Transport = Transport.Stream,
        };
    }
}
