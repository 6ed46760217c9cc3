using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Worker.Hosting;
using Lockstep.Worker.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Worker.Tests.Hosting;

public sealed class WorkerHostTests
{
    private static readonly WorkerResult Disconnected = new(
        WorkerOutcome.Disconnected, "lost"), Unanswered = new(WorkerOutcome.CoordinatorLost, "no answer");
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task RunAsync_CoordinatorOnANetworkWithoutASecret_IsRefused()
    {
        var options = new WorkerOptions { Coordinators = [new DnsEndPoint("192.0.2.1", 4053)], Lanes = 1 };
        SecretException error = await Assert.ThrowsAsync<SecretException>(
            () => WorkerHost.RunAsync(options, NullLoggerFactory.Instance, CancellationToken.None));
        Assert.Contains("192.0.2.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NameThatIsNotKnown_IsLookedUpForAsLongAsIsWaited()
    {
        var options = new WorkerOptions
        {
            Coordinators =
            [new DnsEndPoint("coordinator.invalid", 4053)], Lanes = 1, JoinTimeout = TimeSpan.FromMilliseconds(700)
        };
        var notices = new List<string>();
        WorkerResult result = await WorkerHost.RunAsync(options, NullLoggerFactory.Instance, CancellationToken.None, new Notices(notices));
        Assert.Equal(WorkerOutcome.CoordinatorLost, result.Outcome);
        Assert.Contains("'coordinator.invalid' is not the name", result.Message, StringComparison.Ordinal);
        Assert.Contains("Trying for 0.7 s", Assert.Single(notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NameThatIsNotKnown_StopsWhenAsked()
    {
        var options = new WorkerOptions { Coordinators = [new DnsEndPoint("coordinator.invalid", 4053)], Lanes = 1 };
        using var stop = new CancellationTokenSource();
        var notices = new Notices([]) { Told = stop.Cancel };
        WorkerResult result = await WorkerHost.RunAsync(options, NullLoggerFactory.Instance, stop.Token, notices);
        Assert.Equal(WorkerOutcome.Completed, result.Outcome);
    }

    [Fact]
    public void Conclude_LostCoordinator_JoinsAgain() => Assert.Null(Conclude(Disconnected, isAskedToStop: false, Timeout));

    /// <summary>
    /// The signal may come at the very moment at which the cluster removes the node: that worker has left as it was asked to.
    /// </summary>
    [Fact]
    public void Conclude_LostCoordinatorWhileAskedToStop_HasStopped() =>
        Assert.Equal(WorkerOutcome.Completed, Conclude(Disconnected, isAskedToStop: true, Timeout)?.Outcome);

    /// <summary>A node that was removed while it joined is never answered; the next one may be.</summary>
    [Fact]
    public void Conclude_NoAnswerYet_TriesWithAnotherNodeWhileThereIsTime()
    {
        Assert.Null(Conclude(Unanswered, isAskedToStop: false, Timeout));
        Assert.Same(Unanswered, Conclude(Unanswered, isAskedToStop: false, TimeSpan.Zero));
        Assert.Same(Unanswered, Conclude(Unanswered, isAskedToStop: true, Timeout));
    }

    [Theory]
    [InlineData(WorkerOutcome.Completed)]
    [InlineData(WorkerOutcome.Refused)]
    public void Conclude_AnyOtherEnd_IsTheWorkers(WorkerOutcome outcome)
    {
        var result = new WorkerResult(outcome);

        Assert.Same(result, Conclude(result, isAskedToStop: true, Timeout));
        Assert.Same(result, Conclude(result, isAskedToStop: false, Timeout));
    }

    private static WorkerResult? Conclude(WorkerResult result, bool isAskedToStop, TimeSpan timeout) =>
        new JoinDeadline(timeout, TimeProvider.System).Conclude(result, isAskedToStop);

    private sealed class Notices(List<string> told) : IProgress<string>
    {
        public Action Told { get; init; } = () => { };

        public void Report(string value)
        {
            told.Add(value);
            Told();
        }
    }
}
