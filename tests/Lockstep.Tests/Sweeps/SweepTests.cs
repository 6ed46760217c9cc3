using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Sweeps;
using Lockstep.Training;

namespace Lockstep.Tests.Sweeps;

/// <summary>Sweeps from C#.</summary>
public sealed class SweepTests : IDisposable
{
    private static readonly ModelSpec Net = Models.Parse("64-8-4");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_StoppedAndRunAgain_GivesTheBytesOfTrainingsAlone()
    {
        IReadOnlyList<SweepPoint> points = SweepSpace.Grid(
        [
            new SweepParameter("rate") { Values = ["0.05", "0.2"] }, new SweepParameter("seed") { Values = ["1", "2"] },
        ]);
        using var stop = new CancellationTokenSource();
        var options = new SweepOptions { Folder = _folder.File("sweep"), Parallel = 2 };

        // In the middle of the third trial's second epoch.
        IReadOnlyList<TrialResult> stopped = await Of(points, (point, step) =>
        {
            if (point == points[2] && step == 20)
                stop.Cancel();
        }).RunAsync(options, stop.Token);
        Assert.Equal(TrialState.Stopped, stopped[2].State);

        var began = new List<string>();
        IReadOnlyList<TrialResult> results = await Of(points, (_, _) => { })
            .RunAsync(options with { OnBegin = trial => began.Add(trial.Name) });

        Assert.All(results, result => Assert.Equal(TrialState.Completed, result.State));
        Assert.Equal(
            stopped.Where(result => result.State != TrialState.Completed).Select(result => result.Trial.Name).Order(), began.Order());
        for (int i = 0; i < points.Count; i++)
        {
            TrainingResult alone = await new Trainer(Net, SmallData.Data, OptionsOf(points[i])).TrainAsync();
            Assert.Equal(alone.Model.WeightsSha256, results[i].WeightsSha256);
            Assert.Equal(alone.Epochs[^1].ValidationLoss, results[i].ValidationLoss);
        }
    }

    [Fact]
    public void Sweep_TrialsThatCannotBe_NamesEach()
    {
        var e = Assert.Throws<RequestException>(() => new Sweep(
            SmallData.Data,
            [
                new SweepTrial("a", Net, SmallData.Options with { BatchSize = 501 }),
                new SweepTrial("b", Models.Parse("63-4"), SmallData.Options), new SweepTrial("c", Net, SmallData.Options),
            ]));

        Assert.Equal(2, e.Messages.Count);
        Assert.StartsWith("a: BatchSize 501 ", e.Messages[0], StringComparison.Ordinal);
        Assert.StartsWith("b: The model 63-4 ", e.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void RateTest_SmallData_SuggestsTheSameSaneRateOnAnyNumberOfThreads()
    {
        RateTestResult one = RateTest.Run(Net, SmallData.Data, SmallData.Options, new RateTestOptions { Steps = 150, Lanes = 1 });
        RateTestResult two = RateTest.Run(Net, SmallData.Data, SmallData.Options, new RateTestOptions { Steps = 150, Lanes = 2 });

        Assert.Equal(one.Steps, two.Steps);
        Assert.InRange(one.Suggested!.Value, 0.003, 1);
        Assert.Equal(1e-6, one.Steps[0].Rate);
        Assert.Equal(one.Steps[0].Loss, one.Steps[0].SmoothedLoss, 12);
    }

    [Fact]
    public void RateTest_RatesThatAreTooHigh_EndsAndSuggestsNone()
    {
        RateTestResult result = RateTest.Run(
            Net, SmallData.Data, SmallData.Options, new RateTestOptions { From = 1e3, To = 1e6, Steps = 50 });

        Assert.True(result.IsEnded);
        Assert.True(result.Steps.Count < 50);
        Assert.Null(result.Suggested);
    }

    private static Sweep Of(IReadOnlyList<SweepPoint> points, Action<SweepPoint, long> onStep) => new(
        SmallData.Data,
        [
            .. points.Select(point => new SweepTrial(point.Name, Net, OptionsOf(point))
            {
                Run = new RunOptions { OnStep = step => onStep(point, step.Step) },
            }),
        ]);

    private static TrainerOptions OptionsOf(SweepPoint point) =>
        SmallData.Options with { LearningRate = point.Number("rate"), Seed = (ulong)point.Number("seed") };
}
