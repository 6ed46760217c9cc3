using Xunit.Abstractions;

namespace Lockstep.Cluster.Tests;

/// <summary>Strangers at every port of a coordinator and a worker: they are closed out, cost little memory, and change nothing.</summary>
public sealed class HostilePeerTests(SmallRun run, ITestOutputHelper output) : IClassFixture<SmallRun>
{
    private const int Dawdlers = 200;
    private const long MostMemory = 64_000_000;

    [Fact]
    public async Task Strangers_AtEveryPort_AreClosedOutAndChangeNothing()
    {
        string folder = run.NewOut();
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. run.Options, "--out", folder, "--min-workers", "2", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]);
        coordinator.WaitForLine("the first worker", line => line.Contains("ready, 1 lane") || line.Contains("ready, 2 lanes"));

        int[] ports = [.. new[] { coordinator, worker }.SelectMany(process => ProcFiles.ListeningPorts(process.Id))];
        Assert.Equal(3, ports.Length);
        (long Coordinator, long Worker) before = (ProcFiles.PeakMemory(coordinator.Id), ProcFiles.PeakMemory(worker.Id));
        await Task.WhenAll(ports.Select(AttackAsync));
        (
            long Coordinator,
            long Worker) more = (ProcFiles.PeakMemory(coordinator.Id) - before.Coordinator,
            ProcFiles.PeakMemory(worker.Id) - before.Worker);
        output.WriteLine($"coordinator: {more.Coordinator:N0} bytes more than {before.Coordinator:N0}; worker: {more.Worker:N0} more "
            + $"than {before.Worker:N0}");
        Assert.InRange(more.Coordinator, 0, MostMemory);
        Assert.InRange(more.Worker, 0, MostMemory);

        using LockstepProcess second = LockstepProcess.Start(["worker", "--join", address]);
        coordinator.WaitForLine("the first epoch", line => line.Contains("epoch  1/"));
        int attacks = 0;
        foreach (int port in new[] { coordinator, worker, second }.SelectMany(process => ProcFiles.ListeningPorts(process.Id)))
        {
            foreach (byte[] beginning in HostilePeer.Beginnings)
            {
                HostilePeer.SendAndLeave(port, beginning);
                attacks++;
            }
        }

        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
        Assert.DoesNotContain("lost", coordinator.StandardError);
        output.WriteLine($"{attacks} while it trained");
    }

    /// <summary>Everything at once that a stranger may think of; ends when all connections are closed by the other side.</summary>
    private static async Task AttackAsync(int port)
    {
        var attacks = new List<Task>();
        for (int i = 0; i < Dawdlers; i++)
            attacks.Add(HostilePeer.DawdleAsync(port, HostilePeer.Beginnings[i % HostilePeer.Beginnings.Count]));
        foreach (byte[] beginning in HostilePeer.Beginnings)
        {
            attacks.Add(Task.Run(() => HostilePeer.SendAndLeave(port, beginning)));
            attacks.Add(Task.Run(() => HostilePeer.SendWithoutEnd(port, beginning)));
            attacks.Add(HostilePeer.SendDripAsync(port, beginning));
        }

        await Task.WhenAll(attacks);
    }
}
