using Lockstep.Shared.Secrets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lockstep.Worker.Tests;

public sealed class WorkerHostTests
{
    private static readonly WorkerResult Disconnected = new(WorkerOutcome.Disconnected, "lost"), Unanswered = new(WorkerOutcome.CoordinatorLost, "no answer");
    private static readonly TimeSpan Left = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task RunAsync_CoordinatorOnANetworkWithoutASecret_IsRefused()
    {
        var options = new WorkerOptions { Host = "192.0.2.1", Port = 4053, Lanes = 1 };
        SecretException error = await Assert.ThrowsAsync<SecretException>(() => WorkerHost.RunAsync(options, NullLoggerFactory.Instance, CancellationToken.None));
        Assert.Contains("192.0.2.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Conclude_LostCoordinator_JoinsAgain() => Assert.Null(WorkerHost.Conclude(Disconnected, isAskedToStop: false, Left));

    /// <summary>The signal may come at the very moment at which the cluster removes the node: that worker has left as it was asked to.</summary>
    [Fact]
    public void Conclude_LostCoordinatorWhileAskedToStop_HasStopped() =>
        Assert.Equal(WorkerOutcome.Completed, WorkerHost.Conclude(Disconnected, isAskedToStop: true, Left)?.Outcome);

    /// <summary>A node that was removed while it joined is never answered; the next one may be.</summary>
    [Fact]
    public void Conclude_NoAnswerYet_TriesWithAnotherNodeWhileThereIsTime()
    {
        Assert.Null(WorkerHost.Conclude(Unanswered, isAskedToStop: false, Left));
        Assert.Same(Unanswered, WorkerHost.Conclude(Unanswered, isAskedToStop: false, TimeSpan.Zero));
        Assert.Same(Unanswered, WorkerHost.Conclude(Unanswered, isAskedToStop: true, Left));
    }

    [Theory]
    [InlineData(WorkerOutcome.Completed)]
    [InlineData(WorkerOutcome.Refused)]
    public void Conclude_AnyOtherEnd_IsTheWorkers(WorkerOutcome outcome)
    {
        var result = new WorkerResult(outcome);

        Assert.Same(result, WorkerHost.Conclude(result, isAskedToStop: true, Left));
        Assert.Same(result, WorkerHost.Conclude(result, isAskedToStop: false, Left));
    }
}
