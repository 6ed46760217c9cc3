using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tls;
using Microsoft.Extensions.Logging;

namespace Lockstep.Worker.Slices;

/// <summary>Connections between workers by TCP, with two threads each.</summary>
/// <param name="address">The address of this machine that faces the coordinator, on which it accepts.</param>
/// <param name="secret">The secret that both sides prove; null for none.</param>
/// <param name="tls">This side's certificate, and the CA it trusts; null for no TLS.</param>
/// <param name="logger">Receives one line for each refused connection.</param>
internal sealed class MateNetwork(IPAddress address, ClusterSecret? secret, ClusterTls? tls, ILogger logger) : IMateNetwork
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // Workers send each other something once a second.
    private static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(5);

    // All workers of a long row and column may connect at once.
    private const int MostMates = 128;

    private TensorListener? _listener;

    /// <inheritdoc/>
    public IPEndPoint Listen(ulong run, StreamTokens tokens, Action<FrameStream, string> accepted)
    {
        _listener = new TensorListener(
            new IPEndPoint(address, 0), run, tokens,
            (connection, worker) =>
            {
                connection.SetIdleTimeout(MostSilence);
                accepted(connection, worker);
            },
            logger, secret: secret, tls: tls, maxUnauthenticated: MostMates);
        return _listener.EndPoint;
    }

    /// <inheritdoc/>
    public void Dial(
        IPEndPoint address, ulong run, ReadOnlyMemory<byte> token, string self, TimeSpan after, Action<FrameStream> connected,
        Action<string> failed) =>
        Begin("dial a worker", () =>
        {
            Thread.Sleep(after);
            try
            {
                var connection = TensorConnection.Connect(
                    address.Address.ToString(), address.Port, run, token.Span, self, ConnectTimeout, secret, tls);
                connection.SetIdleTimeout(MostSilence);
                connected(connection);
            }
            catch (StreamException exception)
            {
                failed(exception.Problem);
            }
        });

    /// <inheritdoc/>
    public void Start(MateLink link)
    {
        Begin($"send to worker {link.Worker}", () =>
        {
            while (link.WaitForWork() && link.SendNext())
            {
            }
        });
        Begin($"receive from worker {link.Worker}", () =>
        {
            while (link.ReceiveNext())
            {
            }

            link.Stream.Dispose();
        });
    }

    public void Dispose() => _listener?.Dispose();

    private static void Begin(string name, ThreadStart run) => new Thread(run) { IsBackground = true, Name = name }.Start();
}
