using Akka.Event;
using Akka.Remote.Transport;
using Google.Protobuf;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// An Akka connection with its handshake (<see cref="ClusterHandshake"/>). Messages after the handshake go to Akka, in order.
/// </summary>
internal sealed class GuardedHandle : AssociationHandle, IHandleEventListener
{
    private readonly AssociationHandle _connection;
    private readonly ClusterHandshake _handshake;
    private readonly TaskCompletionSource<HandshakeOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<IHandleEvent> _early = [];
    private IHandleEventListener? _akka;
    private bool _isAgreed;

    public GuardedHandle(AssociationHandle connection, ClusterHandshake handshake, ILoggingAdapter log)
        : base(connection.LocalAddress, connection.RemoteAddress)
    {
        (_connection, _handshake) = (connection, handshake);
        PassOnAsync().LogFailure(log, $"Passing on what {connection.RemoteAddress} sends");
    }

    /// <summary>Runs the handshake. Completes when both ends agree, or cannot.</summary>
    public Task<HandshakeOutcome> AgreeAsync(bool isDialer)
    {
        if (isDialer)
            Say(_handshake.Greeting);
        _connection.ReadHandlerSource.TrySetResult(this);
        return _outcome.Task;
    }

    public void Notify(IHandleEvent ev)
    {
        lock (_lock)
        {
            if (_akka is not null)
                _akka.Notify(ev);
            else if (_isAgreed)
                _early.Add(ev);
            else if (ev is not InboundPayload payload)
                _outcome.TrySetResult(HandshakeOutcome.NotUnderstood);
            else if (!_outcome.Task.IsCompleted)
                TryHear(payload.Payload.Span);
        }
    }

    public override bool Write(ByteString payload) => _connection.Write(payload);

    [Obsolete("As in the base class.")]
    public override void Disassociate() => _connection.Disassociate();

    private void TryHear(ReadOnlySpan<byte> message)
    {
        try
        {
            Hear(message);
        }
        catch (Exception e)
        {
            _outcome.TrySetException(e);
            _ = _outcome.Task.Exception; // Observes the exception even if nobody awaits it.
        }
    }

    private void Hear(ReadOnlySpan<byte> message)
    {
        (byte[]? answer, HandshakeOutcome outcome) = _handshake.Receive(message);
        if (answer is not null)
            Say(answer);
        _isAgreed = outcome == HandshakeOutcome.Agreed;
        if (outcome != HandshakeOutcome.GoesOn)
            _outcome.TrySetResult(outcome);
    }

    private async Task PassOnAsync()
    {
        IHandleEventListener akka = await ReadHandlerSource.Task.ConfigureAwait(false);
        lock (_lock)
        {
            _akka = akka;
            foreach (IHandleEvent ev in _early)
                akka.Notify(ev);
            _early.Clear();
        }
    }

    private void Say(byte[] message) => _connection.Write(ByteString.CopyFrom(message));
}
