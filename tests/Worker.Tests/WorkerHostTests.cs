namespace Lockstep.Worker.Tests;

public sealed class WorkerHostTests
{
    private static readonly WorkerResult Disconnected = new(WorkerOutcome.Disconnected, "lost");

    [Fact]
    public void Conclude_LostCoordinator_JoinsAgain() => Assert.Null(WorkerHost.Conclude(Disconnected, isAskedToStop: false));

    /// <summary>The signal may come at the very moment at which the cluster removes the node: that worker has left as it was asked to.</summary>
    [Fact]
    public void Conclude_LostCoordinatorWhileAskedToStop_HasStopped() =>
        Assert.Equal(WorkerOutcome.Completed, WorkerHost.Conclude(Disconnected, isAskedToStop: true)?.Outcome);

    [Theory]
    [InlineData(WorkerOutcome.Completed)]
    [InlineData(WorkerOutcome.Refused)]
    [InlineData(WorkerOutcome.CoordinatorLost)]
    public void Conclude_AnyOtherEnd_IsTheWorkers(WorkerOutcome outcome)
    {
        var result = new WorkerResult(outcome);

        Assert.Same(result, WorkerHost.Conclude(result, isAskedToStop: true));
        Assert.Same(result, WorkerHost.Conclude(result, isAskedToStop: false));
    }
}
