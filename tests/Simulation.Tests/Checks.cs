using Lockstep.Coordinator.Runs;
using Lockstep.Coordinator.Tracing;
using Lockstep.Model.Reduction;
using Lockstep.Model.Training;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Streaming;
using Lockstep.Simulation.Tests.Processes;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests;

/// <summary>
/// What must hold in every run: the bytes, whoever leads; and in the end one leader that everybody follows who can reach it.
/// </summary>
internal sealed class Checks(Simulation sim)
{
    /// <summary>How long after the last fault everything has found its place.</summary>
    private const long SettleWithin = 20 * Timeline.Second;

    /// <summary>How long a worker that is asked to leave may take.</summary>
    private const long LeaveWithin = 100 * Timeline.Second;

    /// <summary>How long a coordinator may wait without having said for what; one that follows must first get what there is.</summary>
    private const long TellWithin = Timeline.Second, TellOfFollowingWithin = 6 * Timeline.Second;

    private readonly Hash128 _specHash = TraceChain.HashOf(sim.Training.Spec);

    private long _ledAt, _oneLedAt;

    private long Now => sim.Timeline.Now;

    /// <summary>A leader has completed a step.</summary>
    public void Step(long completed, in NodeStatistics statistics)
    {
        NodeStatistics expected = sim.Training.Statistics(completed - 1);
        if (statistics != expected)
            sim.Violate($"Step {completed - 1} has other statistics than the fault-free run: {statistics}, expected {expected}.");
    }

    /// <summary>A leader has these weights after so many steps.</summary>
    public void Weights(SimCoordinator leader, long completed, ReadOnlySpan<float> weights, ReadOnlySpan<float> velocity)
    {
        sim.Timeline.Note($"{leader.Process} completed step {completed - 1}");
        if (!weights.SequenceEqual(sim.Training.Weights(completed)))
            sim.Violate($"The weights after step {completed - 1} are not those of the fault-free run.");
        if (!velocity.SequenceEqual(sim.Training.Velocity(completed)))
            sim.Violate($"The momentum after step {completed - 1} is not that of the fault-free run.");
    }

    /// <summary>
    /// Every checkpoint on a disk is what the fault-free run would have saved, or is recognised as damaged; the newest has its trace beside
    /// it.
    /// </summary>
    public void Disk(SimCoordinator coordinator)
    {
        long newest = 0;
        foreach (string path in coordinator.Disk.List(sim.Training.Options.CheckpointDirectory, "*.ckpt"))
        {
            Checkpoint checkpoint;
            try
            {
                checkpoint = CheckpointCodec.Read(path, coordinator.Disk);
            }
            catch (CheckpointException)
            {
                continue;
            }

            // The best one may be ahead of those that are left to continue from.
            if (Path.GetFileName(path) == CheckpointStore.FileName(checkpoint.Step))
                newest = Math.Max(newest, checkpoint.Step);
            Check(path, checkpoint);
        }

        Trace(coordinator, newest);
    }

    /// <summary>The run is over.</summary>
    public void End(int faults)
    {
        foreach (SimCoordinator coordinator in sim.Coordinators)
        {
            Disk(coordinator);
            if (!coordinator.IsDone)
                continue;
            LoadedCheckpoint? last = new CheckpointStore(sim.Training.Options.CheckpointDirectory, coordinator.Disk).LoadNewest();
            if (!coordinator.Disk.IsRotten
                && (last?.Checkpoint.Step != TinyRun.Steps || last.Checkpoint.WeightsSha256 != sim.Training.WeightsSha256))
                sim.Violate($"The run is over, and the last checkpoint of host {coordinator.Host} is "
                    + $"{(last is null ? "none" : $"that of step {last.Checkpoint.Step}, weights {last.Checkpoint.WeightsSha256}")}.");
            if (sim.KeepsBest && !coordinator.Disk.IsRotten)
                CheckBest(new CheckpointStore(sim.Training.Options.CheckpointDirectory, coordinator.Disk).LoadBest(), coordinator);
            if (coordinator.Disk.Files.Count() > sim.Training.Options.KeepCheckpoints + faults + 8)
                sim.Violate($"{coordinator.Disk.Files.Count()} files are left on the disk of host {coordinator.Host}.");
        }
    }

    /// <summary>Some times a second: who leads, who follows, and who waits.</summary>
    public void Look()
    {
        SimCoordinator[] running = [.. sim.Coordinators.Where(coordinator => coordinator.Process.IsRunning)];
        foreach (SimCoordinator coordinator in running)
        {
            CheckTold(coordinator);
            if (coordinator.YieldsSince is { } since && Now - Math.Max(sim.QuietFrom, since) > TellWithin)
                sim.Violate($"{coordinator.Process} still leads {TellWithin / Timeline.Second} s after it said that it yields.");
        }

        bool isOver = sim.Coordinators.Exists(coordinator => coordinator.IsDone);
        int leaders = running.Count(coordinator => coordinator.Role is PeerRole.Leading or PeerRole.Leaving);
        if (leaders > 0 || isOver || running.Length == 0)
            _ledAt = Now;
        if (leaders <= 1 || isOver || sim.IsCutForGood)
            _oneLedAt = Now;
        if (Now - Math.Max(sim.QuietFrom, _ledAt) > SettleWithin)
            sim.Violate($"Nobody leads for {SettleWithin / Timeline.Second} s after the last fault.");
        if (Now - Math.Max(sim.QuietFrom, _oneLedAt) > SettleWithin)
            sim.Violate($"{leaders} coordinators lead for {SettleWithin / Timeline.Second} s after the last fault.");
        foreach (SimWorker worker in sim.Workers)
            CheckFollows(worker, running);
    }

