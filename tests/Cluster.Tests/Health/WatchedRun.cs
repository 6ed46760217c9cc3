using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Model.Specs;

namespace Lockstep.Cluster.Tests.Health;

/// <summary>
/// A run of a coordinator that needs two workers, watched over HTTP from before its data is read until nobody is left to train, and then
/// stopped. What was answered at each point, and what all three processes said as records.
/// </summary>
public sealed partial class WatchedRun : IDisposable
{
    private readonly SmallRun _run = new();
    private readonly HttpClient _client = new() { Timeout = LockstepProcess.Deadline };

    public WatchedRun()
    {
        string folder = _run.NewOut(), address = $"127.0.0.1:{FreePorts.Pair()}";
        string[] common = ["--log-format", "json", "--worker-timeout", "120"];
        using LockstepProcess first = LockstepProcess.Start(
            ["worker", "--join", address, "--lanes", "1", "--http", "127.0.0.1:0", .. common]);
        string worker = HealthOf(first);
        WorkerBeforeTheCoordinator = [Ask(worker, "/livez"), Ask(worker, "/readyz"), Ask(worker, "/")];

        using LockstepProcess coordinator = LockstepProcess.Start(
        [
            "coordinator", .. _run.Train(folder, "--epochs", "100000", "--eval-every", "50steps", "--keep-checkpoints", "3").Skip(1),
            "--listen", address, "--min-workers", "2", "--http", "127.0.0.1:0", .. common,
        ]);
        string health = HealthOf(coordinator);
        CoordinatorAtFirst = [Ask(health, "/livez"), Ask(health, "/readyz")];
        coordinator.WaitForLine("the first worker", line => line.Contains(" ready, "));
        CoordinatorWithOneWorker = Ask(health, "/readyz");
        // The coordinator may know it before the worker does.
        WaitFor("the worker to be ready", () => Ask(worker, "/readyz").Status == HttpStatusCode.OK);
        WorkerJoined = Ask(worker, "/readyz");

        using LockstepProcess second = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1", .. common]);
        coordinator.WaitForLine("training", line => line.Contains("training with 2 workers"));
        CoordinatorTraining = Ask(health, "/readyz");
        coordinator.WaitForStep(folder, 100);
        coordinator.WaitForCheckpoints(folder);
        Worker = new Exposition(Ask(worker, "/metrics").Text);

        second.Terminate();
        coordinator.WaitForLine("one to leave", line => line.Contains(" left: "));
        CoordinatorAfterOneLeft = Ask(health, "/readyz");
        first.Terminate();
        coordinator.WaitForLine("the other one to leave", line => line.Contains("waiting for workers, 0 of 1 ready"));
        CoordinatorAfterAllLeft = Ask(health, "/readyz");
        // A rate of zero is told by the parameter server once it has done all that came before: what is counted then is counted for good.
        WaitFor("the rate to fall to zero", () => new Exposition(Ask(health, "/metrics").Text)["lockstep_examples_per_second"] == 0);
        Coordinator = new Exposition(Ask(health, "/metrics").Text);
        coordinator.Terminate();
        Summary = coordinator.WaitForSummary();
        ExitCodes = [first.WaitForExit(), second.WaitForExit()];
        CoordinatorRecords = RecordsOf(coordinator);
        WorkerRecords = RecordsOf(first);
    }

    public RunSpec Spec => _run.Spec;

    internal IReadOnlyList<Answer> WorkerBeforeTheCoordinator { get; }

    internal Answer WorkerJoined { get; }

    internal IReadOnlyList<Answer> CoordinatorAtFirst { get; }

    internal Answer CoordinatorWithOneWorker { get; }

    internal Answer CoordinatorTraining { get; }

    internal Answer CoordinatorAfterOneLeft { get; }

    internal Answer CoordinatorAfterAllLeft { get; }

    /// <summary>Of a worker, in the middle of the run.</summary>
    internal Exposition Worker { get; }

    /// <summary>Of the coordinator, when nobody trained any more.</summary>
    internal Exposition Coordinator { get; }

    public JsonElement Summary { get; }

    public IReadOnlyList<int> ExitCodes { get; }

    public IReadOnlyList<JsonElement> CoordinatorRecords { get; }

    public IReadOnlyList<JsonElement> WorkerRecords { get; }

    public void Dispose()
    {
        _client.Dispose();
        _run.Dispose();
    }

    private static string HealthOf(LockstepProcess process) =>
        Address().Match(process.WaitForLine("the address of its health", line => line.Contains("health and metrics at "))).Value;

    private static void WaitFor(string what, Func<bool> isSo) =>
        Assert.True(SpinWait.SpinUntil(isSo, LockstepProcess.Deadline), $"Waited for {what}.");

    private Answer Ask(string address, string path)
    {
        using HttpResponseMessage answer = _client.GetAsync(address + path).GetAwaiter().GetResult();
        return new Answer(answer.StatusCode, answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
    }

    private static JsonElement[] RecordsOf(LockstepProcess process) =>
        [.. process.StandardError.Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];

    [GeneratedRegex("http://127.0.0.1:[0-9]+")]
    private static partial Regex Address();

    internal sealed record Answer(HttpStatusCode Status, string Text);
}
