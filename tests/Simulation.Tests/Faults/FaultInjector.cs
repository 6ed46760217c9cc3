using Lockstep.Simulation.Tests.Shells;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Faults;

/// <summary>Lets the planned faults happen, each before its message or as soon after as it can.</summary>
internal sealed class FaultInjector(Simulation sim, IReadOnlyList<Fault> plan)
{
    private readonly bool[] _applied = new bool[plan.Count];
    private readonly bool[] _fired = new bool[plan.Count];

    /// <summary>Faults that did happen, and were not merely planned.</summary>
    public int Fired => _fired.Count(fired => fired);

    public bool HasFired(int index) => _fired[index];

    /// <summary>When the last effect of a fault is over.</summary>
    public long QuietFrom { get; private set; }

    public void Before(long message)
    {
        for (int i = 0; i < plan.Count; i++)
        {
            if (_applied[i] || plan[i].At > message || !Apply(plan[i], i))
                continue;
            _applied[i] = true;
            sim.Timeline.Note($"*** {plan[i]}");
        }
    }

    private bool Apply(Fault fault, int index)
    {
        SimWorker worker = sim.Workers[fault.Target % sim.Workers.Count];
        SimCoordinator? coordinator = sim.Coordinator;
        long duration = fault.Amount * Timeline.Millisecond;
        switch (fault.Kind)
        {
            case FaultKind.KillWorker or FaultKind.PowerOffWorker:
                if (!worker.Process.IsAlive)
                    return false;
                worker.Die(tellsPeer: fault.Kind == FaultKind.KillWorker);
                sim.RestartLater(worker);
                break;
            case FaultKind.PauseWorker:
                if (!worker.Process.IsRunning)
                    return false;
                Pause(worker.Process, duration);
                break;
            case FaultKind.SlowWorker:
                if (!worker.Process.IsRunning || worker.Slowness > 1)
                    return false;
                worker.Slowness = 40;
                Later(duration, () => worker.Slowness = 1);
                break;
            case FaultKind.CutStream:
                if (!worker.Process.IsRunning || !worker.IsInSession)
                    return false;
                worker.BreakStream();
                break;
            case FaultKind.SlowNetwork:
                sim.Network.SetSlowness(worker.Host, 50);
                Later(duration, () => sim.Network.SetSlowness(worker.Host, 1));
                break;
            case FaultKind.Partition or FaultKind.PartitionToWorker or FaultKind.PartitionToCoordinator:
                return Partition(fault.Kind, worker.Host, duration, index);
            case FaultKind.JoinWorker:
                if (sim.Workers.Count >= 6)
                    return false;
                sim.AddWorker();
                break;
            case FaultKind.LeaveWorker:
                if (!worker.Process.IsRunning || sim.Workers.Count(other => !other.IsGone) < 3)
                    return false;
                worker.Leave();
                break;
            case FaultKind.KillCoordinator:
                if (coordinator is null)
                    return false;
                sim.KillCoordinator();
                break;
            case FaultKind.PowerOffCoordinator:
                if (coordinator is null)
                    return false;
                sim.LosePower(coordinator);
                break;
            case FaultKind.PauseCoordinator:
                if (coordinator is null || !coordinator.Process.IsRunning)
                    return false;
                Pause(coordinator.Process, duration);
                break;
            case FaultKind.ZombieCoordinator:
                if (coordinator is null || !coordinator.Process.IsRunning)
                    return false;
                Pause(coordinator.Process, duration);
                sim.StartAnotherCoordinator();
                break;
            case FaultKind.ClockJump:
                sim.SetWallClock(TimeSpan.FromSeconds(fault.Amount));
                break;
            case FaultKind.DiskFull:
                sim.Disk.FillUp(fault.Amount, 1 + fault.Target * 4, () => _fired[index] = true);
                return true;
            case FaultKind.TornWrite:
                sim.Disk.LosePowerAt(fault.Amount, () => Fire(index));
                return true;
            case FaultKind.LostRename:
                sim.Disk.LosePowerBeforeFolderFlush(() => Fire(index));
                return true;
            case FaultKind.SlowDisk:
                sim.DiskSlowness = 200;
                Later(duration, () => sim.DiskSlowness = 1);
                break;
            case FaultKind.RotOfNewest:
                if (coordinator is null || !sim.Disk.Rot())
                    return false;
                sim.KillCoordinator();
                break;
            case FaultKind.ZombieFrameOfOldTerm or FaultKind.ZombieFrameOfOtherRun:
                if (!worker.Process.IsRunning || !worker.CanSendZombieFrame)
                    return false;
                worker.SendZombieFrame(otherRun: fault.Kind == FaultKind.ZombieFrameOfOtherRun);
                break;
            default:
                throw new InvalidOperationException($"{fault.Kind} is not known.");
        }

        Fire(index);
        return true;
    }

    private bool Partition(FaultKind kind, int host, long duration, int index)
    {
        bool toWorker = kind != FaultKind.PartitionToCoordinator, toCoordinator = kind != FaultKind.PartitionToWorker;
        if (!sim.Network.IsOpenBothWays(host, Simulation.CoordinatorHost))
            return false;
        if (toWorker)
            sim.Network.Block(Simulation.CoordinatorHost, host);
        if (toCoordinator)
            sim.Network.Block(host, Simulation.CoordinatorHost);
        Later(duration, () =>
        {
            if (toWorker)
                sim.Network.Unblock(Simulation.CoordinatorHost, host);
            if (toCoordinator)
                sim.Network.Unblock(host, Simulation.CoordinatorHost);
        });
        Fire(index);
        return true;
    }

    private void Pause(SimProcess process, long duration)
    {
        process.IsPaused = true;
        Later(duration, () => Timeline.Resume(process));
    }

    private void Later(long delay, Action act)
    {
        QuietFrom = Math.Max(QuietFrom, sim.Timeline.Now + delay);
        sim.Timeline.After(sim.Outside, delay, act);
    }

    private void Fire(int index)
    {
        _fired[index] = true;
        QuietFrom = Math.Max(QuietFrom, sim.Timeline.Now);
    }
}
