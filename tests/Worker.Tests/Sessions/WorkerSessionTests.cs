using System.Net;
using System.Text;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Lockstep.Shared.Tls;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Worker.Tests.Sessions;

public class WorkerSessionTests
{
    private const ulong Run = 7;
    private const string Worker = "worker";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(FrameKind.Refusal, WorkerOutcome.Refused)]
    [InlineData(FrameKind.Bye, WorkerOutcome.Disconnected)]
    public async Task Start_CoordinatorEndsTheStreamBeforeTheRun_SaysWhy(FrameKind last, WorkerOutcome expected)
    {
        WorkerResult result = await FollowAsync(connection => connection.SendLast(last, Run, 1, "the coffee is cold"));
        Assert.Equal(expected, result.Outcome);
        Assert.Contains("the coffee is cold", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_CoordinatorGone_IsCoordinatorLost()
    {
        WorkerResult result = await FollowAsync(connection => connection.Dispose());
        Assert.Equal(WorkerOutcome.Disconnected, result.Outcome);
    }

    [Fact]
    public async Task Start_CoordinatorSilent_IsDisconnected()
    {
        var tokens = new StreamTokens();
        using var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (_, _) => { }, NullLogger.Instance);
        WorkerResult result = await Session(listener, tokens, idleTimeout: TimeSpan.FromMilliseconds(100)).Start().WaitAsync(Deadline);
        Assert.Equal(WorkerOutcome.Disconnected, result.Outcome);
        Assert.Contains("in time", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the secret of these tests")]
    [InlineData(null)]
    public async Task Start_CoordinatorWithAnotherSecret_IsRefused(string? secret)
    {
        var tokens = new StreamTokens();
        using var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (_, _) => { }, NullLogger.Instance,
            secret: ClusterSecret.Parse("the secret of those tests"u8, "file"));
        WorkerResult result = await Session(
            listener, tokens, secret is null ? null : ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "file"))
            .Start().WaitAsync(Deadline);
        Assert.Equal(WorkerOutcome.Refused, result.Outcome);
        Assert.EndsWith("Give both the same file with --secret-file.", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_AtAnyMoment_EndsTheSession()
    {
        for (int spins = 0; spins < 20_000; spins = (spins * 2) + 1)
        {
            var tokens = new StreamTokens();
            using var listener = new TensorListener(new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (_, _) => { }, NullLogger.Instance);
            WorkerSession session = Session(listener, tokens);
            Task<WorkerResult> ended = session.Start();
            Thread.SpinWait(spins);
            session.Stop("enough");
            WorkerResult result = await ended.WaitAsync(Deadline);
            Assert.Equal(WorkerOutcome.Completed, result.Outcome);
        }
    }

    /// <summary>The coordinator's certificate must be for the name by which it was joined, whatever address it offers.</summary>
    [Theory]
    [InlineData("coordinator.example.net", "the coffee is cold")]
    [InlineData("127.0.0.1", "is for coordinator.example.net, not for 127.0.0.1, where it was joined")]
    public async Task Start_InTls_FollowsACoordinatorOfItsNameOnly(string joined, string told)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lockstep-worker-tests-");
        try
        {
            string ca = Path.Combine(folder.FullName, "ca");
            CertificateAuthority.Create(ca, days: 2, TimeProvider.System).Dispose();
            var tokens = new StreamTokens();
            using var listener = new TensorListener(
                new IPEndPoint(IPAddress.Loopback, 0), Run, tokens,
                (connection, _) => connection.SendLast(FrameKind.Refusal, Run, 1, "the coffee is cold"),
                NullLogger.Instance, tls: Node("coordinator.example.net"));
            WorkerResult result = await Session(listener, tokens, tls: Node("worker"), host: joined).Start().WaitAsync(Deadline);
            Assert.Equal(WorkerOutcome.Refused, result.Outcome);
            Assert.Contains(told, result.Message, StringComparison.Ordinal);

            ClusterTls Node(string name)
            {
                string node = Path.Combine(folder.FullName, name);
                CertificateAuthority.Issue(ca, [name], node, days: 1, TimeProvider.System).Dispose();
                return ClusterTls.Read(node);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static WorkerSession Session(
        TensorListener listener, StreamTokens tokens, ClusterSecret? secret = null, ClusterTls? tls = null, string host = "127.0.0.1",
        TimeSpan? idleTimeout = null)
    {
        var offer = new RunOffered(Run, 1, "127.0.0.1", listener.EndPoint.Port, tokens.Issue(Worker));
        var options = new WorkerOptions
        {
            Coordinators = [new DnsEndPoint(host, listener.EndPoint.Port)], Lanes = 1, Secret = secret, Tls = tls,
        };
        return new WorkerSession(
            new FrameOrigin(Run, 1), () => SessionStream.Open(offer, Worker, options, host, idleTimeout ?? Deadline), lanes: 1,
            new HeldData(), new WorkerMeter(new WorkerStatus(), lanes: 1));
    }

    private static async Task<WorkerResult> FollowAsync(Action<TensorConnection> coordinate)
    {
        var tokens = new StreamTokens();
        using var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (connection, _) => coordinate(connection), NullLogger.Instance);
        return await Session(listener, tokens).Start().WaitAsync(Deadline);
    }
}
