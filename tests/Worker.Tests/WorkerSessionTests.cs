using System.Net;
using System.Text;
using Lockstep.Shared.Messages;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Streaming;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Worker.Tests;

public class WorkerSessionTests
{
    private const ulong Run = 7;
    private const string Worker = "worker";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

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

    [Theory]
    [InlineData("the secret of these tests")]
    [InlineData(null)]
    public async Task Start_CoordinatorWithAnotherSecret_IsRefused(string? secret)
    {
        var tokens = new StreamTokens();
        using var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (_, _) => { }, NullLogger.Instance, secret: ClusterSecret.Parse("the secret of those tests"u8, "file"));
        WorkerResult result = await Session(listener, tokens, secret is null ? null : ClusterSecret.Parse(Encoding.ASCII.GetBytes(secret), "file")).Start().WaitAsync(Deadline);
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

    private static WorkerSession Session(TensorListener listener, StreamTokens tokens, ClusterSecret? secret = null) =>
        new(new RunOffered(Run, 1, "127.0.0.1", listener.EndPoint.Port, tokens.Issue(Worker)), Worker, lanes: 1, new HeldImages(), new WorkerMeter(new WorkerStatus(), lanes: 1), secret);

    private static async Task<WorkerResult> FollowAsync(Action<TensorConnection> coordinate)
    {
        var tokens = new StreamTokens();
        using var listener = new TensorListener(
            new IPEndPoint(IPAddress.Loopback, 0), Run, tokens, (connection, _) => coordinate(connection), NullLogger.Instance);
        return await Session(listener, tokens).Start().WaitAsync(Deadline);
    }
}
