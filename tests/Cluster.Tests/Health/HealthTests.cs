using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lockstep.Cluster.Tests.Health;

/// <summary><c>--http</c> and <c>--log-format json</c> of real processes.</summary>
public sealed partial class HealthTests(WatchedRun run) : IClassFixture<WatchedRun>
{
    [Fact]
    public void Readyz_OfACoordinator_IsReadyWhileItMakesSteps()
    {
        AssertAnswer(HttpStatusCode.OK, "^alive\n$", run.CoordinatorAtFirst[0]);
        AssertAnswer(HttpStatusCode.ServiceUnavailable, "^training has not begun: [01] of 2 workers ready\n$", run.CoordinatorAtFirst[1]);
        AssertAnswer(HttpStatusCode.ServiceUnavailable, "^training has not begun: 1 of 2 workers ready\n$", run.CoordinatorWithOneWorker);
        AssertAnswer(HttpStatusCode.OK, "^training with 2 workers, step [0-9,]+\n$", run.CoordinatorTraining);
        AssertAnswer(HttpStatusCode.OK, "^training with 1 of 2 workers, step [0-9,]+\n$", run.CoordinatorAfterOneLeft);
        AssertAnswer(
            HttpStatusCode.ServiceUnavailable, "^waiting for a worker at step [0-9,]+: all are lost\n$", run.CoordinatorAfterAllLeft);
    }

    [Fact]
    public void Readyz_OfAWorker_IsReadyOnceItHasJoined()
    {
        AssertAnswer(HttpStatusCode.OK, "^alive\n$", run.WorkerBeforeTheCoordinator[0]);
        AssertAnswer(HttpStatusCode.ServiceUnavailable, "^not joined\n$", run.WorkerBeforeTheCoordinator[1]);
        AssertAnswer(HttpStatusCode.OK, "<p>not joined</p>(.|\n)*<a href=\"/metrics\">", run.WorkerBeforeTheCoordinator[2]);
        AssertAnswer(HttpStatusCode.OK, "^joined run [0-9a-f]{16}, term 1, as 127.0.0.1:[0-9]+, step [0-9,]+\n$", run.WorkerJoined);
        Assert.All(run.ExitCodes, code => Assert.Equal(0, code));
    }

    [Fact]
    public void Metrics_OfACoordinator_AreThoseOfItsSummary()
    {
        Exposition metrics = run.Coordinator;
        long steps = run.Summary.GetProperty("steps").GetInt64(), epoch = run.Spec.StepsPerEpoch;
        long examples = steps / epoch * run.Spec.Data.TrainingExamples + steps % epoch * run.Spec.BatchSize;

        Assert.True(steps >= 100);
        Assert.Equal(steps, metrics["lockstep_steps_total"]);
        Assert.Equal(steps, metrics["lockstep_run_step"]);
        Assert.Equal(100_000 * epoch, metrics["lockstep_run_steps"]);
        Assert.Equal(examples, metrics["lockstep_examples_total"]);
        Assert.Equal(steps, metrics["lockstep_step_seconds_count{phase=\"update\"}"]);
        Assert.Equal(steps, metrics["lockstep_step_seconds_count{phase=\"gradients\"}"]);
        Assert.True(metrics["lockstep_checkpoints_total{outcome=\"saved\"}"] >= 1);
        // A disk that is slower than the run skips some.
        Assert.Equal(
            run.CoordinatorRecords.Count(record => Message(record).StartsWith("warning: no checkpoint of step ", StringComparison.Ordinal)),
            metrics["lockstep_checkpoints_total{outcome=\"failed\"}"]);
        Assert.True(metrics["lockstep_checkpoint_age_seconds"] >= 0);
        Assert.Equal(1, metrics["lockstep_cluster_members{role=\"coordinator\",state=\"reachable\"}"]);
        Assert.True(metrics["lockstep_stream_sent_bytes_total"] > 0 && metrics["lockstep_stream_received_bytes_total"] > 0);
        Assert.Equal(0, metrics["lockstep_workers{state=\"training\"}"]);
        Assert.Empty(metrics.SeriesOf("lockstep_worker_shards"));
        Assert.InRange(metrics["lockstep_validation_accuracy"], 0, 1);
        Assert.True(metrics["dotnet_process_memory_working_set_bytes"] > 0);
    }

