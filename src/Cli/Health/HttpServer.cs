using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lockstep.Cli.Health;

/// <summary>
/// Answers GET requests for short texts, one a connection, and nothing else. Requests are hostile input: a few at a time, a few KB of each,
/// and a few seconds for all of it. Only method and path are read.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private const int MostConnections = 16;
    private const int MostHeadBytes = 8 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(10);

    private readonly Socket _listener;
    private readonly Func<string, HttpAnswer> _answer;
    private readonly SemaphoreSlim _free = new(MostConnections);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    /// <summary>Binds and begins to answer.</summary>
    /// <param name="endPoint">Where; port 0 takes a free one.</param>
    /// <param name="answer">Gives the answer for a path. Called on the thread pool, possibly several times at once.</param>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public HttpServer(IPEndPoint endPoint, Func<string, HttpAnswer> answer)
    {
        _answer = answer;
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endPoint);
            _listener.Listen();
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens, with the real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Ends all connections, and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        for (int i = 0; i < MostConnections; i++)
            await _free.WaitAsync();
        _free.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await _free.WaitAsync(_end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_end.Token));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The client has left, or no file descriptor is free: neither may end the server or make it spin.
                _free.Release();
                await Task.Delay(AfterFailure, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using Socket socket = connection;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            patience.CancelAfter(Patience);
            byte[] buffer = new byte[MostHeadBytes];
            if (await ReceiveRequestAsync(socket, buffer, patience.Token) is not { } request)
                return;
            await SendAsync(socket, AnswerTo(request), withBody: !request.StartsWith("HEAD ", StringComparison.Ordinal), patience.Token);
            // A connection that is closed with unread bytes is reset, and the answer is lost.
            socket.Shutdown(SocketShutdown.Send);
            _ = await socket.ReceiveAsync(buffer, patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The client has left or is too slow.
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>
    /// The first line of a request whose head is complete; empty where it is too long; null where the client ended before.
    /// </summary>
    private static async Task<string?> ReceiveRequestAsync(Socket socket, byte[] buffer, CancellationToken stop)
    {
        int length = 0;
        while (length < buffer.Length)
        {
            int received = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            if (received == 0)
                return null;
            length += received;
            ReadOnlySpan<byte> head = buffer.AsSpan(0, length);
            if (head.IndexOf("\r\n\r\n"u8) >= 0)
                return Encoding.Latin1.GetString(head[..head.IndexOf("\r\n"u8)]);
        }

        return "";
    }

    private HttpAnswer AnswerTo(string request)
    {
        if (request.Length == 0)
            return HttpAnswer.Line("431 Request Header Fields Too Large", $"The head of a request may have {MostHeadBytes} bytes.");
        string[] parts = request.Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
            return HttpAnswer.Line("400 Bad Request", "Expected a request of HTTP/1.1.");
        return parts[0] is "GET" or "HEAD"
            ? _answer(PathOf(parts[1]))
            : HttpAnswer.Line("405 Method Not Allowed", "There is nothing here but to GET.");
    }

    /// <summary>
    /// The path of a request's target. A client that takes this server for a proxy gives the whole address (RFC 9112, 3.2.2), whose host
    /// does not matter here.
    /// </summary>
    private static string PathOf(string target)
    {
        return !target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address.AbsolutePath
            : target.Split('?')[0];
    }

    private static async Task SendAsync(Socket socket, HttpAnswer answer, bool withBody, CancellationToken stop)
    {
        byte[] body = Encoding.UTF8.GetBytes(answer.Body);
        byte[] head = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {answer.Status}\r\nContent-Type: {answer.ContentType}\r\nContent-Length: {body.Length}\r\n"
            + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n");
        byte[] all = withBody ? [.. head, .. body] : head;
        for (int sent = 0; sent < all.Length;)
            sent += await socket.SendAsync(all.AsMemory(sent), stop);
    }
}
