using System.Net;
using System.Text.Json;
using Lockstep.Cli.Board;
using Lockstep.Cli.Health;

namespace Lockstep.Cli.Tests.Board;

/// <summary>The board of a folder, and somebody who asks it.</summary>
internal sealed class ServedBoard : IAsyncDisposable
{
    private readonly IAsyncDisposable _server;

    private ServedBoard(IAsyncDisposable server, string address)
    {
        _server = server;
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(5) };
    }

    public HttpClient Client { get; }

    public static async Task<ServedBoard> StartAsync(string folder)
    {
        (IAsyncDisposable server, string address, _) = await BoardPages.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), "--http", () => new Readiness(true, "here"), new RunShelf(folder, live: null),
            tlsFolder: null, CommandRun.Nothing);
        return new ServedBoard(server, address);
    }

    public async Task<JsonElement> JsonAsync(string path) => JsonDocument.Parse(await Client.GetStringAsync(path)).RootElement;

    /// <summary>The answer to something that is sent, and whether it is one.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string content = "")
    {
        using HttpResponseMessage answer = await Client.PostAsync(path, new StringContent(content));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
