using System.Net;
using System.Net.Sockets;
using System.Text;
using Lockstep.Cli.Health;

namespace Lockstep.Cli.Tests.Health;

public sealed class HttpServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly HttpServer _server = new(new IPEndPoint(IPAddress.Loopback, 0), path => path == "/here"
        ? HttpAnswer.Line("200 OK", "zwölf")
        : HttpAnswer.Line("404 Not Found", $"no {path}"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync().AsTask().WaitAsync(Deadline);

    [Fact]
    public async Task Get_AsClientsDo_IsAnswered()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{_server.EndPoint}"), Timeout = Deadline };

        Assert.Equal("zwölf\n", await client.GetStringAsync("/here"));
        Assert.Equal("zwölf\n", await client.GetStringAsync("/here?with=query"));
        using HttpResponseMessage none = await client.GetAsync("/there");
        Assert.Equal((HttpStatusCode.NotFound, "no /there\n"), (none.StatusCode, await none.Content.ReadAsStringAsync()));
        using HttpResponseMessage head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/here"));
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        using HttpResponseMessage post = await client.PostAsync("/here", new StringContent("something"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001 TLS?\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /here\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /here HTTP/2.0\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("\r\n\r\n", "HTTP/1.1 431 ")]
    [InlineData("GET /here HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET http://example.test/here HTTP/1.1\r\nHost: example.test\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET HTTPS://example.test:80/here?a=b HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET http://example.test HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ")]
    [InlineData("GET ftp://example.test/here HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 ")]
    public async Task Request_OfAnyBytes_GetsAnAnswer(string request, string answer) =>
        Assert.StartsWith(answer, await AskAsync(Encoding.Latin1.GetBytes(request)), StringComparison.Ordinal);

    [Fact]
    public async Task Request_WithoutEnd_IsCutOff() =>
        Assert.StartsWith(
            "HTTP/1.1 431 ", await AskAsync(Encoding.ASCII.GetBytes("GET /here HTTP/1.1\r\nX: " + new string('x', 8192 - 23))),
            StringComparison.Ordinal);

    [Fact]
    public async Task Dispose_ClientsThatSayNothing_AreNotWaitedFor()
    {
        var server = new HttpServer(new IPEndPoint(IPAddress.Loopback, 0), _ => HttpAnswer.Line("200 OK", ""));
        var silent = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.EndPoint);
            silent.Add(socket);
        }

        await server.DisposeAsync().AsTask().WaitAsync(Deadline);
        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void Start_PortInUse_IsRefused() =>
        Assert.Equal(
            SocketError.AddressAlreadyInUse,
            Assert.Throws<SocketException>(() => new HttpServer(_server.EndPoint, _ => HttpAnswer.Line("200 OK", ""))).SocketErrorCode);

    private async Task<string> AskAsync(byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_server.EndPoint);
        _ = await socket.SendAsync(request);
        var answer = new MemoryStream();
        await using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(answer).WaitAsync(Deadline);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
