using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cluster.Tests;

/// <summary>Processes that die in the middle of a run.</summary>
public sealed class LossTests(SmallRun run) : IClassFixture<SmallRun>
{
    private static readonly TimeSpan NobodySurvives = TimeSpan.FromSeconds(10);

    [Fact]
    public void KillWorker_MidRun_TheOthersEndWithTheSameBytes()
    {
        using LockstepProcess train = LockstepProcess.Start(run.Train(run.NewOut(), "--workers", "3"));
        train.WaitForLine("the second epoch", line => line.Contains("epoch  2/"));
        LockstepProcess.Signal(train.Children()[1], 9);
        train.WaitForLine("the loss of the worker", line => line.Contains(" lost: "));
        SmallRun.AssertEnded(train.WaitForSummary(), run.WeightsSha256);
    }

    [Fact]
    public void KillAllWorkers_MidRun_FailsInTimeAndCanBeResumed()
    {
        string folder = run.NewOut();
        using (LockstepProcess train = LockstepProcess.Start(run.Train(folder, "--workers", "2", "--worker-timeout", "10")))
        {
            train.WaitForLine("the second epoch", line => line.Contains("epoch  2/"));
            foreach (int worker in train.Children())
                LockstepProcess.Signal(worker, 9);
            Assert.Equal(3, train.WaitForExit());
            Assert.Contains("All workers are lost", train.StandardError);
            using JsonDocument failure = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "failure.json")));
            Assert.Equal("clusterLost", failure.RootElement.GetProperty("outcome").GetString());
            JsonElement[] lost = [.. failure.RootElement.GetProperty("workersLost").EnumerateArray()];
            Assert.Equal(2, lost.Length);
            Assert.All(lost, worker => Assert.Contains("SIGKILL", worker.GetRawText(), StringComparison.Ordinal));
            Assert.Contains(
                $"lockstep train --resume {folder}", failure.RootElement.GetProperty("whatToDo").GetString(), StringComparison.Ordinal);
        }

        using LockstepProcess resumed = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "2", "--json"]);
        SmallRun.AssertEnded(resumed.WaitForSummary(), run.WeightsSha256);
        Assert.False(File.Exists(Path.Combine(folder, "failure.json")));
    }

    [Fact]
    public void CheckpointFolderLost_MidRun_TrainingGoesOnAndTheWeightsAreSavedElsewhere()
    {
        string folder = run.NewOut(), temporary = Directory.CreateDirectory(run.NewOut()).FullName,
        checkpoints = Path.Combine(folder, "checkpoints");
        using LockstepProcess train = LockstepProcess.Start(run.Train(folder, "--workers", "1"), ("TMPDIR", temporary));
        train.WaitForLine("the second epoch", line => line.Contains("epoch  2/"));
        Directory.Move(checkpoints, checkpoints + ".lost");
        File.WriteAllText(checkpoints, "in the way");

        Assert.Equal(1, train.WaitForExit());

        Assert.Contains("no checkpoint of step", train.StandardError);
        Assert.Contains("They were saved as", train.StandardError);
        string saved = Assert.Single(Directory.GetFiles(temporary, "lockstep-*.ckpt"));
        Assert.Equal(run.WeightsSha256, CheckpointStore.Load(saved).Checkpoint.WeightsSha256);
    }

    [Fact]
    public void KillLauncher_MidRun_NoProcessSurvives()
    {
        using LockstepProcess train = LockstepProcess.Start(run.Train(run.NewOut(), "--workers", "2"));
        train.WaitForLine("the first epoch", line => line.Contains("epoch  1/"));
        IReadOnlyList<int> workers = train.Children();
        Assert.Equal(2, workers.Count);
        train.Kill();
        SpinWait.SpinUntil(() => !workers.Any(LockstepProcess.IsAlive), NobodySurvives);
        Assert.DoesNotContain(workers, LockstepProcess.IsAlive);
        train.WaitForExit();
    }

    [Fact]
    public void Coordinator_WithoutWorkers_GivesUpInTime()
    {
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", run.NewOut(), "--min-workers", "1", "--worker-timeout", "1"]);
        Assert.Equal(3, coordinator.WaitForExit());
        Assert.Contains("The cluster did not form", coordinator.StandardError);
    }

    [Fact]
    public void Worker_WithoutCoordinator_GivesUpInTime()
    {
        int port = FreePort();
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", $"127.0.0.1:{port}", "--worker-timeout", "1"]);
        Assert.Equal(3, worker.WaitForExit());
        Assert.Contains($"127.0.0.1:{port}", worker.StandardError);
        Assert.DoesNotContain("   at ", worker.StandardError);
    }

    [Fact]
    public void PortInUse_IsAClearError()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", run.NewOut(), "--listen", $"127.0.0.1:{port}"]);
        Assert.Equal(2, coordinator.WaitForExit());
        Assert.Contains($"Cannot listen on 127.0.0.1:{port}", coordinator.StandardError);
        Assert.DoesNotContain("   at ", coordinator.StandardError);
    }

    [Fact]
    public void Garbage_OnBothPorts_DisturbsNobody()
    {
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", run.NewOut(), "--min-workers", "1", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]);
        coordinator.WaitForLine("the first epoch", line => line.Contains("epoch  1/"));
        foreach (int port in ProcFiles.ListeningPorts(coordinator.Id))
        {
            for (int i = 0; i < 20; i++)
                SendGarbage(port, seed: i);
        }

        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
    }

    private static void SendGarbage(int port, int seed)
    {
        byte[] garbage = new byte[10_000];
        new Random(seed).NextBytes(garbage);
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            client.GetStream().Write(garbage);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // Being thrown out is what is wanted.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
