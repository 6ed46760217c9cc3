using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Watching;

namespace Lockstep.Chaos.Sessions;

/// <summary>Makes faults happen.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="watch">Notes when they begin and end.</param>
/// <param name="workers">Workers at the start; those that join have the next numbers.</param>
/// <param name="bound">How long a process that is asked to leave may take.</param>
internal sealed class FaultPlayer(FaultyCluster cluster, RunWatch watch, int workers, TimeSpan bound)
{
    private int _workers = workers;

    /// <summary>Makes a fault happen; the task completes when it is over. The record exists when this method returns.</summary>
    /// <exception cref="ChaosFailure">The cluster does not behave as it should.</exception>
    public async Task PlayAsync(FaultRecord record, CancellationToken stop)
    {
        Fault fault = record.Fault;
        var time = TimeSpan.FromSeconds(fault.Seconds);
        CoordinatorMember? coordinator = PlanRoster.VictimOf(fault) is { } role ? await cluster.ChooseAsync(role, bound, stop) : null;
        Member victim = fault.Worker > 0 ? cluster.Worker(fault.Worker) : coordinator ?? cluster.Leader;
        record.Coordinator = coordinator?.Number ?? 0;
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                await victim.KillAsync();
                watch.Struck(record);
                break;
            case FaultKind.Leave:
                Task leaving = victim.LeaveAsync(bound);
                watch.Struck(record);
                await leaving;
                break;
            case FaultKind.Join:
                cluster.StartWorker(++_workers);
                watch.Struck(record);
                break;
            case FaultKind.Cut:
                victim.Link.Cut();
                watch.Struck(record);
                break;
            case FaultKind.Pause:
                victim.Pause(isPaused: true);
                watch.Struck(record);
                await Task.Delay(time, stop);
                victim.Pause(isPaused: false);
                break;
            case FaultKind.Partition:
                victim.Link.Hold();
                watch.Struck(record);
                await Task.Delay(time, stop);
                victim.Link.Release();
                break;
            case FaultKind.Slow:
                victim.Link.Throttle(fault.MegabytesPerSecond * 1e6);
                watch.Struck(record);
                await Task.Delay(time, stop);
                victim.Link.Throttle(double.PositiveInfinity);
                break;
            case FaultKind.Disk:
                coordinator!.Disk.Fail();
                watch.Struck(record);
                await Task.Delay(time, stop);
                coordinator.Disk.Recover();
                break;
        }

        if (coordinator is not null && fault.Kind is FaultKind.Kill or FaultKind.Leave)
        {
            await Task.Delay(time, stop);
            cluster.StartCoordinator(coordinator!);
        }

        coordinator?.IsBusy = false;
        watch.End(record);
    }
}
