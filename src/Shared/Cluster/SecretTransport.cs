using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Remote.Transport;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Cluster;

/// <summary>Where the system's <see cref="SecretTransport"/> has its secret from; not from its settings, which may be shown.</summary>
internal sealed class SecretSetup(ClusterSecret? secret) : Setup
{
    public ClusterSecret? Secret => secret;
}

/// <summary>Named in <see cref="ClusterConfig"/>.</summary>
internal sealed class SecretTransportProvider : ITransportAdapterProvider
{
    public Transport Create(Transport wrappedTransport, ExtendedActorSystem system) => new SecretTransport(
        wrappedTransport, system, system.Settings.Setup.Get<SecretSetup>() is { HasValue: true } setup ? setup.Value.Secret : null);
}

/// <summary>
/// Lies between Akka and its sockets: a connection reaches Akka only when both ends have agreed (<see cref="ClusterHandshake"/>). A stranger
/// can therefore not send Akka a single message: neither join the cluster nor speak to any actor.
/// </summary>
internal sealed class SecretTransport : Transport
{
    private readonly Transport _wrapped;
    private readonly ClusterSecret? _secret;
    private readonly TimeSpan _patience;

    public SecretTransport(Transport wrapped, ExtendedActorSystem system, ClusterSecret? secret)
    {
        (_wrapped, _secret) = (wrapped, secret);
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
        _ = akka.Task.ContinueWith(
            set => listener.TrySetResult(new Gate(this, set.Result)), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        return (address, akka);
    }

    public override async Task<AssociationHandle> Associate(Address remoteAddress) =>
        await AgreeAsync(await _wrapped.Associate(remoteAddress).ConfigureAwait(false), isDialer: true).ConfigureAwait(false);

    /// <summary>Says the first words on a connection.</summary>
    /// <exception cref="InvalidAssociationException">The ends do not agree; the connection is closed.</exception>
    private async Task<AssociationHandle> AgreeAsync(AssociationHandle connection, bool isDialer)
    {
        var guarded = new GuardedHandle(connection, new ClusterHandshake(_secret, isDialer));
        string problem;
        try
        {
            HandshakeOutcome outcome = await guarded.AgreeAsync(isDialer).WaitAsync(_patience).ConfigureAwait(false);
            if (outcome == HandshakeOutcome.Agreed)
                return guarded;
            problem = outcome switch
            {
                HandshakeOutcome.SecretOnlyThere => "it has a secret, and here none was given. Give both the same file with --secret-file",
                HandshakeOutcome.SecretOnlyHere => "it has no secret, and here one was given. Give both the same file with --secret-file",
                HandshakeOutcome.OtherSecret => "it has another secret. Give both the same file with --secret-file",
                _ => "it ended the connection, or does not speak as a node of Lockstep does",
            };
            if (outcome != HandshakeOutcome.NotUnderstood)
                System.EventStream.Publish(new PeerRefused(HostOf(connection.RemoteAddress), connection.RemoteAddress.Port, isDialer, problem));
        }
        catch (TimeoutException)
        {
            problem = $"it did not say what it must within {_patience.TotalSeconds:0} s";
        }

        connection.Disassociate(problem, System.Log);
        throw new InvalidAssociationException($"No connection with {connection.RemoteAddress}: {problem}.");
    }

    // A socket that takes connections of both kinds writes an IPv4 address as one of IPv6.
    private static string HostOf(Address address) =>
        IPAddress.TryParse(address.Host, out IPAddress? ip) ? (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString() : address.Host;

    /// <summary>Lets connections of others pass to Akka when they have agreed.</summary>
    private sealed class Gate(SecretTransport transport, IAssociationEventListener akka) : IAssociationEventListener
    {
        public void Notify(IAssociationEvent ev)
        {
            if (ev is InboundAssociation inbound)
                _ = AdmitAsync(inbound.Association);
            else
                akka.Notify(ev);
        }

        private async Task AdmitAsync(AssociationHandle connection)
        {
            try
            {
                akka.Notify(new InboundAssociation(await transport.AgreeAsync(connection, isDialer: false).ConfigureAwait(false)));
            }
            catch (InvalidAssociationException)
            {
                // Closed, and told to whom it concerns.
            }
        }
    }
}
