using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Saving;
using Lockstep.Coordinator.Server;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Tests.Server;

public sealed class ParameterServerTests : IDisposable
{
    /// <summary>What is trained, what is evaluated and saved, and what waits at the link for a worker that does not read.</summary>
    private const int Bound = 1 + MetricsRows.MaxUnderWay + 2 + 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-server-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.9)]
    public void EvaluationAndCheckpointEveryStep_SlowerThanTraining_HoldFewWeightsAndLeaveNoRowOut(double momentum)
    {
        using var drive = new ServerDrive(Options(momentum, evaluateEvery: 1, checkpointEvery: 1));
        drive.Train();

        Assert.True(drive.Server.IsOver);
        Assert.Equal(Enumerable.Range(1, 10), drive.Rows.Select(row => (int)row.Step));
        Assert.InRange(drive.MostHeld, 3, Bound);
        Assert.Empty(drive.Told.OfType<SnapshotsMerged>());
        Assert.Equal(10, drive.Told.OfType<TrainingEnded>().Single().Step);
        SnapshotSaved last = drive.Told.OfType<SnapshotSaved>().Last();
        Assert.Equal((10, true), (last.Step, last.IsFinal));
    }

    [Fact]
    public void Evaluations_AsManyAsMayBeUnderWay_HoldTheNextStepBackUntilOneIsDone()
    {
        using var drive = new ServerDrive(Options(momentum: 0, evaluateEvery: 1, checkpointEvery: 0));
        drive.AnswerAll();

        // The third row waits, and the step after it has not begun: nothing that is said of it counts.
        Assert.Equal(MetricsRows.MaxUnderWay + 1, drive.Server.Step);
        Assert.False(drive.Answer(drive.Server.Step));
        drive.Receive(ParameterServer.LateCheck.Instance);
        Assert.True(drive.Evaluate());
        Assert.True(drive.Answer(drive.Server.Step));
        Assert.False(drive.Answer(drive.Server.Step));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void EndTraining_WhileARowWaits_EndsWithThatRow(bool waitForStep)
    {
        using var drive = new ServerDrive(Options(momentum: 0, evaluateEvery: 1, checkpointEvery: 0));
        drive.AnswerAll();
        drive.Receive(new EndTraining(waitForStep));
        Assert.False(drive.Server.IsOver);
        for (int row = 1; row <= 3; row++)
        {
            Assert.Empty(drive.Told.OfType<TrainingEnded>());
            Assert.True(drive.Evaluate());
        }

        Assert.Equal([1L, 2, 3], drive.Rows.Select(row => row.Step));
        Assert.Equal(3, drive.Told.OfType<TrainingEnded>().Single().Step);
    }

    [Fact]
    public void ChangeWorkers_WhileARowWaits_LetsGoAtOnceWhoLeaves()
    {
        using var drive = new ServerDrive(Options(momentum: 0, evaluateEvery: 1, checkpointEvery: 0));
        drive.AnswerAll();
        drive.ChangeWorkers(isLeaving: true);
        Assert.Equal([FrameKind.Bye], drive.SendToWorker());

        drive.ChangeWorkers(isLeaving: false);
        Assert.True(drive.Evaluate());
        Assert.True(drive.Answer(drive.Server.Step));
    }

    [Fact]
    public void Checkpoints_WhileOneIsWritten_AreMergedIntoTheNewest()
    {
        using var drive = new ServerDrive(Options(momentum: 0.9, evaluateEvery: 0, checkpointEvery: 2));
        for (int step = 0; step < 9; step++)
        {
            Assert.True(drive.Answer(step));
            drive.Time.Now += TimeSpan.FromSeconds(0.3);
        }

        while (drive.Save())
        {
        }

        Assert.Equal([2L, 8], drive.Told.OfType<SnapshotSaved>().Select(saved => saved.Step));
        Assert.Equal(4, drive.Told.OfType<SnapshotsMerged>().Single().Step);
    }

    [Theory]
    [InlineData(1f, double.NaN, "its loss is NaN", 3)]
    [InlineData(float.PositiveInfinity, 1.0, "layer0/weights has 1 of 8,000 values not finite, the first at [0, 20] (-Infinity)", 4)]
    [InlineData(float.NaN, 1.0, "layer0/weights has 1 of 8,000 values not finite, the first at [0, 20] (NaN)", 4)]
    public void CompleteStep_LossOrWeightThatIsNotFinite_FailsTheRunAndIsNotSaved(
        float gradient, double loss, string problem, long lastFinite)
    {
        // As many parameters as two threads update.
        using var drive = new ServerDrive(Options(momentum: 0.9, evaluateEvery: 1, checkpointEvery: 1, model: "4-2000-2"));
        for (int step = 0; step < 4; step++)
        {
            Assert.True(drive.Answer(step));
            Assert.True(drive.Evaluate());
            Assert.True(drive.Save());
        }

        drive.Answer(4, (gradient, loss));
        while (drive.Evaluate() || drive.Save())
        {
        }

        Assert.True(drive.Server.IsOver);
        TrainingEnded ended = drive.Told.OfType<TrainingEnded>().Single();
        Assert.Equal($"Training diverged in step 5: {problem}.", ended.Failure);
        Assert.Equal((lastFinite, false), (ended.LastFiniteStep!.Value, ended.IsSaving));
        Assert.Equal([1L, 2, 3, 4], drive.Told.OfType<SnapshotSaved>().Select(saved => saved.Step));
    }

    /// <summary>The row of step 6 sums up what was before the checkpoint of step 5 and what was after it.</summary>
    [Fact]
    public void ResumeFrom_CheckpointBetweenTwoRows_GivesTheRowsOfOneRun()
    {
        TrainingOptions options = Options(momentum: 0.9, evaluateEvery: 3, checkpointEvery: 5);
        using var whole = new ServerDrive(options);
        whole.Train();
        Checkpoint checkpoint = CheckpointStore.Load(Path.Combine(_folder.FullName, CheckpointStore.FileName(5))).Checkpoint;
        using var resumed = new ServerDrive(options with { ResumeFrom = checkpoint });
        resumed.Train();

        Assert.Equal([6, 9, 10], resumed.Rows.Select(row => (int)row.Step));
        Assert.Equal(
            whole.Rows.Skip(1).Select(row => row with { ExamplesPerSecond = 0 }),
            resumed.Rows.Select(row => row with { ExamplesPerSecond = 0 }));
        Assert.Equal(whole.WeightsSha256, resumed.WeightsSha256);
    }

    private TrainingOptions Options(double momentum, long evaluateEvery, long checkpointEvery, string model = "4-2") =>
        SmallRun.Options(model, momentum) with
        {
            CheckpointDirectory = _folder.FullName,
            EvaluateEverySteps = evaluateEvery,
            CheckpointEverySteps = checkpointEvery,
            KeepCheckpoints = 100,
            Transport = Transport.Stream,
        };
}
