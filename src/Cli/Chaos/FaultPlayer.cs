using Lockstep.Cli.Chaos.Plans;
using Lockstep.Cli.Chaos.Processes;
using Lockstep.Cli.Chaos.Watching;

namespace Lockstep.Cli.Chaos;

/// <summary>Makes faults happen.</summary>
/// <param name="cluster">What they happen to.</param>
/// <param name="disk">The disk that checkpoints go to.</param>
/// <param name="watch">Notes when they begin and end.</param>
/// <param name="workers">Workers at the start; those that join are numbered on.</param>
/// <param name="bound">How long a worker that is asked to leave may take.</param>
internal sealed class FaultPlayer(FaultyCluster cluster, ICheckpointDisk disk, RunWatch watch, int workers, TimeSpan bound)
{
    private int _workers = workers;

    /// <summary>Makes one happen, and ends when it is over. The record is there when this returns its task.</summary>
    /// <exception cref="ChaosFailure">The cluster does not do what it should.</exception>
    public async Task PlayAsync(FaultRecord record, CancellationToken stop)
    {
        Fault fault = record.Fault;
        var time = TimeSpan.FromSeconds(fault.Seconds);
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await cluster.KillWorkerAsync(fault.Worker);
                watch.Killed(record);
                break;
            case FaultKind.Leave:
                await cluster.LeaveAsync(fault.Worker, bound);
                break;
            case FaultKind.Join:
                cluster.StartWorker(++_workers);
                break;
            case FaultKind.Cut:
                cluster.LinkOf(fault.Worker).Cut();
                break;
            case FaultKind.Pause:
                cluster.Pause(fault.Worker, isPaused: true);
                await Task.Delay(time, stop);
                cluster.Pause(fault.Worker, isPaused: false);
                break;
            case FaultKind.Partition:
                cluster.LinkOf(fault.Worker).Hold();
                await Task.Delay(time, stop);
                cluster.LinkOf(fault.Worker).Release();
                break;
            case FaultKind.Slow:
                cluster.LinkOf(fault.Worker).Throttle(fault.MegabytesPerSecond * 1e6);
                await Task.Delay(time, stop);
                cluster.LinkOf(fault.Worker).Throttle(double.PositiveInfinity);
                break;
            case FaultKind.Disk:
                disk.Fail();
                await Task.Delay(time, stop);
                disk.Recover();
                break;
            case FaultKind.Restart:
                await cluster.KillCoordinatorAsync();
                await Task.Delay(time, stop);
                cluster.StartCoordinator(resume: true);
                break;
        }

        watch.End(record);
    }
}
