namespace Lockstep.Cluster.Tests;

/// <summary>
/// SIGINT and SIGTERM, once and twice. (One that stops <c>train</c> and is resumed is in <see cref="SameWeightsTests"/>.)
/// </summary>
public sealed class SignalTests(LongRun longRun) : IClassFixture<LongRun>
{
    private const int Int = 2, User1 = 10, Term = 15;
    private static readonly TimeSpan NobodySurvives = TimeSpan.FromSeconds(10);

    private readonly SmallRun _run = longRun.Run;

    [Theory]
    [InlineData(Int, "Ctrl-C")]
    [InlineData(Term, "SIGTERM")]
    [InlineData(User1, "SIGUSR1")]
    public void Coordinator_Once_SavesAndSendsItsWorkersHome(int signal, string name)
    {
        string folder = _run.NewOut();
        using (LockstepProcess coordinator = StartCoordinator(folder, out string address))
        using (LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]))
        {
            coordinator.WaitForStep(folder, 150);
            LockstepProcess.Signal(coordinator.Id, signal);
            Assert.Equal(0, coordinator.WaitForExit());
            Assert.Contains($"{name}: finishing the step and saving", coordinator.StandardError);
            Assert.Contains($"lockstep coordinator --listen 127.0.0.1:0 --resume {folder}", coordinator.StandardError);
            Assert.Equal(0, worker.WaitForExit());
        }

        AssertResumes(folder);
    }

    [Fact]
    public void Coordinator_TwiceInAStepThatCannotEnd_EndsAtOnce()
    {
        string folder = _run.NewOut();
        using (LockstepProcess coordinator = StartCoordinator(folder, out string address))
        using (LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]))
        {
            coordinator.WaitForCheckpoints(folder);
            worker.Pause();
            coordinator.Interrupt();
            coordinator.WaitForLine("the first signal", line => line.Contains("once more to end at once"));
            coordinator.Interrupt();
            Assert.Equal(130, coordinator.WaitForExit());
            worker.Continue();
            worker.WaitForLine("the loss of the coordinator", line => line.Contains("to join again"));
            worker.Terminate();
            Assert.Equal(0, worker.WaitForExit());
        }

        AssertResumes(folder);
    }

    [Theory]
    [InlineData(Int)]
    [InlineData(Term)]
    [InlineData(User1)]
    public void Worker_Once_LeavesAndTheOtherGoesOn(int signal)
    {
        string folder = _run.NewOut();
        using LockstepProcess coordinator = StartCoordinator(folder, out string address, workers: 2);
        using LockstepProcess leaving = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        using LockstepProcess staying = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        coordinator.WaitForStep(folder, 150);
        LockstepProcess.Signal(leaving.Id, signal);
        Assert.Equal(0, leaving.WaitForExit());
        SmallRun.AssertEnded(coordinator.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
        Assert.Equal(0, staying.WaitForExit());
    }

    [Fact]
    public void Worker_TwiceWhileTheCoordinatorStandsStill_EndsAtOnce()
    {
        string folder = _run.NewOut();
        using LockstepProcess coordinator = StartCoordinator(folder, out string address, workers: 2);
        using LockstepProcess leaving = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        using LockstepProcess staying = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        coordinator.WaitForStep(folder, 150);
        coordinator.Pause();
        leaving.Interrupt(); // Two signals, because two of the same kind may count as one.
        leaving.Terminate();
        Assert.Contains(leaving.WaitForExit(), new[] { 130, 143 });
        coordinator.Continue();
        SmallRun.AssertEnded(coordinator.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
        Assert.Equal(0, staying.WaitForExit());
    }

    /// <summary>As a shell starts what is to run in the background of a script, or nohup.</summary>
    [Fact]
    public void Coordinator_StartedWithSignalIgnored_IgnoresIt()
    {
        string folder = _run.NewOut();
        using LockstepProcess coordinator = LockstepProcess.StartInShell(
            "trap '' INT; exec \"$@\"", ["coordinator", .. _run.Options, "--out", folder]);
        coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        coordinator.Interrupt();
        coordinator.Terminate();
        Assert.Equal(0, coordinator.WaitForExit());
        Assert.DoesNotContain("Ctrl-C", coordinator.StandardError, StringComparison.Ordinal);
        Assert.Contains("SIGTERM: finishing the step and saving", coordinator.StandardError, StringComparison.Ordinal);
    }

    /// <summary>A terminal sends SIGINT, and Slurm SIGUSR1 if it is told to.</summary>
    [Theory]
    [InlineData(Int)]
    [InlineData(User1)]
    public void Train_SignalThatGoesToEveryProcess_StopsInGoodOrder(int signal)
    {
        string folder = _run.NewOut();
        using (LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "2")))
        {
            train.WaitForStep(folder, 150);
            IReadOnlyList<int> workers = train.Children();
            foreach (int process in workers.Prepend(train.Id))
                LockstepProcess.Signal(process, signal);
            Assert.Equal(0, train.WaitForExit());
            Assert.DoesNotContain(" lost: ", train.StandardError);
            AssertGone(workers);
        }

        AssertResumes(folder);
    }

    [Fact]
    public void Train_TwiceInAStepThatCannotEnd_EndsAtOnceAndNoWorkerSurvives()
    {
        string folder = _run.NewOut();
        using (LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "2")))
        {
            train.WaitForCheckpoints(folder);
            IReadOnlyList<int> workers = train.Children();
            foreach (int worker in workers)
                LockstepProcess.Signal(worker, 19);
            train.Interrupt();
            train.WaitForLine("the first signal", line => line.Contains("once more to end at once"));
            train.Interrupt();
            Assert.Equal(130, train.WaitForExit());
            foreach (int worker in workers)
                LockstepProcess.Signal(worker, 18);
            AssertGone(workers);
        }

        AssertResumes(folder);
    }

    private LockstepProcess StartCoordinator(string folder, out string address, int workers = 1)
    {
        LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. _run.Options, "--out", folder, "--min-workers", $"{workers}", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        return coordinator;
    }

    private void AssertResumes(string folder)
    {
        using LockstepProcess resumed = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", _run.DataDirectory, "--workers", "1", "--json"]);
        SmallRun.AssertEnded(resumed.WaitForSummary(), _run.WeightsSha256);
        _run.AssertTrace(folder);
    }

    private static void AssertGone(IReadOnlyList<int> processes)
    {
        SpinWait.SpinUntil(() => !processes.Any(LockstepProcess.IsAlive), NobodySurvives);
        Assert.DoesNotContain(processes, LockstepProcess.IsAlive);
    }
}
