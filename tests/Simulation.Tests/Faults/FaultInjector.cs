using Lockstep.Simulation.Tests.Processes;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Faults;

/// <summary>Lets the planned faults happen, each before its message or as soon after as it can.</summary>
internal sealed class FaultInjector(Simulation sim, IReadOnlyList<Fault> plan)
{
    private readonly bool[] _applied = new bool[plan.Count];
    private readonly bool[] _fired = new bool[plan.Count];

    /// <summary>Faults that did happen, and were not merely planned.</summary>
    public int Fired => _fired.Count(fired => fired);

    /// <summary>When the last effect of a fault is over.</summary>
    public long QuietFrom { get; private set; }

    /// <summary>Whether some way between coordinators stays cut.</summary>
    public bool IsCutForGood { get; private set; }

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

    private SimCoordinator? Leader => sim.Coordinators.Find(coordinator => coordinator.Process.IsRunning && coordinator.Term is not null);

    private bool Apply(Fault fault, int index)
    {
        SimWorker worker = sim.Workers[fault.Target % sim.Workers.Count];
        // More often than not it hits the one that leads.
        SimCoordinator coordinator = fault.Target % 3 != 2 && Leader is { } leader
            ? leader
            : sim.Coordinators[fault.Target % sim.Coordinators.Count];
        long duration = fault.Amount * Timeline.Millisecond;
        bool happens = fault.Kind switch
        {
            FaultKind.KillWorker => Kill(worker, tellsPeer: true),
            FaultKind.PowerOffWorker => Kill(worker, tellsPeer: false),
            FaultKind.PauseWorker => Pause(worker.Process, duration),
            FaultKind.SlowWorker => Slow(worker, duration),
            FaultKind.CutStream => CutStream(worker),
            FaultKind.SlowNetwork => SlowNetwork(worker.Host, duration),
            FaultKind.Partition => Cut(coordinator.Host, worker.Host, true, true, duration),
            FaultKind.PartitionToWorker => Cut(coordinator.Host, worker.Host, true, false, duration),
            FaultKind.PartitionToCoordinator => Cut(coordinator.Host, worker.Host, false, true, duration),
            FaultKind.JoinWorker => AddWorker(),
            FaultKind.LeaveWorker => Leave(worker),
            FaultKind.KillCoordinator => Kill(coordinator),
            FaultKind.KillLeader => Leader is { } led && Kill(led),
            FaultKind.PowerOffCoordinator => PowerOff(coordinator),
            FaultKind.PauseCoordinator => Pause(coordinator.Process, duration),
            FaultKind.ZombieCoordinator => Pause(coordinator.Process, Math.Max(duration, 5 * Timeline.Second)),
            FaultKind.ClockJump => JumpClock(fault.Amount),
            FaultKind.DiskFull => FillDisk(coordinator, fault.Amount, 1 + fault.Target * 4, index),
            FaultKind.LastSaveFails => Leader is { Term.Step: >= TinyRun.Steps - 2 } last && FillDisk(last, 0, 8, index),
            FaultKind.TornWrite => Plan(() => coordinator.Disk.LosePowerAt(fault.Amount, () => Fire(index))),
            FaultKind.LostRename => Plan(() => coordinator.Disk.LosePowerBeforeFolderFlush(() => Fire(index))),
            FaultKind.SlowDisk => SlowDisk(coordinator, duration),
            FaultKind.RotOfNewest => coordinator.Process.IsAlive && coordinator.Disk.Rot() && Kill(coordinator),
            FaultKind.ZombieFrameOfOldTerm => SendZombieFrame(worker, otherRun: false),
            FaultKind.ZombieFrameOfOtherRun => SendZombieFrame(worker, otherRun: true),
            FaultKind.LeaveCoordinator => Leave(coordinator),
            FaultKind.LeaveLeaderAndWorker => LeaveTogether(worker),
            FaultKind.KillAllWorkers => KillAllWorkers(),
            FaultKind.CutWorkers => CutWorkers(worker, fault.Target, true, duration),
            FaultKind.CutWorkersOneWay => CutWorkers(worker, fault.Target, false, duration),
            FaultKind.CutPeers => CutPeers(fault.Target, true, duration),
            FaultKind.CutPeersOneWay => CutPeers(fault.Target, false, duration),
            FaultKind.CutPeersForGood => CutPeersForGood(fault.Target),
            FaultKind.IsolateCoordinator => Isolate(coordinator, duration),
            _ => throw new InvalidOperationException($"{fault.Kind} is not known."),
        };
        if (happens && fault.Kind is not (FaultKind.DiskFull or FaultKind.LastSaveFails or FaultKind.TornWrite or FaultKind.LostRename))
            Fire(index);
        return happens;
    }

    // Workers