    private void CheckFollows(SimWorker worker, SimCoordinator[] running)
    {
        if (!worker.Process.IsRunning || worker.Session?.IsReady == true)
            worker.FollowedAt = Now;
        if (worker.IsGone && worker.Process.IsAlive && Now - Math.Max(sim.QuietFrom, worker.LeavingSince) > LeaveWithin)
            sim.Violate($"{worker.Process} was asked to leave {LeaveWithin / Timeline.Second} s ago, and is still there.");
        long lost = Math.Max(sim.QuietFrom, worker.FollowedAt);
        if (worker.IsGone || Now - lost < SettleWithin)
            return;
        if (running.FirstOrDefault(leader => leader.Term is { TakesWorkers: true } term && Now - term.Since > SettleWithin
                && sim.Network.IsOpenBothWays(leader.Host, worker.Host)) is { } reachable)
            sim.Violate($"{worker.Process} does not follow {reachable.Process} for {SettleWithin / Timeline.Second} s, though it could.");
    }

    /// <summary>Whoever waits has said for what.</summary>
    private void CheckTold(SimCoordinator coordinator)
    {
        if (Now - Math.Max(
            coordinator.RoleSince, sim.QuietFrom) < (coordinator.Role == PeerRole.Following ? TellOfFollowingWithin : TellWithin))
            return;
        bool isTold = coordinator.Role switch
        {
            PeerRole.Seeking => coordinator.LastSaid is RunEvent.SeekingLeader,
            PeerRole.Following => coordinator.LastSaid is RunEvent.Following,
            PeerRole.Leading when coordinator.Term is { TakesWorkers: true, Ready: 0 } =>
                coordinator.LastSaid is RunEvent.WaitingForWorkers or RunEvent.TrainingEnded,
            _ => true,
        };
        if (!isTold)
            sim.Violate($"{coordinator.Process} is {coordinator.Role} and waits; the last that people were told is "
                + $"{coordinator.LastSaid?.GetType().Name ?? "nothing"}.");
    }

    private void CheckBest(LoadedCheckpoint? best, SimCoordinator coordinator)
    {
        if (best?.Checkpoint.Step != sim.Training.BestStep && !sim.IsBestGivenUp)
            sim.Violate($"The run is over, and the best checkpoint of host {coordinator.Host} is "
                + $"{(best is null ? "none" : $"that of step {best.Checkpoint.Step}")}, expected that of step {sim.Training.BestStep}.");
    }

    private void Check(string path, Checkpoint checkpoint)
    {
        string name = Path.GetFileName(path);
        if (name != CheckpointStore.FileName(checkpoint.Step)
            && !(sim.KeepsBest && name == CheckpointStore.BestFileName(checkpoint.Step)))
            sim.Violate($"'{path}' holds step {checkpoint.Step}.");
        float[] weights = new float[sim.Training.Layout.Length], velocity = new float[sim.Training.Layout.TrainableLength];
        CheckpointTensors.CopyTo(checkpoint.Parameters, sim.Training.Layout, weights);
        CheckpointTensors.CopySlotsTo(checkpoint.Slots, sim.Training.Layout, velocity);
        if (!weights.AsSpan().SequenceEqual(sim.Training.Weights(checkpoint.Step)))
            sim.Violate($"'{path}' holds other weights than the fault-free run.");
        if (!velocity.AsSpan().SequenceEqual(sim.Training.Velocity(checkpoint.Step)))
            sim.Violate($"'{path}' holds other momentum than the fault-free run.");
        if (checkpoint.Unreported != sim.Training.Unreported(checkpoint.Step))
            sim.Violate($"'{path}' holds other statistics than the fault-free run: {checkpoint.Unreported}, expected "
                + $"{sim.Training.Unreported(checkpoint.Step)}.");
    }

    /// <summary>The trace is the fault-free run's, and reaches the newest checkpoint, wherever the disk had room for it.</summary>
    private void Trace(SimCoordinator coordinator, long newest)
    {
        string path = sim.Training.Options.TraceFile!;
        if (!coordinator.Disk.Exists(path))
        {
            if (newest > 0 && !sim.HadFullDisk)
                sim.Violate($"Host {coordinator.Host} has a checkpoint of step {newest} and no trace.");
            return;
        }

        long last;
        try
        {
            using TraceReader reader = TraceReader.Open(path, coordinator.Disk);
            last = reader.FirstStep;
            if (reader.SpecHash != _specHash)
                sim.Violate("The trace is of another run spec.");
            if (reader.FirstStep > 0 && !sim.HadFullDisk)
                sim.Violate($"The trace of host {coordinator.Host} begins after step {reader.FirstStep}.");
            while (reader.Next() is { } line)
            {
                last = line.Step;
                if (!line.Follows || line.Weights != WeightsHash.Of(sim.Training.Weights(line.Step)[..sim.Training.Layout.TrainableLength]))
                    sim.Violate($"The trace of host {coordinator.Host} has another hash of step {line.Step} than the fault-free run.");
            }
        }
        catch (TraceException e)
        {
            if (newest > 0 && !sim.HadFullDisk)
                sim.Violate(e.Message);
            return;
        }

        if (last < newest && !sim.HadFullDisk)
            sim.Violate($"Host {coordinator.Host} has a checkpoint of step {newest}, and a trace up to step {last} only.");
    }
}
