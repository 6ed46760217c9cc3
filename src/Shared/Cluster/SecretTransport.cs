using System.Collections.Concurrent;
using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;
using Akka.Remote.Transport;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Cluster;

/// <summary>
/// Passes secret and certificates to <see cref="SecretTransport"/>. Akka's settings may be logged, so they are not there.
/// </summary>
internal sealed class SecretSetup(ClusterSecret? secret, ClusterTls? tls) : Setup
{
    public ClusterSecret? Secret => secret;

    public ClusterTls? Tls => tls;

    /// <summary>
    /// The names that nodes' certificates must be for, by address. Nodes without an entry, which this one was not told to join, may have
    /// any name.
    /// </summary>
    public ConcurrentDictionary<IPEndPoint, string> Names { get; } = new();
}

/// <summary>Referenced by name in <see cref="ClusterConfig"/>.</summary>
internal sealed class SecretTransportProvider : ITransportAdapterProvider
{
    public Transport Create(Transport wrappedTransport, ExtendedActorSystem system) => new SecretTransport(
        wrappedTransport, system,
        system.Settings.Setup.Get<SecretSetup>() is { HasValue: true } setup ? setup.Value : new SecretSetup(null, null));
}

/// <summary>
/// Transport adapter between Akka and its sockets. A connection reaches Akka only after both ends have accepted each other's certificates
/// (<see cref="TlsHandle"/>) and have proved the secret (<see cref="ClusterHandshake"/>), if configured. So a stranger cannot send Akka a
/// single message: it can neither join the cluster nor reach an actor.
/// </summary>
internal sealed class SecretTransport : Transport
{
    private readonly Transport _wrapped;
    private readonly SecretSetup _setup;
    private readonly TimeSpan _patience;

    public SecretTransport(Transport wrapped, ExtendedActorSystem system, SecretSetup setup)
    {
        (_wrapped, _setup) = (wrapped, setup);
        _patience = system.Settings.Config.GetTimeSpan("akka.remote.dot-netty.tcp.connection-timeout");
        (System, Config) = (system, wrapped.Config);
        (SchemeIdentifier, MaximumPayloadBytes) = (wrapped.SchemeIdentifier, wrapped.MaximumPayloadBytes);
    }

    public override bool IsResponsibleFor(Address remote) => _wrapped.IsResponsibleFor(remote);

    public override Task<bool> Shutdown() => _wrapped.Shutdown();

