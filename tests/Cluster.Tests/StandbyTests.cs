using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>Coordinators that stand by for another one, and what becomes of the run when that is gone.</summary>
public sealed class StandbyTests(LongRun fixture) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = fixture.Run;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void KillLeader_AtAStepOfASeed_TheStandbyEndsWithTheSameBytes(int seed)
    {
        using var cluster = new Cluster(_run, standbys: 1);
        cluster.Leader.WaitForStep(cluster.Folders[0], new Random(seed).NextInt64(1, _run.Spec.TotalSteps / 2));
        cluster.Leader.Kill();

        cluster.AssertEnded(by: 1);
        cluster.AssertWorkersMoved(times: 1);
    }

    [Fact]
    public void KillLeader_ThenTheNextOne_TheThirdEndsWithTheSameBytes()
    {
        using var cluster = new Cluster(_run, standbys: 2);
        for (int dead = 0; dead < 2; dead++)
        {
            // The next one has a checkpoint that this one has made.
            LockstepProcess next = cluster.Coordinators[dead + 1];
            cluster.Coordinators[dead].WaitForStep(cluster.Folders[dead], 300 * (dead + 1));
            next.WaitForCheckpoints(cluster.Folders[dead + 1]);
            cluster.Coordinators[dead].Kill();
            next.WaitForLine("the lead", line => line.StartsWith("leading with term ", StringComparison.Ordinal));
        }

        cluster.AssertEnded(by: 2);
        cluster.AssertWorkersMoved(times: 2);
    }

    [Fact]
    public void KillLeader_BeforeItsFirstCheckpoint_TheStandbyBeginsTheSameRunAnew()
    {
        using var cluster = new Cluster(_run, standbys: 1, workers: 0);
        cluster.Leader.Kill();
        cluster.Coordinators[1].WaitForLine("the lead", line => line.StartsWith("leading with term 2", StringComparison.Ordinal));
        cluster.StartWorkers(2);

        cluster.AssertEnded(by: 1);
    }

    [Fact]
    public void RunToTheEnd_WithAStandby_BothHaveAll()
    {
        using var cluster = new Cluster(_run, standbys: 1);

        SmallRun.AssertEnded(cluster.Leader.WaitForSummary(), _run.WeightsSha256);
        JsonElement summary = cluster.AssertEnded(by: 1);
        Assert.Equal("completed", summary.GetProperty("outcome").GetString());
        Assert.Equal(MetricsOf(cluster.Folders[0]), MetricsOf(cluster.Folders[1]));
    }

    [Fact]
    public void TerminateLeader_WithAStandby_ItHandsOver()
    {
        using var cluster = new Cluster(_run, standbys: 1);
        cluster.Leader.WaitForStep(cluster.Folders[0], 150);
        cluster.Leader.Terminate();

        JsonElement summary = cluster.Leader.WaitForSummary();
        Assert.Equal("handedOver", summary.GetProperty("outcome").GetString());
        // It goes on from the very step at which the other one stopped.
        long steps = summary.GetProperty("steps").GetInt64();
        Assert.Equal(steps, cluster.AssertEnded(by: 1).GetProperty("firstStep").GetInt64());
        cluster.AssertWorkersMoved(times: 1);
    }

    [Fact]
    public void PauseLeader_UntilTheStandbyLeads_ItEndsWhenItWakesUp()
    {
        using var cluster = new Cluster(_run, standbys: 1);
        cluster.Leader.WaitForStep(cluster.Folders[0], 150);
        cluster.Leader.Pause();
        cluster.Coordinators[1].WaitForLine("the lead", line => line.StartsWith("leading with term 2", StringComparison.Ordinal));
        cluster.Leader.Continue();

        Assert.Equal(3, cluster.Leader.WaitForExit());
        Assert.Contains("standby leads", cluster.Leader.StandardError, StringComparison.Ordinal);
        Assert.Contains("start this command again with --standby, --join", cluster.Leader.StandardError, StringComparison.Ordinal);
        cluster.AssertEnded(by: 1);
        cluster.AssertWorkersMoved(times: 1);
    }

    [Fact]
    public void Standby_OfAnotherRun_IsRefusedWithWhatDiffers()
    {
        using var cluster = new Cluster(_run, standbys: 0, workers: 0);
        using LockstepProcess standby = LockstepProcess.Start(
            ["coordinator", .. _run.Options.Select(option => option == "0.05" ? "0.06" : option), "--standby", "--join", cluster.Address, "--out", _run.NewOut()]);

        Assert.Equal(2, standby.WaitForExit());
        Assert.Contains("optimizer.learningRate is 0.05 in the coordinator's run, 0.06 in this one's", standby.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WorkersAndStandbyBeforeTheLeader_TheyWaitForIt()
    {
        int[] ports = [FreePorts.Pair(), FreePorts.Pair()];
        string join = string.Join(',', ports.Select(port => $"127.0.0.1:{port}"));
        string[] folders = [_run.NewOut(), _run.NewOut()];
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", join, "--lanes", "1"]);
        worker.WaitForLine("its start", line => line.StartsWith("joining ", StringComparison.Ordinal));
        using LockstepProcess standby = LockstepProcess.Start(
            ["coordinator", .. _run.Options, "--listen", $"127.0.0.1:{ports[1]}", "--standby", "--join", join, "--out", folders[1], "--json"]);
        standby.WaitForLine("its start", line => line.StartsWith("looking for the coordinator", StringComparison.Ordinal));
        using LockstepProcess leader = LockstepProcess.Start(
            ["coordinator", .. _run.Options, "--listen", $"127.0.0.1:{ports[0]}", "--out", folders[0], "--json"]);

        SmallRun.AssertEnded(leader.WaitForSummary(), _run.WeightsSha256);
        Assert.Equal((0, 0), (standby.WaitForExit(), worker.WaitForExit()));
    }

    private static IEnumerable<string> MetricsOf(string folder) => File.ReadLines(Path.Combine(folder, "metrics.jsonl"));

    /// <summary>A leading coordinator, its standbys, and workers.</summary>
    private sealed class Cluster : IDisposable
    {
        private readonly SmallRun _run;
        private readonly List<LockstepProcess> _workers = [];
        private readonly string _join;

        public Cluster(SmallRun run, int standbys, int workers = 2)
        {
            _run = run;
            string[] addresses = [.. Enumerable.Range(0, 1 + standbys).Select(_ => $"127.0.0.1:{FreePorts.Pair()}")];
            _join = string.Join(',', addresses);
            for (int i = 0; i <= standbys; i++)
            {
                Folders.Add(_run.NewOut());
                string[] more = ["--listen", addresses[i], "--min-workers", "2", "--out", Folders[i], "--json"];
                string[] role = i == 0 ? [] : ["--standby", "--join", _join];
                Coordinators.Add(LockstepProcess.Start(["coordinator", .. _run.Options, .. more, .. role]));
                // One after another: that is the order in which they lead.
                Coordinators[i].WaitForLine(
                    "its place", line => i == 0 ? line.Contains("--join") : line.StartsWith("standing by for the coordinator", StringComparison.Ordinal));
            }

            Address = addresses[0];
            StartWorkers(workers);
        }

        public string Address { get; }

        public List<string> Folders { get; } = [];

        public List<LockstepProcess> Coordinators { get; } = [];

        public LockstepProcess Leader => Coordinators[0];

        public void StartWorkers(int count)
        {
            for (int i = 0; i < count; i++)
                _workers.Add(LockstepProcess.Start(["worker", "--join", _join, "--lanes", "1"]));
        }

        /// <summary>Checks that a coordinator has ended well, with the weights and the trace of an undisturbed run, and the workers too.</summary>
        public JsonElement AssertEnded(int by)
        {
            JsonElement summary = Coordinators[by].WaitForSummary();
            SmallRun.AssertEnded(summary, _run.WeightsSha256);
            _run.AssertTrace(Folders[by]);
            Assert.All(_workers, worker => Assert.Equal(0, worker.WaitForExit()));
            return summary;
        }

        /// <summary>Checks that each worker has stayed a member of the cluster, and followed one leader after another.</summary>
        public void AssertWorkersMoved(int times) => Assert.All(_workers, worker =>
        {
            Assert.Equal(times, worker.StandardError.Split("Waiting for a standby to lead").Length - 1);
            Assert.DoesNotContain("to join again", worker.StandardError, StringComparison.Ordinal);
        });

        public void Dispose()
        {
            foreach (LockstepProcess process in Coordinators.Concat(_workers))
                process.Dispose();
        }
    }
}
