using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lockstep.Cli.Health;
using Lockstep.Coordinator.Hosting;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Tests.Health;

public sealed class HealthServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private Readiness _readiness = new(true, "zwölf");
    private HealthServer _server = null!;

    private Uri Address => new(_server.Address);

    public async Task InitializeAsync() =>
        _server = await HealthServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), "--http", () => _readiness);

    public async Task DisposeAsync() => await _server.DisposeAsync().AsTask().WaitAsync(Deadline);

    [Fact]
    public async Task Get_AsClientsDo_IsAnswered()
    {
        using var client = new HttpClient { BaseAddress = Address, Timeout = Deadline };

        Assert.Equal("alive\n", await client.GetStringAsync("/livez"));
        Assert.Equal("zwölf\n", await client.GetStringAsync("/readyz?with=query"));
        _readiness = new Readiness(false, "nothing to do");
        using HttpResponseMessage busy = await client.GetAsync("/readyz");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "nothing to do\n"), (busy.StatusCode, await busy.Content.ReadAsStringAsync()));
        Assert.Contains("# TYPE dotnet_gc_collections_total counter", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("nothing to do", await client.GetStringAsync("/"), StringComparison.Ordinal);
        using HttpResponseMessage none = await client.GetAsync("/there");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using HttpResponseMessage head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/livez"));
        Assert.Equal((HttpStatusCode.OK, "text/plain"), (head.StatusCode, head.Content.Headers.ContentType?.MediaType));
        using HttpResponseMessage post = await client.PostAsync("/livez", new StringContent("something"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001 TLS?\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /livez\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /livez HTTP/2.0\r\n\r\n", "HTTP/1.1 505 ")]
    [InlineData("GET /livez HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /livez HTTP/1.0\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET http://example.test/livez HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 ")]
    public async Task Request_OfAnyBytes_GetsAnAnswer(string request, string answer) =>
        Assert.StartsWith(answer, await AskAsync(Encoding.Latin1.GetBytes(request)), StringComparison.Ordinal);

    [Fact]
    public async Task Request_WithoutEnd_IsCutOff() =>
        Assert.StartsWith(
            "HTTP/1.1 431 ",
            await AskAsync(Encoding.ASCII.GetBytes("GET /livez HTTP/1.1\r\nHost: x\r\nX: " + new string('x', 9000) + "\r\n\r\n")),
            StringComparison.Ordinal);

    [Fact]
    public async Task Dispose_ClientsThatSayNothing_AreNotWaitedFor()
    {
        HealthServer server = await HealthServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), "--http", () => _readiness);
        var silent = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, new Uri(server.Address).Port);
            silent.Add(socket);
        }

        await server.DisposeAsync().AsTask().WaitAsync(Deadline);
        silent.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Start_PortInUse_IsRefused() =>
        Assert.Contains(
            "another program uses this port",
            (await Assert.ThrowsAsync<ListenException>(
                () => HealthServer.StartAsync(new IPEndPoint(IPAddress.Loopback, Address.Port), "--http", () => _readiness))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task Get_WithCertificates_IsHttpsOnly()
    {
        using var folder = new TemporaryFolder();
        using X509Certificate2 authority = CertificateAuthority.Create(folder.File("ca"), 2, TimeProvider.System);
        CertificateAuthority.Issue(folder.File("ca"), ["127.0.0.1"], folder.File("node"), 1, TimeProvider.System).Dispose();
        await using HealthServer server = await HealthServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), "--http", () => _readiness, folder.File("node"));
        var address = new Uri(server.Address);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        using HttpClient trusting = new(handler) { Timeout = Deadline }, other = new() { Timeout = Deadline };

        Assert.Equal("https", address.Scheme);
        Assert.Equal("alive\n", await trusting.GetStringAsync(new Uri(address, "/livez")));
        var untrusted = await Assert.ThrowsAsync<HttpRequestException>(() => other.GetStringAsync(new Uri(address, "/livez")));
        Assert.Equal(HttpRequestError.SecureConnectionError, untrusted.HttpRequestError);
        await Assert.ThrowsAsync<HttpRequestException>(() => other.GetStringAsync($"http://{address.Authority}/livez"));
    }

    private async Task<string> AskAsync(byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Address.Port);
        _ = await socket.SendAsync(request);
        using var patience = new CancellationTokenSource(Deadline);
        byte[] buffer = new byte[512];
        int received = await socket.ReceiveAsync(buffer, patience.Token);
        return Encoding.Latin1.GetString(buffer, 0, received);
    }
}
