using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lockstep.Lockstep.Tests.Data;

/// <summary>What a client asked a <see cref="LocalMirror"/> for.</summary>
/// <param name="Number">0 for the mirror's first request.</param>
/// <param name="File">Name of the file.</param>
/// <param name="From">First byte wanted; 0 for all.</param>
/// <param name="Client">The connection to answer on.</param>
internal sealed record MirrorRequest(int Number, string File, int From, Stream Client)
{
    public async Task AnswerAsync(string status, long length, ReadOnlyMemory<byte> body, string headers = "")
    {
        string head = $"HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n";
        await Client.WriteAsync(Encoding.ASCII.GetBytes(head));
        await Client.WriteAsync(body);
        await Client.FlushAsync();
    }
}

/// <summary>A small HTTP server on the loopback that plays a mirror, well or badly.</summary>
internal sealed class LocalMirror : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<MirrorRequest, CancellationToken, Task> _answer;
    private readonly Task _serving;
    private int _connections;
    private int _requests;

    private LocalMirror(Func<MirrorRequest, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/data/");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public int Connections => _connections;

    /// <summary>File and first byte of every request, in order.</summary>
    public ConcurrentQueue<(string File, int From)> Requests { get; } = new();

    public static LocalMirror With(Func<MirrorRequest, CancellationToken, Task> answer) => new(answer);

    /// <summary>Sends what is asked for, from where it is asked for.</summary>
    public static LocalMirror Good(IReadOnlyDictionary<string, byte[]> files) => new((request, _) => SendAsync(request, files));

    public static Task SendAsync(MirrorRequest request, IReadOnlyDictionary<string, byte[]> files)
    {
        byte[] file = files[request.File];
        return request.From == 0
            ? request.AnswerAsync("200 OK", file.Length, file)
            : request.AnswerAsync("206 Partial Content", file.Length - request.From, file.AsMemory(request.From),
                $"Content-Range: bytes {request.From}-{file.Length - 1}/{file.Length}\r\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Not before nobody accepts any more: a listener that is stopped must not be asked.
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var clients = new List<Task>();
        try
        {
            while (true)
                clients.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(clients);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                string? first = await reader.ReadLineAsync(_stop.Token);
                int from = 0;
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } header)
                {
                    if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                        from = int.Parse(header["Range: bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
                }

                if (first is null)
                    return;
                string file = first.Split(' ')[1]["/data/".Length..];
                Requests.Enqueue((file, from));
                await _answer(new MirrorRequest(Interlocked.Increment(ref _requests) - 1, file, from, stream), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The client went away, or the test is over.
        }
    }
}
