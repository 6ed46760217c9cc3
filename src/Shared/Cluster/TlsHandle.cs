using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;
using Lockstep.Model.Text;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// An Akka connection in TLS 1.3. Akka's own TLS (1.5.74, through DotNetty) supports only 1.2, and cannot tell the peer why it is refused.
/// </summary>
/// <remarks>
/// Inside TLS each message follows its length, a little-endian uint32. The first message of each end is its verdict on the other's
/// certificate: empty to accept it, otherwise the reason for the refusal in UTF-8.
/// </remarks>
internal sealed class TlsHandle : AssociationHandle, IHandleEventListener, IDisposable
{
    private const int LengthBytes = sizeof(uint);
    private const int MaxVerdictBytes = 2048;

    private readonly AssociationHandle _connection;
    private readonly long _maxMessageBytes;
    private readonly ILoggingAdapter _log;
    private readonly MessageStream _messages;
    private readonly SslStream _tls;
    private readonly Lock _writing = new();
    private bool _hasBegun;
    private volatile HandshakeOutcome _withoutTls = HandshakeOutcome.Agreed;
    private IHandleEvent _end = new Disassociated(DisassociateInfo.Unknown);

    public TlsHandle(AssociationHandle connection, long maxMessageBytes, ILoggingAdapter log)
        : base(connection.LocalAddress, connection.RemoteAddress)
    {
        _connection = connection;
        _maxMessageBytes = maxMessageBytes;
        _log = log;
        _messages = new MessageStream(connection);
        _tls = new SslStream(_messages);
    }

    /// <summary>Runs the TLS handshake, then exchanges the verdicts.</summary>
    /// <param name="tls">This side's certificate, and the CA it trusts.</param>
    /// <param name="isDialer">Whether this side made the connection.</param>
    /// <param name="name">Name that the peer's certificate must be for; null for any.</param>
    /// <param name="stop">Cancels the handshake.</param>
    /// <returns>The outcome, and the reason of a refused certificate, without a full stop.</returns>
    public async Task<(HandshakeOutcome Outcome, string? Problem)> AgreeAsync(
        ClusterTls tls, bool isDialer, string? name, CancellationToken stop)
    {
        _connection.ReadHandlerSource.TrySetResult(this);
        string? problem = null;
        try
        {
            if (isDialer)
                await _tls.AuthenticateAsClientAsync(tls.ClientOptions, stop).ConfigureAwait(false);
            else
                await _tls.AuthenticateAsServerAsync(tls.ServerOptions, stop).ConfigureAwait(false);
            problem = tls.Check(_tls.RemoteCertificate, isServer: isDialer, name);
            Send(Encoding.UTF8.GetBytes(problem ?? ""));
            // Read in any case: closing a connection with unread data could discard the verdict on its way to the peer.
            byte[] verdict = await ReceiveAsync(MaxVerdictBytes, stop).ConfigureAwait(false);
            problem ??= verdict.Length == 0
                ? null
                : $"it does not accept this side: {ForeignText.Printable(Encoding.UTF8.GetString(verdict))}";
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // A refused peer may close the connection before the exchange is complete.
            if (problem is null)
                return (_withoutTls == HandshakeOutcome.Agreed ? HandshakeOutcome.NotUnderstood : _withoutTls, null);
        }

        if (problem is not null)
            return (HandshakeOutcome.OtherCertificate, problem);
        PassOnAsync().LogFailure(_log, $"Passing on what {RemoteAddress} sends");
        return (HandshakeOutcome.Agreed, null);
    }

    /// <summary>Releases the TLS state. The owner closes the connection.</summary>
    public void Dispose() => _tls.Dispose();

    public void Notify(IHandleEvent ev)
    {
        if (ev is not InboundPayload payload)
        {
            _end = ev;
            _messages.End();
        }
        else if (_hasBegun || ClusterHandshake.BeginsWithTls(payload.Payload.Span))
        {
            _hasBegun = true;
            _messages.Add(payload.Payload);
        }
        else
        {
            // Without TLS the peer's first message is a plain greeting.
            bool isNode = ClusterHandshake.BeginsWithGreeting(payload.Payload.Span);
            _withoutTls = isNode ? HandshakeOutcome.TlsOnlyHere : HandshakeOutcome.NotUnderstood;
            try
            {
                if (isNode)
                    _connection.Write(ByteString.CopyFrom(ClusterHandshake.TlsIsNeeded));
            }
            finally
            {
                _messages.End();
            }
        }
    }

    public override bool Write(ByteString payload)
    {
        try
        {
            Send(payload.Span);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    [Obsolete("As in the base class.")]
    public override void Disassociate() => _connection.Disassociate();

    /// <summary>Passes received messages to Akka once it listens, until the end.</summary>
    private async Task PassOnAsync()
    {
        IHandleEventListener akka = await ReadHandlerSource.Task.ConfigureAwait(false);
        try
        {
            while (true)
                akka.Notify(
                    new InboundPayload(
                        UnsafeByteOperations.UnsafeWrap(
                            await ReceiveAsync(_maxMessageBytes, CancellationToken.None).ConfigureAwait(false))));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The end of the connection.
        }
        catch
        {
            // Nobody reads from it any more, so it must not look open.
            _connection.Disassociate("received data could not be passed on", _log);
            throw;
        }
        finally
        {
            Dispose();
            akka.Notify(_end);
        }
    }

    private async Task<byte[]> ReceiveAsync(long maxBytes, CancellationToken stop)
    {
        byte[] length = new byte[LengthBytes];
        await _tls.ReadExactlyAsync(length, stop).ConfigureAwait(false);
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > maxBytes)
            throw new IOException($"Got a message of {bytes:N0} bytes; at most {maxBytes:N0} are accepted.");
        byte[] message = new byte[bytes];
        await _tls.ReadExactlyAsync(message, stop).ConfigureAwait(false);
        return message;
    }

    private void Send(ReadOnlySpan<byte> message)
    {
        byte[] framed = ArrayPool<byte>.Shared.Rent(LengthBytes + message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(framed, (uint)message.Length);
        message.CopyTo(framed.AsSpan(LengthBytes));
        try
        {
            lock (_writing)
                _tls.Write(framed.AsSpan(0, LengthBytes + message.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }
}
