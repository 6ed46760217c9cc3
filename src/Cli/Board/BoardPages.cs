using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lockstep.Cli.Health;
using Lockstep.Cli.Hosting;
using Lockstep.Cli.Reports;
using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Hosting;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Shared.Tls;
using Lockstep.Training;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Lockstep.Cli.Board;

/// <summary>
/// The board's pages: one HTML page with its styles and scripts, and what they ask for. Nothing is loaded from elsewhere, and nothing can
/// be changed.
/// </summary>
internal sealed class BoardPages(RunShelf shelf, BoardAccess access, CommandIo io)
{
    private const string Policy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500), PingEvery = TimeSpan.FromSeconds(15);
    private static readonly (string Path, string File, string Type)[] Files =
    [
        ("/", "board.html", "text/html; charset=utf-8"),
        .. new[] { "report.css", "board.css" }.Select(file => ($"/{file}", file, "text/css; charset=utf-8")),
        .. new[]
        {
            "board.js", "runs.js", "run.js", "chart.js", "lanes.js", "digests.js", "try.js", "draw.js", "rows.js", "evaluation.js",
            "chaos.js",
        }.Select(file => ($"/{file}", file, "text/javascript; charset=utf-8")),
    ];

    private readonly ModelAnswers _answers = new();
    private readonly TestResults _results = new(io);
    private readonly ParameterHistory _history = new();
    private readonly ChaosShelf _chaos = new(shelf.Parent);

    /// <summary>Serves the board together with health and metrics.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="option">Name of the option that says where.</param>
    /// <param name="readiness">Tells how the process stands.</param>
    /// <param name="shelf">The runs.</param>
    /// <param name="tlsFolder">Folder of the certificates to serve HTTPS with; null for HTTP.</param>
    /// <param name="io">The environment names the cache of data sets.</param>
    /// <returns>The server, the address to open, and a note for the line that shows it.</returns>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    /// <exception cref="CertificateException">The certificates cannot be used.</exception>
    public static async Task<(IAsyncDisposable Server, string Address, string Note)> StartAsync(
        IPEndPoint endPoint, string option, Func<Readiness> readiness, RunShelf shelf, string? tlsFolder, CommandIo io)
    {
        var access = new BoardAccess(endPoint);
        HealthServer server = await HealthServer.StartAsync(
            endPoint, option, readiness, tlsFolder, new BoardPages(shelf, access, io).Map);
        return (server, server.Address + access.Query, access.HasToken && tlsFolder is null ? " (the token travels unencrypted)" : "");
    }

    private void Map(WebApplication app)
    {
        foreach ((string path, string file, string type) in Files)
            Get(app, path, context => SendAsync(context, Content(file), type));
        Get(app, "/api/runs", context => JsonAsync(context, shelf.List(), BoardContext.Default.IReadOnlyListBoardRow));
        Run(app, "GET", "", (context, folder) => JsonAsync(context, shelf.Read(folder), BoardContext.Default.BoardRun));
        Run(app, "GET", "/stream", StreamAsync);
        Run(app, "GET", "/trace", TraceAsync);
        Run(app, "GET", "/model", ModelAsync);
        Run(app, "GET", "/parameters", ParametersAsync);
        Run(app, "GET", "/difference", DifferenceAsync);
        Run(app, "GET", "/inputs", (context, folder) => JsonAsync(context, _answers.InputsOf(folder), BoardContext.Default.BoardInputs));
        Run(app, "POST", "/predict", async (context, folder) =>
            await JsonAsync(context, _answers.OfPicture(folder, await BodyAsync(context)), BoardContext.Default.BoardAnswer));
        Run(app, "POST", "/rows", async (context, folder) =>
            await JsonAsync(context, _answers.OfRows(folder, await BodyAsync(context)), BoardContext.Default.BoardRowAnswers));
        Run(app, "POST", "/evaluation", async (context, folder) =>
            await SendHtmlAsync(context, await _results.OfAsync(folder, context.RequestAborted)));
        Get(app, "/api/chaos", context => JsonAsync(context, _chaos.List(), BoardContext.Default.IReadOnlyListBoardChaos));
        Get(app, "/api/chaos/{name}", context => _chaos.Find(NameIn(context)) is { } found
            ? JsonAsync(context, found, BoardContext.Default.BoardChaos)
            : NoChaosAsync(context));
        Get(app, "/api/chaos/{name}/timeline.svg", context => _chaos.PictureOf(NameIn(context)) is { } picture
            ? SendAsync(context, picture, "image/svg+xml")
            : NoChaosAsync(context));
    }

    private void Get(WebApplication app, string path, RequestDelegate answer) => app.MapMethods(path, ["GET", "HEAD"], async context =>
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        if (await access.AdmitsAsync(context))
            await answer(context);
    });

    private void Run(WebApplication app, string method, string path, Func<HttpContext, string, Task> answer) =>
        app.MapMethods($"/api/runs/{{name}}{path}", [method], async context =>
        {
            if (!await access.AdmitsAsync(context))
                return;
            try
            {
                string name = NameIn(context);
                if (shelf.Find(name) is { } folder)
                    await answer(context, folder);
                else
                    await ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no run '{name}' here.");
            }
            catch (Exception e) when (Mistakes.Are(e) && !context.Response.HasStarted)
            {
                await ProblemAsync(context, StatusCodes.Status400BadRequest, string.Join(' ', UserErrors.MessagesOf(e)));
            }
        });

    private static string NameIn(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static Task NoChaosAsync(HttpContext context) =>
        ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no result of 'chaos' in '{NameIn(context)}' here.");

    private static byte[] Content(string file)
    {
        using Stream content = typeof(BoardPages).Assembly.GetManifestResourceStream(file)!;
        var bytes = new byte[content.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>
    /// New lines of metrics and events, and the state of a run that this process trains, as they come (server-sent events).
    /// </summary>
    private async Task StreamAsync(HttpContext context, string folder)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        var metrics = new TailFile(RunFolder.MetricsFileOf(folder), PositionOf(context, "metrics"));
        var events = new TailFile(RunFolder.EventsFileOf(folder), PositionOf(context, "events"));
        string summary = RunFolder.SummaryFileOf(folder);
        DateTime ended = File.GetLastWriteTimeUtc(summary);
        string trace = RunFolder.TraceFileOf(folder), checkpoints = RunFolder.CheckpointDirectoryOf(folder);
        long traced = 0;
        DateTime saved = default;
        BoardMoment? said = null;
        TimeSpan silent = TimeSpan.Zero;
        while (!context.RequestAborted.IsCancellationRequested)
        {
            var text = new StringBuilder();
            if (Add(text, "metrics", metrics.ReadNew()) || Add(text, "event", events.ReadNew())
                || File.GetLastWriteTimeUtc(summary) != ended)
            {
                // The page reads everything anew, and opens another stream.
                _ = text.Append("event: reload\ndata:\n\n");
                await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
                return;
            }

            if (TraceTail.Read(trace) is [.., var newest] lines && newest.Step != traced)
            {
                traced = newest.Step;
                Add(text, "trace", [JsonSerializer.Serialize(lines, BoardContext.Default.IReadOnlyListBoardTraceLine)]);
            }

            if (Directory.GetLastWriteTimeUtc(checkpoints) is var changed && changed != saved)
            {
                saved = changed;
                Add(text, "checkpoints", [
                    JsonSerializer.Serialize(RunShelf.CheckpointsOf(folder), BoardContext.Default.IReadOnlyListBoardCheckpoint)]);
            }

            if (shelf.IsLive(folder) && shelf.Live!.Now is { } now && now != said)
                Add(text, "progress", [JsonSerializer.Serialize(said = now, BoardContext.Default.BoardMoment)]);
            if (text.Length == 0 && (silent += LookEvery) >= PingEvery)
                _ = text.Append(":\n\n");
            if (text.Length > 0)
            {
                silent = TimeSpan.Zero;
                await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            await Task.Delay(LookEvery, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Appends lines as server-sent events. True if the file was cut.</summary>
    private static bool Add(StringBuilder text, string kind, IReadOnlyList<string>? lines)
    {
        foreach (string line in lines ?? [])
            _ = text.Append($"event: {kind}\ndata: {line}\n\n");
        return lines is null;
    }

    private static long PositionOf(HttpContext context, string name) =>
        long.TryParse(context.Request.Query[name], out long position) && position >= 0 ? position : 0;

    /// <summary>The lines of a run's trace that end with a step, or with the newest.</summary>
    private static Task TraceAsync(HttpContext context, string folder) => JsonAsync(
        context,
        TraceTail.Read(RunFolder.TraceFileOf(folder), PositionOf(context, "to") is > 0 and var step ? step : long.MaxValue),
        BoardContext.Default.IReadOnlyListBoardTraceLine);

    /// <summary>What there is to see of a run's newest checkpoint, as a piece of HTML.</summary>
    private Task ModelAsync(HttpContext context, string folder)
    {
        var run = RunRecord.Read(folder);
        TrainedModel? model = run.ReadModel();
        string firstLayer = ModelSections.FirstLayer(model) is { } layer ? Html.Section("First layer", layer) : "";
        return SendHtmlAsync(context, Html.Section("Weights", ModelSections.Verification(run, model)) + firstLayer);
    }

    /// <summary>How its parameters changed, likewise.</summary>
    private Task ParametersAsync(HttpContext context, string folder) =>
        SendHtmlAsync(context, Html.Section("Parameters", ModelSections.Parameters(_history.Of(folder))));

    /// <summary>This run (A) beside another one (B).</summary>
    private Task DifferenceAsync(HttpContext context, string folder)
    {
        string name = context.Request.Query["to"].ToString();
        return shelf.Find(name) is { } other
            ? JsonAsync(context, RunPair.Compare(folder, other), BoardContext.Default.BoardDifference)
            : ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no run '{name}' here.");
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }

    private static Task ProblemAsync(HttpContext context, int status, string problem)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new BoardProblem(problem), BoardContext.Default.BoardProblem);
    }

    private static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    private static Task SendHtmlAsync(HttpContext context, string text) =>
        SendAsync(context, Encoding.UTF8.GetBytes(text), "text/html; charset=utf-8");

    private static async Task SendAsync(HttpContext context, byte[] content, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = content.Length;
        if (context.Request.Method != WebRequestMethods.Http.Head)
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }
}
