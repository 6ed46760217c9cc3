namespace Lockstep.Cluster.Tests;

/// <summary><c>kill -9</c> at steps that a seed chooses.</summary>
public sealed class KillTests(LongRun fixture) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = fixture.Run;

    [Theory]
    [InlineData(1, "auto")]
    [InlineData(2, "auto")]
    [InlineData(3, "auto")]
    [InlineData(1, "slices")]
    public void KillTwoOfThreeWorkers_AtStepsOfASeed_EndsWithTheSameBytes(int seed, string transport)
    {
        var random = new Random(seed);
        long[] steps = [.. new[] { random.NextInt64(1, LatestStep), random.NextInt64(1, LatestStep) }.Order()];
        string folder = _run.NewOut();
        using LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "3", "--lanes", "1", "--transport", transport));
        train.WaitForStep(folder, 0);
        List<int> workers = [.. train.Children()];
        Assert.Equal(3, workers.Count);
        for (int kill = 0; kill < steps.Length; kill++)
        {
            train.WaitForStep(folder, steps[kill]);
            int victim = random.Next(workers.Count);
            LockstepProcess.Signal(workers[victim], 9);
            workers.RemoveAt(victim);
            int lost = 0;
            train.WaitForLine($"loss {kill + 1}", line => line.Contains(" lost: ") && ++lost > kill);
        }

        SmallRun.AssertEnded(train.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void KillCoordinator_AtAStepOfASeed_TheNextOneEndsWithTheSameBytes(int seed)
    {
        long step = new Random(seed).NextInt64(FirstCheckpoint, LatestStep);
        string folder = _run.NewOut(), address = $"127.0.0.1:{FreePorts.Pair()}";
        string[] more = ["--listen", address, "--min-workers", "2", "--out", folder, "--json"];
        using LockstepProcess first = LockstepProcess.Start(["coordinator", .. _run.Options, .. more]);
        first.WaitForLine("the address to join", line => line.Contains("--join"));
        using LockstepProcess a = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        using LockstepProcess b = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        first.WaitForStep(folder, step);
        first.WaitForCheckpoints(folder);
        first.Kill();
        first.WaitForExit();

        // At once, so that it may be there before its workers have noticed.
        using LockstepProcess second = LockstepProcess.Start(
            ["coordinator", "--resume", folder, "--data-dir", _run.DataDirectory, .. more]);

        SmallRun.AssertEnded(second.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
        Assert.Equal((0, 0), (a.WaitForExit(), b.WaitForExit()));
    }

    [Fact]
    public void WorkersComeAndGo_MidRun_EndsWithTheSameBytes()
    {
        string folder = _run.NewOut();
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. _run.Options, "--out", folder, "--min-workers", "1", "--worker-timeout", "60", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess early = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        coordinator.WaitForStep(folder, 100);
        early.Pause(); // So that the late one comes in the middle of the run, however quick that is.
        using LockstepProcess late = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        int ready = 0;
        coordinator.WaitForLine("the late worker to be ready", line => line.Contains(" ready, 1 lane") && ++ready == 2);
        early.Continue();
        early.Terminate();
        Assert.Equal(0, early.WaitForExit());

        SmallRun.AssertEnded(coordinator.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
        Assert.Equal(0, late.WaitForExit());
    }

    private const long FirstCheckpoint = 100;

    private long LatestStep => _run.Spec.TotalSteps / 2;
}
