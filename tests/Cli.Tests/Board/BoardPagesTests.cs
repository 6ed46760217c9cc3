using System.Globalization;
using System.Net;
using System.Text.Json;
using Lockstep.Cli.Board;
using Lockstep.Cli.Health;
using Lockstep.Coordinator.Runs;

namespace Lockstep.Cli.Tests.Board;

/// <summary>What the page of the board asks for. The page itself is tried in a browser.</summary>
public sealed class BoardPagesTests(TrainedTinyRun tiny) : IClassFixture<TrainedTinyRun>, IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private string _run = null!;
    private LiveRun _live = null!;
    private IAsyncDisposable _server = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _run = tiny.CopyTo(_folder);
        _live = new LiveRun(_run);
        (_server, string address, string note) = await StartAsync(IPAddress.Loopback);
        Assert.Empty(note);
        _client = new HttpClient { BaseAddress = new Uri(address), Timeout = Deadline };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Page_WithAllItAsksFor_IsServed()
    {
        string page = await _client.GetStringAsync("/");

        Assert.Contains("<script type=\"module\" src=\"/board.js\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        foreach (string file in (string[])[
            "/board.css", "/report.css", "/board.js", "/runs.js", "/run.js", "/chart.js", "/lanes.js", "/digests.js", "/try.js", "/draw.js",
            "/rows.js", "/evaluation.js", "/chaos.js"])
            Assert.NotEmpty(await _client.GetStringAsync(file));
        Assert.Equal("alive\n", await _client.GetStringAsync("/livez"));
    }

    [Fact]
    public async Task Runs_OfTheFolder_AreListedWithTheirOptions()
    {
        JsonElement run = Assert.Single((await JsonAsync("/api/runs")).EnumerateArray());

        Assert.Equal("run", run.GetProperty("name").GetString());
        Assert.Equal("784-5-2", run.GetProperty("model").GetString());
        Assert.Equal(12, run.GetProperty("step").GetInt64());
        Assert.Equal("0.05", run.GetProperty("options").GetProperty("learningRate").GetString());
        Assert.InRange(run.GetProperty("test").GetDouble(), 0, 1);
    }

    [Fact]
    public async Task Run_Whole_HasMetricsEventsAndDigest()
    {
        JsonElement run = await JsonAsync("/api/runs/run");

        Assert.Equal([3L, 6, 9, 12], run.GetProperty("metrics").EnumerateArray().Select(row => row.GetProperty("step").GetInt64()));
        Assert.Contains(run.GetProperty("events").EnumerateArray(), one => one.GetProperty("kind").GetString() == "trainingStarted");
        Assert.Equal(64, run.GetProperty("digest").GetString()!.Length);
        Assert.Equal(12, run.GetProperty("trace").EnumerateArray().Last().GetProperty("step").GetInt64());
        Assert.Equal([12L], run.GetProperty("checkpoints").EnumerateArray().Select(one => one.GetProperty("step").GetInt64()).TakeLast(1));
        Assert.Equal(new FileInfo(Path.Combine(_run, "metrics.jsonl")).Length, run.GetProperty("metricsBytes").GetInt64());
    }

    [Theory]
    [InlineData("/api/runs/other")]
    [InlineData("/api/runs/..")]
    [InlineData("/api/runs/..%2frun")]
    [InlineData("/api/runs/run%2fcheckpoints")]
    public async Task Run_ThatIsNotInTheFolder_IsNotFound(string path)
    {
        using HttpResponseMessage answer = await _client.GetAsync(new Uri(_client.BaseAddress!, path));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Stream_OfAGrowingRun_BringsNewLinesThenSaysThatItEnded()
    {
        JsonElement run = await JsonAsync("/api/runs/run");
        using var patience = new CancellationTokenSource(Deadline);
        using var lines = new StreamReader(await _client.GetStreamAsync(
            $"/api/runs/run/stream?metrics={run.GetProperty("metricsBytes")}&events={run.GetProperty("eventsBytes")}", patience.Token));
        (string kind, JsonElement data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("trace", 12L), (kind, data.EnumerateArray().Last().GetProperty("step").GetInt64()));
        (kind, data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("checkpoints", 12L), (kind, data.EnumerateArray().Last().GetProperty("step").GetInt64()));

        _live.Update(new RunEvent.Progress(13, 0.5, 0.75, 1000,
            [new WorkerProgress("127.0.0.1:1", 2, 3, 4, 5.5, 6, 7) { TimesLate = 8, Reissued = 9 }]));
        (kind, data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("progress", 13L), (kind, data.GetProperty("step").GetInt64()));
        JsonElement worker = Assert.Single(data.GetProperty("workers").EnumerateArray());
        Assert.Equal(5.5, worker.GetProperty("milliseconds").GetDouble());
        Assert.Equal((8, 9), (worker.GetProperty("late").GetInt32(), worker.GetProperty("reissued").GetInt32()));

        await File.AppendAllTextAsync(Path.Combine(_run, "trace.txt"), "13 a b\n14 a", patience.Token);
        (kind, data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("trace", 13L), (kind, data.EnumerateArray().Last().GetProperty("step").GetInt64()));

        string checkpoints = Path.Combine(_run, "checkpoints"), saved = Directory.GetFiles(checkpoints, "step-*").Max()!;
        File.Copy(saved, saved.Replace("12.", "13.", StringComparison.Ordinal));
        do
            (kind, data) = await NextAsync(lines, patience.Token);
        while (data.EnumerateArray().Last().GetProperty("step").GetInt64() == 12); // The folder may have been looked at in between.
        Assert.Equal("checkpoints", kind);

        string row = File.ReadLines(Path.Combine(_run, "metrics.jsonl")).First();
        await File.AppendAllTextAsync(Path.Combine(_run, "metrics.jsonl"), row + "\n" + row[..10], patience.Token);
        (kind, data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("metrics", 3L), (kind, data.GetProperty("step").GetInt64()));

        await File.AppendAllTextAsync(
            Path.Combine(_run, "events.jsonl"), """{"time":"2026-01-01T00:00:00Z","kind":"workerLost","text":"worker a:1 lost: x"}""" + "\n",
            patience.Token);
        (kind, data) = await NextAsync(lines, patience.Token);
        Assert.Equal(("event", "workerLost"), (kind, data.GetProperty("kind").GetString()));

        File.SetLastWriteTimeUtc(Path.Combine(_run, "summary.json"), DateTime.UtcNow.AddSeconds(5));
        Assert.Equal("event: reload", await lines.ReadLineAsync(patience.Token));
    }

    [Fact]
    public async Task Stream_OfMetricsThatWereCut_AsksToReadAnew()
    {
        using var lines = new StreamReader(await _client.GetStreamAsync("/api/runs/run/stream?metrics=1000000"));

        Assert.Equal("event: reload", await lines.ReadLineAsync());
    }

    [Fact]
    public async Task Trace_UpToAStep_EndsThere()
    {
        string[] trace = [.. File.ReadLines(Path.Combine(_run, "trace.txt")).Skip(3)];

        foreach ((string query, int last) in new[] { ("", 12), ("?to=5", 5), ("?to=1", 1), ("?to=99", 12) })
        {
            JsonElement found = await JsonAsync($"/api/runs/run/trace{query}");
            Assert.Equal(trace[..last], found.EnumerateArray().Select(
                line => $"{line.GetProperty("step")} {line.GetProperty("weights")} {line.GetProperty("chain")}"));
        }
    }

    [Fact]
    public async Task Predict_Picture_IsWhatTheNetworkSaysAndSees()
    {
        string picture = TestPictures.WriteBar(_folder.File("bar.png"));
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(picture));
        using HttpResponseMessage answer = await _client.PostAsync("/api/runs/run/predict", content);
        JsonElement said = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(784, said.GetProperty("seen").GetBytesFromBase64().Length);
        double[] probabilities = [.. said.GetProperty("probabilities").EnumerateArray().Select(share => share.GetDouble())];
        Assert.Equal(1, probabilities.Sum(), 1e-5);
        int most = Array.IndexOf(probabilities, probabilities.Max());
        Assert.Equal(said.GetProperty("classes")[most].GetString(), said.GetProperty("answer").GetString());
    }

    [Theory]
    [InlineData("not a picture")]
    [InlineData("")]
    public async Task Predict_Nonsense_IsRefusedWithoutTheNameOfAFile(string text)
    {
        using HttpResponseMessage answer = await _client.PostAsync("/api/runs/run/predict", new StringContent(text));
        string problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("problem").GetString()!;

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith("The picture ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_OfTheNewestCheckpoint_IsShown()
    {
        string text = await _client.GetStringAsync("/api/runs/run/model");

        Assert.Contains("Verified: summary.json says the same.", text, StringComparison.Ordinal);
        Assert.Contains("layer0/weights", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Difference_OfARunAndItsCopy_IsNone()
    {
        string copy = _folder.File("copy");
        _ = Directory.CreateDirectory(Path.Combine(copy, "checkpoints"));
        foreach (string file in Directory.GetFiles(_run, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(_run, file)));
        JsonElement found = await JsonAsync("/api/runs/run/difference?to=copy");

        Assert.True(found.GetProperty("difference").GetProperty("identical").GetBoolean());
        Assert.Equal(12, found.GetProperty("difference").GetProperty("sameSteps").GetInt64());
        Assert.Equal(JsonValueKind.Null, found.GetProperty("picture").ValueKind);
    }

    [Fact]
    public async Task Difference_OfRunsWithOtherSeeds_IsAPictureOfWhere()
    {
        await TinyRun.TrainFourEpochsAsync(
            tiny.Images, _folder.File("other"), "--model", "784-5-2", "--learning-rate", "0.05", "--seed", "7");
        JsonElement found = await JsonAsync("/api/runs/run/difference?to=other");

        Assert.False(found.GetProperty("difference").GetProperty("identical").GetBoolean());
        Assert.Equal("layer1/weights", found.GetProperty("difference").GetProperty("largestDifference").GetProperty("parameter").GetString());
        using var picture = SkiaSharp.SKBitmap.Decode(found.GetProperty("picture").GetBytesFromBase64());
        Assert.Equal((5 * 16, 2 * 16), (picture.Width, picture.Height)); // Of [5, 2] values.
    }

    [Fact]
    public async Task Host_ThatIsNotThisMachine_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/runs");
        request.Headers.Host = "rebound.test";
        using HttpResponseMessage answer = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task FromOtherMachines_OnlyTheTokenOpensTheBoard()
    {
        (IAsyncDisposable server, string address, string note) = await StartAsync(IPAddress.Any);
        await using IAsyncDisposable _ = server;
        Assert.Equal(" (the token travels unencrypted)", note);
        var place = new Uri(address);
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() })
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{place.Port}")),
        };

        foreach (string path in (string[])["/", "/api/runs", "/board.js", "/api/runs/run", "/?token=0"])
        {
            using HttpResponseMessage refused = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        Assert.Equal("alive\n", await client.GetStringAsync("/livez"));
        using HttpResponseMessage opened = await client.GetAsync(place.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.NotEqual("[]", await client.GetStringAsync("/api/runs"));
    }

    private async Task<(IAsyncDisposable Server, string Address, string Note)> StartAsync(IPAddress address) => await BoardPages.StartAsync(
        new IPEndPoint(address, 0), "--http", () => new Readiness(true, "here"), new RunShelf(_folder.Path, _live), tlsFolder: null,
        CommandRun.Nothing);

    private async Task<JsonElement> JsonAsync(string path) => JsonDocument.Parse(await _client.GetStringAsync(path)).RootElement;

    private static async Task<(string Kind, JsonElement Data)> NextAsync(StreamReader lines, CancellationToken stop)
    {
        string kind = (await lines.ReadLineAsync(stop))!["event: ".Length..], data = (await lines.ReadLineAsync(stop))!["data: ".Length..];
        Assert.Equal("", await lines.ReadLineAsync(stop));
        return (kind, JsonDocument.Parse(data).RootElement);
    }
}