    private bool Kill(SimWorker worker, bool tellsPeer)
    {
        if (!worker.Process.IsAlive || (!tellsPeer && worker.Host < sim.Coordinators.Count))
            return false;
        worker.Die(tellsPeer);
        sim.RestartLater(worker);
        return true;
    }

    private bool KillAllWorkers()
    {
        if (!sim.Workers.Exists(worker => worker.Session?.IsReady == true))
            return false;
        foreach (SimWorker worker in sim.Workers)
            Kill(worker, tellsPeer: true);
        return true;
    }

    private bool Slow(SimWorker worker, long duration)
    {
        if (!worker.Process.IsRunning || worker.Slowness > 1)
            return false;
        worker.Slowness = 40;
        Later(duration, () => worker.Slowness = 1);
        return true;
    }

    private static bool CutStream(SimWorker worker)
    {
        if (!worker.Process.IsRunning || worker.Session is not { IsOpen: true } session)
            return false;
        session.Break();
        return true;
    }

    private bool AddWorker()
    {
        if (sim.Workers.Count >= 6)
            return false;
        sim.AddWorker();
        return true;
    }

    private bool Leave(SimWorker worker)
    {
        if (!worker.Process.IsRunning || sim.Workers.Count(other => !other.IsGone) < 3)
            return false;
        worker.Leave();
        return true;
    }

    private static bool SendZombieFrame(SimWorker worker, bool otherRun)
    {
        if (!worker.Process.IsRunning || worker.Session is not { IsReady: true } session)
            return false;
        session.SendZombieFrame(otherRun);
        return true;
    }

    // Coordinators

    private static bool Kill(SimCoordinator coordinator)
    {
        if (!coordinator.Process.IsAlive)
            return false;
        coordinator.Kill();
        return true;
    }

    private static bool PowerOff(SimCoordinator coordinator)
    {
        if (!coordinator.Process.IsAlive)
            return false;
        coordinator.LosePower();
        return true;
    }

    private static bool Leave(SimCoordinator coordinator)
    {
        if (!coordinator.Process.IsRunning)
            return false;
        coordinator.Leave();
        return true;
    }

    private bool LeaveTogether(SimWorker worker)
    {
        if (Leader is not { } leader || !Leave(worker))
            return false;
        leader.Leave();
        return true;
    }

    private bool FillDisk(SimCoordinator coordinator, int after, int operations, int index) =>
        Plan(() => coordinator.Disk.FillUp(after, operations, () =>
    {
        sim.HadFullDisk = true;
        Fire(index);
    }));

    private bool SlowDisk(SimCoordinator coordinator, long duration)
    {
        coordinator.DiskSlowness = 200;
        Later(duration, () => coordinator.DiskSlowness = 1);
        return true;
    }

    private bool JumpClock(int seconds)
    {
        sim.Timeline.TimeOfDaySet = TimeSpan.FromSeconds(seconds);
        return true;
    }

    // Networks

    private bool SlowNetwork(int host, long duration)
    {
        sim.Network.SetSlowness(host, 50);
        Later(duration, () => sim.Network.SetSlowness(host, 1));
        return true;
    }

    private bool CutWorkers(SimWorker worker, int target, bool bothWays, long duration) =>
        Cut(worker.Host, sim.Workers[(target + 1) % sim.Workers.Count].Host, true, bothWays, duration);

    private bool CutPeers(int target, bool bothWays, long duration)
    {
        int a = target % sim.Coordinators.Count, b = (a + 1) % sim.Coordinators.Count;
        return Cut(a, b, true, bothWays, duration);
    }

    private bool CutPeersForGood(int target)
    {
        int a = target % sim.Coordinators.Count, b = (a + 1) % sim.Coordinators.Count;
        if (!Cut(a, b, true, target % 2 == 0, duration: null))
            return false;
        return IsCutForGood = true;
    }

    private bool Isolate(SimCoordinator coordinator, long duration)
    {
        bool any = false;
        foreach (int other in sim.Coordinators.Select(peer => peer.Host).Concat(sim.Workers.Select(worker => worker.Host)).Distinct())
            any |= other != coordinator.Host && Cut(coordinator.Host, other, true, true, duration);
        return any;
    }

    private bool Cut(int a, int b, bool there, bool back, long? duration)
    {
        if (a == b || !sim.Network.IsOpenBothWays(a, b))
            return false;
        if (there)
            sim.Network.Block(a, b);
        if (back)
            sim.Network.Block(b, a);
        if (duration is not { } until)
            return true;
        Later(until, () =>
        {
            if (there)
                sim.Network.Unblock(a, b);
            if (back)
                sim.Network.Unblock(b, a);
        });
        return true;
    }

    private bool Pause(SimProcess process, long duration)
    {
        if (!process.IsRunning)
            return false;
        process.IsPaused = true;
        Later(duration, () => Timeline.Resume(process));
        return true;
    }

    private static bool Plan(Action plan)
    {
        plan();
        return true;
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