    [Fact]
    public void Metrics_OfAWorker_TellItsPart()
    {
        Exposition metrics = run.Worker;

        Assert.Equal(1, metrics["lockstep_worker_joined"]);
        Assert.Equal(1, metrics["lockstep_worker_joins_total"]);
        Assert.Equal(1, metrics["lockstep_worker_lanes"]);
        Assert.True(metrics["lockstep_worker_examples_total"] > 0);
        Assert.True(metrics["lockstep_worker_gradients_total"] > 0);
        Assert.True(metrics["lockstep_worker_steps_total"] > 0);
        Assert.True(metrics["lockstep_worker_step_seconds_count{phase=\"compute\"}"] > 0);
        Assert.Equal(
            metrics["lockstep_worker_step_seconds_count{phase=\"compute\"}"],
            metrics["lockstep_worker_step_seconds_count{phase=\"wait\"}"]);
        Assert.Contains(
            $"run=\"{RunId}\",term=\"1\",", Assert.Single(metrics.SeriesOf("lockstep_worker_run_info")), StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_OfBoth_AreThoseOfTheDocument()
    {
        IEnumerable<string> documented = MetricInTable().Matches(File.ReadAllText(FileOf("docs", "operations.md")))
            .Select(match => match.Groups["name"].Value);

        Assert.Equal(
            run.Coordinator.Types.Keys.Union(run.Worker.Types.Keys).Where(name => name.StartsWith("lockstep_", StringComparison.Ordinal))
                .Order(),
            documented.Order());
    }

    [Fact]
    public void Dashboard_EveryQuery_UsesMetricsThatExist()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(FileOf("deploy", "grafana", "lockstep.json")));
        string[] queries = [.. QueriesOf(dashboard.RootElement)];

        Assert.True(queries.Length >= 10, $"Expected the queries of all panels, found {queries.Length}.");
        foreach (string query in queries)
        {
            string[] names = [.. MetricInQuery().Matches(query).Select(match => match.Value)];
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.True(
                run.Coordinator.Types.ContainsKey(run.Coordinator.FamilyOf(name))
                    || run.Worker.Types.ContainsKey(run.Worker.FamilyOf(name)),
                $"There is no {name}, in: {query}"));
        }
    }

    [Fact]
    public void Log_OfACoordinator_HasRunTermStepAndWorkerWhereTheyAreKnown()
    {
        Assert.All(run.CoordinatorRecords, AssertRecord);
        JsonElement[] inRun =
            [.. run.CoordinatorRecords.SkipWhile(record => !Message(record).StartsWith("workers join with", StringComparison.Ordinal))];
        Assert.All(
            inRun, record => Assert.Equal((RunId, 1), (record.GetProperty("run").GetString(), record.GetProperty("term").GetInt32())));
        Assert.All(
            inRun.SkipWhile(record => !Message(record).StartsWith("training with", StringComparison.Ordinal)),
            record => Assert.True(record.GetProperty("step").GetInt64() >= 0));
        JsonElement line = inRun.First(record => Message(record).StartsWith("epoch ", StringComparison.Ordinal));
        Assert.Equal(("information", 50), (line.GetProperty("level").GetString(), line.GetProperty("step").GetInt64()));
        JsonElement[] left = [.. inRun.Where(record => Message(record).Contains(" left: ", StringComparison.Ordinal))];
        Assert.Equal(2, left.Length);
        Assert.All(left, record => Assert.Matches("^127.0.0.1:[0-9]+$", record.GetProperty("worker").GetString()));
        Assert.StartsWith(
            $"Stopped after step {run.Summary.GetProperty("steps").GetInt64():N0} of ", Message(run.CoordinatorRecords[^1]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Log_OfAWorker_HasItsPlaceInTheRun()
    {
        Assert.All(run.WorkerRecords, AssertRecord);
        JsonElement signal = run.WorkerRecords.Single(record => Message(record).StartsWith("SIGTERM: ", StringComparison.Ordinal));
        Assert.Equal(
            ("warning", RunId, 1),
            (signal.GetProperty("level").GetString(), signal.GetProperty("run").GetString(), signal.GetProperty("term").GetInt32()));
        Assert.True(signal.GetProperty("step").GetInt64() > 0);
        Assert.Contains($"as {signal.GetProperty("worker").GetString()},", run.WorkerJoined.Text, StringComparison.Ordinal);
    }

    private string RunId => run.CoordinatorRecords[^1].GetProperty("run").GetString()!;

    private static string Message(JsonElement record) => record.GetProperty("message").GetString()!;

    private static void AssertRecord(JsonElement record)
    {
        Assert.Equal(TimeSpan.Zero, record.GetProperty("time").GetDateTimeOffset().Offset);
        Assert.Contains(record.GetProperty("level").GetString(), new[] { "debug", "information", "warning", "error", "critical" });
        Assert.NotEmpty(Message(record));
    }

    private static void AssertAnswer(HttpStatusCode status, string pattern, WatchedRun.Answer answer)
    {
        Assert.Equal(status, answer.Status);
        Assert.Matches(pattern, answer.Text);
    }

    /// <summary>Of all panels and variables, however deep; the variable that chooses the data source has none.</summary>
    private static IEnumerable<string> QueriesOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(QueriesOf),
        JsonValueKind.Object when element.TryGetProperty("type", out JsonElement type) && type.ValueEquals("datasource") => [],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.Name is "expr" or "query" && property.Value.ValueKind == JsonValueKind.String
                ? [property.Value.GetString()!]
                : QueriesOf(property.Value)),
        _ => [],
    };

    private static string FileOf(params string[] path)
    {
        string? folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine([folder ?? throw new InvalidOperationException("Cluster.sln is in no folder above the tests."), .. path]);
    }

    [GeneratedRegex(@"^\| `(?<name>lockstep_[a-z0-9_]+)`", RegexOptions.Multiline)]
    private static partial Regex MetricInTable();

    [GeneratedRegex(@"\b(lockstep|dotnet)_[a-z0-9_]+")]
    private static partial Regex MetricInQuery();
}
