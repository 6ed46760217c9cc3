using System.Security.Authentication;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Remote.Transport;
using Google.Protobuf;
using Lockstep.Shared.Cluster;
using Lockstep.Shared.Secrets;

namespace Lockstep.Shared.Tests.Cluster;

/// <summary>
/// Connections that fail in the middle of the first words, in whatever way: Akka hears of it as of a refused connection, and nothing is
/// left open.
/// </summary>
public sealed class HandshakeFailureTests : NodeTests
{
    public static TheoryData<Exception> Failures => new()
    {
        new IOException("The pipe is gone."),
        new ObjectDisposedException("socket"),
        new AuthenticationException("No key."),
        new InvalidOperationException("Akka is confused."),
        new OperationCanceledException("not by the clock"),
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Associate_HandshakeThatFails_IsARefusedAssociation(Exception failure)
    {
        var connection = new FailingHandle(failure);
        SecretTransport transport = Over(new OneConnection(connection));

        InvalidAssociationException error = await Assert.ThrowsAsync<InvalidAssociationException>(
            () => transport.Associate(connection.RemoteAddress).WaitAsync(Deadline));

        Assert.Contains($"the handshake failed: {failure.Message.TrimEnd('.')}.", error.Message, StringComparison.Ordinal);
        Assert.Same(failure, error.InnerException);
        Assert.True(connection.IsClosed, "the connection is closed");
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Listen_HandshakeThatFails_ClosesThatConnectionAndNothingIsLeftUnobserved(Exception failure)
    {
        var unobserved = Channel.CreateUnbounded<Exception>();
        void Observe(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerExceptions.Contains(failure))
                unobserved.Writer.TryWrite(e.Exception);
        }

        TaskScheduler.UnobservedTaskException += Observe;
        try
        {
            var connection = new FailingHandle(failure);
            Akka akka = await ListenAsync(new Akka(), connection);
            await connection.Closed.WaitAsync(Deadline);

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.False(unobserved.Reader.TryRead(out _), "no task was left with an exception");
            Assert.Empty(akka.Events);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Observe;
        }
    }

    [Fact]
    public async Task Listen_AkkaThatDoesNotTakeTheConnection_ClosesItAndSaysSo()
    {
        var logged = new TaskCompletionSource();
        Log.OnLine = line =>
        {
            if (line.Contains("Taking the connection from", StringComparison.Ordinal)
                && line.Contains("no more actors", StringComparison.Ordinal))
                logged.TrySetResult();
        };
        var connection = new FailingHandle(failure: null);
        await ListenAsync(new Akka(new InvalidOperationException("no more actors")), connection);

        await connection.Closed.WaitAsync(Deadline);
        await logged.Task.WaitAsync(Deadline);
    }

    private SecretTransport Over(Transport wrapped) =>
        new(wrapped, (ExtendedActorSystem)StartNode(ClusterRole.Coordinator, seed: null), new SecretSetup(secret: null, tls: null));

    /// <summary>A stranger connects, and greets as a node does.</summary>
    private async Task<Akka> ListenAsync(Akka akka, FailingHandle connection)
    {
        var wrapped = new OneConnection(connection);
        (_, TaskCompletionSource<IAssociationEventListener> listener) = await Over(wrapped).Listen();
        listener.SetResult(akka);
        (await wrapped.Listener.Task.WaitAsync(Deadline)).Notify(new InboundAssociation(connection));
        IHandleEventListener reader = await connection.ReadHandlerSource.Task.WaitAsync(Deadline);
        reader.Notify(new InboundPayload(ByteString.CopyFrom(new ClusterHandshake(secret: null, isDialer: true).Greeting)));
        return akka;
    }

    private sealed class Akka(Exception? failure = null) : IAssociationEventListener
    {
        public List<IAssociationEvent> Events { get; } = [];

        public void Notify(IAssociationEvent ev)
        {
            Events.Add(ev);
            if (failure is not null)
                throw failure;
        }
    }

    /// <summary>A connection that cannot be written to.</summary>
    private sealed class FailingHandle(Exception? failure)
        : AssociationHandle(new Address("akka.tcp", "lockstep", "127.0.0.1", 1), new Address("akka.tcp", "lockstep", "127.0.0.1", 2))
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => _closed.Task;

        public bool IsClosed => _closed.Task.IsCompleted;

        public override bool Write(ByteString payload) => failure is null ? true : throw failure;

        [Obsolete("As in the base class.")]
        public override void Disassociate() => _closed.TrySetResult();
    }

    private sealed class OneConnection : Transport
    {
        private readonly AssociationHandle _connection;

        public OneConnection(AssociationHandle connection)
        {
            _connection = connection;
            SchemeIdentifier = "tcp";
            MaximumPayloadBytes = 128_000;
        }

        public TaskCompletionSource<IAssociationEventListener> Listener { get; } = new();

        public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() =>
            Task.FromResult((_connection.LocalAddress, Listener));

        public override bool IsResponsibleFor(Address remote) => true;

        public override Task<AssociationHandle> Associate(Address remoteAddress) => Task.FromResult(_connection);

        public override Task<bool> Shutdown() => Task.FromResult(true);
    }
}
