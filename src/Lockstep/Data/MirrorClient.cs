using System.Net;
using System.Net.Http.Headers;

namespace Lockstep.Data;

/// <summary>Receives files from one mirror.</summary>
internal sealed class MirrorClient : IDisposable
{
    /// <summary>Larger than any file of the catalog. A mirror that sends more is refused.</summary>
    public const int MaxFileBytes = 64 << 20;

    private const long ReportEveryMilliseconds = 100;

    private readonly Uri _mirror;
    private readonly TimeSpan _connectTimeout;
    private readonly TimeSpan _stallTimeout;
    private readonly HttpClient _client;

    public MirrorClient(Uri mirror, TimeSpan connectTimeout, TimeSpan stallTimeout)
    {
        (_mirror, _connectTimeout, _stallTimeout) = (mirror, connectTimeout, stallTimeout);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            UseProxy = !mirror.IsLoopback, // A mirror on this machine is not behind a proxy.
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // Stalls are detected here; a slow download that makes progress may take any time.
        };
    }

    /// <summary>
    /// Continues a file after what <paramref name="destination"/> already has, or begins again where the mirror cannot continue.
    /// </summary>
    /// <exception cref="MirrorException">The mirror failed; <paramref name="destination"/> keeps what came until then.</exception>
    /// <exception cref="IOException">The file could not be written.</exception>
    public async Task ReceiveAsync(
        string name, FileStream destination, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_mirror, name));
        if (destination.Length > 0)
            request.Headers.Range = new RangeHeaderValue(destination.Length, null);
        progress?.Report(new DownloadProgress(name, _mirror.Host, destination.Length, null));

        using HttpResponseMessage response = await ListenAsync(
            () => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token),
            stall,
            cancellationToken).ConfigureAwait(false);
        bool continues = response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From == destination.Length;
        if (!continues)
        {
            // 416: what is there already is not the beginning of the mirror's file.
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable)
                destination.SetLength(0);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new MirrorException($"{(int)response.StatusCode} {response.ReasonPhrase}");
        }

        destination.Position = destination.Length;
        long? total = destination.Length + response.Content.Headers.ContentLength;
        Stream content = await ListenAsync(() => response.Content.ReadAsStreamAsync(stall.Token), stall, cancellationToken)
            .ConfigureAwait(false);
        byte[] buffer = new byte[1 << 16];
        long reported = Environment.TickCount64;
        while (true)
        {
            int received = await ListenAsync(() => content.ReadAsync(buffer, stall.Token).AsTask(), stall, cancellationToken)
                .ConfigureAwait(false);
            if (received > 0 && destination.Length + received > MaxFileBytes)
                throw new MirrorException($"more than {MaxFileBytes} bytes");
            await destination.WriteAsync(buffer.AsMemory(0, received), cancellationToken).ConfigureAwait(false);
            long now = Environment.TickCount64;
            if (received == 0 || now - reported >= ReportEveryMilliseconds)
            {
                progress?.Report(new DownloadProgress(name, _mirror.Host, destination.Position, total));
                reported = now;
            }

            if (received == 0)
                return;
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Waits for the mirror within its time limit; turns its failures into <see cref="MirrorException"/>.</summary>
    private async Task<T> ListenAsync<T>(Func<Task<T>> answer, CancellationTokenSource stall, CancellationToken cancellationToken)
    {
        stall.CancelAfter(_stallTimeout);
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MirrorException(stall.IsCancellationRequested
                ? $"silent for {_stallTimeout.TotalSeconds:0.#} s"
                : $"no connection within {_connectTimeout.TotalSeconds:0.#} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new MirrorException(exception.GetBaseException().Message.TrimEnd('.'), exception);
        }
    }
}
