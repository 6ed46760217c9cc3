using System.Net;
using System.Net.Sockets;
using Lockstep.Cli.Options;
using Lockstep.Coordinator.Hosting;
using Lockstep.Shared;

namespace Lockstep.Cli.Health;

/// <summary>
/// What <c>--http</c> serves: <c>/livez</c>, <c>/readyz</c>, <c>/metrics</c>, and <c>/</c>, a page
/// that says what there is. Nothing of it is loaded without that option.
/// </summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private readonly Func<Readiness> _readiness;
    private readonly MetricsExporter _metrics;
    private readonly HttpServer _server;

    private HealthServer(IPEndPoint endPoint, Func<Readiness> readiness)
    {
        _readiness = readiness;
        _metrics = new MetricsExporter(LockstepMeter.Name, "System.Runtime");
        try
        {
            _server = new HttpServer(endPoint, Answer);
        }
        catch
        {
            _metrics.Dispose();
            throw;
        }
    }

    /// <summary>Where it is, such as <c>http://127.0.0.1:9464</c>.</summary>
    public string Address => $"http://{_server.EndPoint}";

    /// <summary>Begins to serve where <c>--http</c> says; null without it.</summary>
    /// <param name="settings">Of a command that has the option.</param>
    /// <param name="readiness">Tells how the process stands. Called on the thread pool.</param>
    /// <exception cref="RequestException">The host has no address.</exception>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public static HealthServer? Start(Settings settings, Func<Readiness> readiness)
    {
        if (settings.Find(NetworkOptions.Http) is not { } address)
            return null;
        IPEndPoint endPoint = address.Resolve(NetworkOptions.Http.Name);
        try
        {
            return new HealthServer(endPoint, readiness);
        }
        catch (SocketException e)
        {
            throw new ListenException(endPoint, e, NetworkOptions.Http.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _metrics.Dispose();
    }

    private HttpAnswer Answer(string path)
    {
        switch (path)
        {
            case "/":
                return new HttpAnswer("200 OK", Page(_readiness()), "text/html; charset=utf-8");
            case "/livez":
                return HttpAnswer.Line("200 OK", "alive");
            case "/readyz":
                Readiness readiness = _readiness();
                return HttpAnswer.Line(readiness.IsReady ? "200 OK" : "503 Service Unavailable", readiness.Line);
            case "/metrics":
                return new HttpAnswer("200 OK", _metrics.Collect(), MetricsExporter.ContentType);
            default:
                return HttpAnswer.Line("404 Not Found", "There are /, /livez, /readyz and /metrics.");
        }
    }

    private static string Page(Readiness readiness) => $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"/><title>Lockstep</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/></head>
        <body style="font-family: sans-serif"><h1>Lockstep</h1><p>{WebUtility.HtmlEncode(readiness.Line)}</p><ul>
        <li><a href="/livez">/livez</a>: whether the process answers</li>
        <li><a href="/readyz">/readyz</a>: whether it does its work</li>
        <li><a href="/metrics">/metrics</a>: metrics for Prometheus</li></ul></body></html>

        """;
}