    public override Task<bool> ManagementCommand(object message) => _wrapped.ManagementCommand(message);

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        (Address address, TaskCompletionSource<IAssociationEventListener> listener) = await _wrapped.Listen().ConfigureAwait(false);
        var akka = new TaskCompletionSource<IAssociationEventListener>();
        ListenAsync(akka.Task, listener).LogFailure(System.Log, "Listening for other nodes");
        return (address, akka);
    }

    private async Task ListenAsync(Task<IAssociationEventListener> akka, TaskCompletionSource<IAssociationEventListener> listener) =>
        listener.TrySetResult(new Gate(this, await akka.ConfigureAwait(false)));

    public override async Task<AssociationHandle> Associate(Address remoteAddress) =>
        await AgreeAsync(await _wrapped.Associate(remoteAddress).ConfigureAwait(false), isDialer: true).ConfigureAwait(false);

    /// <summary>Runs the handshake on a connection.</summary>
    /// <exception cref="InvalidAssociationException">The ends do not agree, or the handshake failed. The connection is closed.</exception>
    private async Task<AssociationHandle> AgreeAsync(AssociationHandle connection, bool isDialer)
    {
        string problem;
        Exception? cause = null;
        using var late = new CancellationTokenSource(_patience);
        try
        {
            (AssociationHandle? agreed, HandshakeOutcome outcome, string? reason) =
                await TryAgreeAsync(connection, isDialer, late.Token).ConfigureAwait(false);
            if (agreed is not null)
                return agreed;
            problem = reason ?? Describe(outcome);
            if (outcome != HandshakeOutcome.NotUnderstood)
                System.EventStream.Publish(
                    new PeerRefused(HostOf(connection.RemoteAddress), connection.RemoteAddress.Port, isDialer, problem));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            problem = $"it did not complete the handshake within {_patience.TotalSeconds:0} s";
        }
        catch (Exception e)
        {
            problem = $"the handshake failed: {e.Message.TrimEnd('.')}";
            cause = e;
        }

        Close(connection, problem);
        throw new InvalidAssociationException($"No connection with {connection.RemoteAddress}: {problem}.", cause);
    }

    private void Close(AssociationHandle connection, string reason)
    {
        try
        {
            connection.Disassociate(reason, System.Log);
        }
        catch (Exception e)
        {
            System.Log.Debug("Closing the connection with {0} failed: {1}", connection.RemoteAddress, e.Message);
        }
    }

    private async Task<(AssociationHandle? Agreed, HandshakeOutcome Outcome, string? Reason)> TryAgreeAsync(
        AssociationHandle connection, bool isDialer, CancellationToken late)
    {
        if (_setup.Tls is { } tls)
        {
            var encrypted = new TlsHandle(connection, MaximumPayloadBytes, System.Log);
            bool isAgreed = false;
            try
            {
                (HandshakeOutcome ofTls, string? reason) =
                    await encrypted.AgreeAsync(
                        tls, isDialer, isDialer ? NameOf(connection.RemoteAddress) : null, late).ConfigureAwait(false);
                isAgreed = ofTls == HandshakeOutcome.Agreed;
                if (!isAgreed)
                    return (null, ofTls, reason);
            }
            finally
            {
                if (!isAgreed)
                    encrypted.Dispose();
            }

            connection = encrypted;
        }

        var guarded = new GuardedHandle(connection, new ClusterHandshake(_setup.Secret, isDialer), System.Log);
        HandshakeOutcome outcome = await guarded.AgreeAsync(isDialer).WaitAsync(late).ConfigureAwait(false);
        return (outcome == HandshakeOutcome.Agreed ? guarded : null, outcome, null);
    }

    private static string Describe(HandshakeOutcome outcome) => outcome switch
    {
        HandshakeOutcome.SecretOnlyThere => "it has a secret, and here none was given. Give both the same file with --secret-file",
        HandshakeOutcome.SecretOnlyHere => "it has no secret, and here one was given. Give both the same file with --secret-file",
        HandshakeOutcome.OtherSecret => "it has another secret. Give both the same file with --secret-file",
        HandshakeOutcome.TlsOnlyThere =>
            "it speaks TLS, and here no certificates were given. Give both certificates of one CA with --tls-dir",
        HandshakeOutcome.TlsOnlyHere =>
            "it does not speak TLS, and here certificates were given. Give both certificates of one CA with --tls-dir",
        _ => "it ended the connection, or does not speak as a node of Lockstep does",
    };

    private string? NameOf(Address remote) =>
        IPAddress.TryParse(HostOf(remote), out IPAddress? address)
            ? _setup.Names.GetValueOrDefault(new IPEndPoint(address, remote.Port ?? 0))
            : null;

    // A dual-mode socket reports an IPv4 address as an IPv6 one.
    private static string HostOf(Address address) =>
        IPAddress.TryParse(address.Host, out IPAddress? ip) ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : address.Host;

    /// <summary>Passes incoming connections to Akka after the handshake.</summary>
    private sealed class Gate(SecretTransport transport, IAssociationEventListener akka) : IAssociationEventListener
    {
        public void Notify(IAssociationEvent ev)
        {
            if (ev is InboundAssociation inbound)
                AdmitAsync(inbound.Association).LogFailure(
                    transport.System.Log, $"Taking the connection from {inbound.Association.RemoteAddress}");
            else
                akka.Notify(ev);
        }

        private async Task AdmitAsync(AssociationHandle connection)
        {
            AssociationHandle agreed;
            try
            {
                agreed = await transport.AgreeAsync(connection, isDialer: false).ConfigureAwait(false);
            }
            catch (InvalidAssociationException)
            {
                // The connection is closed and the failure reported.
                return;
            }

            try
            {
                akka.Notify(new InboundAssociation(agreed));
            }
            catch
            {
                transport.Close(connection, "it was not taken");
                throw;
            }
        }
    }
}
