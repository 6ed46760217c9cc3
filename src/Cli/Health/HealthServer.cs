using System.Net;
using Lockstep.Coordinator.Hosting;
using Lockstep.Shared;
using Lockstep.Shared.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lockstep.Cli.Health;

/// <summary>
/// What <c>--http</c> serves: <c>/livez</c>, <c>/readyz</c>, <c>/metrics</c>, and whatever else a command adds. Requests are hostile input:
/// few at a time, small, and slow ones are cut off. Nothing of it is loaded without that option.
/// </summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private const int MostConnections = 64, MostHeadBytes = 8 << 10, MostBodyBytes = 16 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] Reading = ["GET", "HEAD"];

    private readonly WebApplication _app;
    private readonly MetricsExporter _metrics = new(LockstepMeter.Name, "System.Runtime");

    private HealthServer(WebApplication app) => _app = app;

    /// <summary>Where it is, such as <c>http://127.0.0.1:9464</c>; <c>https:</c> with certificates.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Single();

    /// <summary>Begins to serve.</summary>
    /// <param name="endPoint">Where; port 0 takes a free one.</param>
    /// <param name="option">Name of the option that says where.</param>
    /// <param name="readiness">Tells how the process stands. Called on the thread pool, possibly several times at once.</param>
    /// <param name="tlsFolder">Folder of the certificates to serve HTTPS with; null for HTTP.</param>
    /// <param name="map">Adds further pages; null for one that says what there is.</param>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    /// <exception cref="CertificateException">The certificates cannot be used.</exception>
    public static async Task<HealthServer> StartAsync(
        IPEndPoint endPoint, string option, Func<Readiness> readiness, string? tlsFolder = null, Action<WebApplication>? map = null)
    {
        var server = new HealthServer(Build(endPoint, tlsFolder is null ? null : ClusterTls.Read(tlsFolder)));
        try
        {
            server.Map(readiness);
            if (map is null)
                server._app.MapMethods("/", Reading, () => TypedResults.Content(Page(readiness()), "text/html; charset=utf-8"));
            else
                map(server._app);
            await server._app.StartAsync();
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            throw ListenException.Of(e, endPoint, option) ?? e;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _metrics.Dispose();
    }

    private static WebApplication Build(IPEndPoint endPoint, ClusterTls? tls)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowHostHeaderOverride = true; // A client that takes this server for a proxy gives the whole address.
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestHeadersTotalSize = MostHeadBytes;
            kestrel.Limits.MaxRequestLineSize = MostHeadBytes;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = Patience;
            kestrel.Listen(endPoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (tls is not null)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(tls.HttpsOptions), HandshakeTimeout = Patience,
                    });
                }
            });
        });
        builder.Services.AddRoutingCore();
        // The command has its own way with signals.
        builder.Services.AddSingleton<IHostLifetime, OfTheCommand>();
        WebApplication app = builder.Build();
        app.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        return app;
    }

    private void Map(Func<Readiness> readiness)
    {
        _app.MapMethods("/livez", Reading, () => Line(StatusCodes.Status200OK, "alive"));
        _app.MapMethods("/readyz", Reading, () =>
        {
            Readiness now = readiness();
            return Line(now.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, now.Line);
        });
        _app.MapMethods("/metrics", Reading, () => TypedResults.Content(_metrics.Collect(), MetricsExporter.ContentType));
        _app.MapMethods("{*path}", Reading, () => Line(StatusCodes.Status404NotFound, "There are /, /livez, /readyz and /metrics."));
    }

    private static ContentHttpResult Line(int status, string line) => TypedResults.Text(line + "\n", "text/plain; charset=utf-8", statusCode: status);

    private static string Page(Readiness readiness) => $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"/><title>Lockstep</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/></head>
        <body style="font-family: sans-serif"><h1>Lockstep</h1><p>{WebUtility.HtmlEncode(readiness.Line)}</p><ul>
        <li><a href="/livez">/livez</a>: whether the process answers</li>
        <li><a href="/readyz">/readyz</a>: whether it does its work</li>
        <li><a href="/metrics">/metrics</a>: metrics for Prometheus</li></ul></body></html>

        """;

    private sealed class OfTheCommand : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
