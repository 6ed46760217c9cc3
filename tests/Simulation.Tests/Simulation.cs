using Lockstep.Model.Reduction;
using Lockstep.Shared.Checkpoints;
using Lockstep.Simulation.Tests.Faults;
using Lockstep.Simulation.Tests.Shells;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests;

/// <summary>What was seen in a run besides violations; the suite asks whether everything was seen at all.</summary>
internal sealed class SimStatistics
{
    public int[] Arrivals { get; } = new int[5];

    public int Reissues { get; set; }

    public int Joined { get; set; }

    public int Lost { get; set; }

    public int RefusedFrames { get; set; }

    public int RefusedTokens { get; set; }

    public int FailedSaves { get; set; }

    public int PassedOver { get; set; }

    public int CoordinatorStarts { get; set; }

    public int Probes { get; set; }

    public int LetGo { get; set; }

    public int RostersByPace { get; set; }

    /// <summary>Gradients handed over in shared memory.</summary>
    public int SharedGradients { get; set; }

    /// <summary>Results of a step that was over, computed with weights that had changed in the meantime.</summary>
    public int TornResults { get; set; }
}

/// <summary>How a simulated run ended.</summary>
/// <param name="Violations">Invariants that did not hold.</param>
/// <param name="AllFired">Every planned fault did happen; else the run does not count.</param>
/// <param name="Fired">Faults that happened.</param>
/// <param name="Messages">Messages delivered.</param>
/// <param name="Statistics">What was seen.</param>
internal sealed record Verdict(IReadOnlyList<string> Violations, bool AllFired, int Fired, long Messages, SimStatistics Statistics);

/// <summary>
/// One training from one seed: the real decisions, codecs, numerics and checkpoints in thin shells, on a virtual clock, network and disk,
/// under planned faults. Around them is an operator who starts again what ended.
/// </summary>
internal sealed class Simulation
{
    public const int CoordinatorHost = 0;

    private const long DetectEvery = 500 * Timeline.Millisecond;
    private const long RemoveAfter = 5 * Timeline.Second;
    private const long RecoverWithin = 300 * Timeline.Second;
    private const long MaxEvents = 200_000;

    private readonly List<string> _violations = [];
    private readonly Dictionary<string, SimWorker> _workersByNode = [];
    private readonly Dictionary<(SimProcess, string), long> _lastContact = [];
    private readonly HashSet<string> _removed = [];
    private readonly FaultInjector _injector;
    private readonly IReadOnlyList<Fault> _plan;
    private TimeSpan _wallClockOffset;
    private long _lastSaved;
    private int _startsUnderWay;
    private bool _isDone;

    public Simulation(ulong seed, IReadOnlyList<Fault> plan, Bug bug = Bug.None, List<string>? log = null)
    {
        (Bug, _plan) = (bug, plan);
        Random = new SimRandom(seed);
        Timeline = new Timeline { Log = log };
        Network = new VirtualNetwork(Timeline, Random.Fork());
        Disk = new VirtualDisk(Random.Fork())
        {
            SkipsFlush = bug == Bug.RenameBeforeFlush,
            SkipsFolderFlush = bug == Bug.FolderNotFlushed,
            SkipsDigest = bug == Bug.SkipDigest,
        };
        _injector = new FaultInjector(this, plan);
        Timeline.BeforeMessage = _injector.Before;
        StartAnotherCoordinator();
        int workers = Random.Next(2, 6);
        for (int i = 0; i < workers; i++)
            AddWorker();
        Timeline.After(Outside, DetectEvery, Detect);
    }

    public Bug Bug { get; }

    public SimRandom Random { get; }

    public Timeline Timeline { get; }

    public VirtualNetwork Network { get; }

    public VirtualDisk Disk { get; }

    public SimStatistics Statistics { get; } = new();

    public List<SimCoordinator> Coordinators { get; } = [];

    public List<SimWorker> Workers { get; } = [];

    /// <summary>Who starts things, and what happens to machines.</summary>
    public SimProcess Outside { get; } = new("outside");

    /// <summary>The coordinator at the address that workers know, if there is one.</summary>
    public SimCoordinator? Coordinator { get; private set; }

    /// <summary>Times by which the disk is slower than it could be.</summary>
    public int DiskSlowness { get; set; } = 1;

    public TimeSpan Monotonic => TimeSpan.FromMicroseconds(Timeline.Now);

    public TimeSpan WallClock => Monotonic + _wallClockOffset;

    /// <summary>Runs to the end, or to the first violation.</summary>
    public Verdict Run()
    {
        try
        {
            while (!_isDone && _violations.Count == 0 && Timeline.Step())
            {
                if (Timeline.Now > _injector.QuietFrom + RecoverWithin || Timeline.Events > MaxEvents)
                    Violate($"The run hangs at step {Coordinator?.Step}: {(Timeline.Now - _injector.QuietFrom) / Timeline.Second} s after the last fault it is not complete.");
            }

            if (_isDone && _violations.Count == 0)
                CheckEnd();
        }
        catch (Exception exception)
        {
            Violate($"{exception}");
        }

        return new Verdict(_violations, _injector.Fired == _plan.Count, _injector.Fired, Timeline.Messages, Statistics);
    }

    public void Violate(string what)
    {
        _violations.Add(what);
        Timeline.Note($"!!! {what}");
    }

    // The operator

    public void AddWorker()
    {
        var worker = new SimWorker(this, Workers.Count + 1, lanes: 1 + Random.Next(2));
        Workers.Add(worker);
        Timeline.After(Outside, Random.Next(1, 3_000), worker.Start);
    }

    public void RestartLater(SimWorker worker) => Timeline.After(Outside, Random.Next(1, 2_500) * Timeline.Millisecond, () =>
    {
        if (!worker.IsGone)
            worker.Start();
    });

    public void StartAnotherCoordinator()
    {
        Coordinator = null;
        _startsUnderWay++;
        Timeline.After(Outside, Random.Next(1, 1_500) * (Coordinators.Count == 0 ? 1 : Timeline.Millisecond), () =>
        {
            if (--_startsUnderWay > 0)
                return;
            CheckDisk();
            Coordinator = new SimCoordinator(this, $"coordinator {Coordinators.Count + 1}", Resume());
            Coordinators.Add(Coordinator);
            Statistics.CoordinatorStarts++;
            Timeline.Note($"{Coordinator.Process} starts at step {Coordinator.Step}, term {Coordinator.State.Term}");
        });
    }

    private LoadedCheckpoint? Resume()
    {
        LoadedCheckpoint? loaded = null;
        try
        {
            loaded = new CheckpointStore(TinyRun.Options.CheckpointDirectory, Disk).LoadNewest();
            Statistics.PassedOver += loaded?.Refused.Count ?? 0;
        }
        catch (CheckpointException)
        {
            // None can be used, as the user is told: start again in an empty folder.
            Disk.Clear();
        }

        if ((loaded?.Checkpoint.Step ?? 0) < _lastSaved && !Disk.IsRotten)
            Violate($"The checkpoint of step {_lastSaved} was reported as saved; found is {(loaded is null ? "none" : $"step {loaded.Checkpoint.Step}")}.");
        return loaded;
    }

    public void KillCoordinator()
    {
        Coordinator!.Die(tellsPeers: true);
        StartAnotherCoordinator();
    }

    /// <summary>The coordinator's machine loses its power, and with it every coordinator that runs there.</summary>
    public void LosePower(SimCoordinator coordinator)
    {
        coordinator.Die(tellsPeers: false);
        foreach (SimCoordinator other in Coordinators.Where(other => other.Process.IsAlive))
            other.Die(tellsPeers: false);
        Disk.LosePower();
        StartAnotherCoordinator();
    }

    public void SetWallClock(TimeSpan offset) => _wallClockOffset = offset;

    public void OnCoordinatorExited(SimCoordinator coordinator)
    {
        if (coordinator.Ended!.Length == 0)
            _isDone = true;
        else if (Coordinator == coordinator)
            StartAnotherCoordinator();
    }

    // The cluster's failure detector

    public void OnJoining(SimWorker worker) => _workersByNode[worker.Node] = worker;

    private void Detect()
    {
        Timeline.After(Outside, DetectEvery, Detect);
        foreach (SimCoordinator coordinator in Coordinators.Where(coordinator => coordinator.Process.IsRunning))
        {
            foreach (string node in coordinator.Members.Select(member => member.Node).ToList())
            {
                SimWorker worker = _workersByNode[node];
                bool hears = worker.Node == node && worker.Process.IsRunning && Network.IsOpenBothWays(worker.Host, CoordinatorHost);
                if (IsSilent(coordinator.Process, node, hears))
                {
                    _removed.Add(node);
                    coordinator.OnMemberRemoved(node);
                }
            }
        }

        foreach (SimWorker worker in Workers.Where(worker => worker.Process.IsRunning && worker.Coordinator is not null))
        {
            SimCoordinator coordinator = worker.Coordinator!;
            bool isOpen = Network.IsOpenBothWays(worker.Host, CoordinatorHost);
            if (IsSilent(worker.Process, worker.Node, coordinator.Process.IsRunning && isOpen) || (isOpen && _removed.Contains(worker.Node)))
                worker.OnRemoved();
        }
    }

    private bool IsSilent(SimProcess listener, string node, bool hears)
    {
        if (hears || !_lastContact.ContainsKey((listener, node)))
            _lastContact[(listener, node)] = Timeline.Now;
        return Timeline.Now - _lastContact[(listener, node)] > RemoveAfter;
    }

    // Invariants

    public void OnSaved(string path, long step)
    {
        _lastSaved = Math.Max(_lastSaved, step);
        Timeline.Note($"saved {path}");
    }

    public void OnStepCompleted(SimCoordinator coordinator, long completedSteps, NodeStatistics statistics, ReadOnlySpan<float> weights, ReadOnlySpan<float> velocity)
    {
        Timeline.Note($"{coordinator.Process} completed step {completedSteps - 1}");
        NodeStatistics expected = TinyRun.Statistics(completedSteps - 1);
        if (statistics.Examples != expected.Examples)
            Violate($"Step {completedSteps - 1} counted {statistics.Examples} examples of {expected.Examples}.");
        else if (statistics != expected)
            Violate($"Step {completedSteps - 1} has other statistics than the fault-free run: {statistics}, expected {expected}.");
        if (!weights.SequenceEqual(TinyRun.Weights(completedSteps)))
            Violate($"The weights after step {completedSteps - 1} are not those of the fault-free run.");
        if (!velocity.SequenceEqual(TinyRun.Velocity(completedSteps)))
            Violate($"The momentum after step {completedSteps - 1} is not that of the fault-free run.");
    }

    /// <summary>Every checkpoint on the disk is what the fault-free run would have saved, or is recognised as damaged.</summary>
    private void CheckDisk()
    {
        foreach (string path in Disk.List("", "*.ckpt"))
        {
            Checkpoint checkpoint;
            try
            {
                checkpoint = CheckpointCodec.Read(path, Disk);
            }
            catch (CheckpointException)
            {
                continue;
            }

            if (Path.GetFileName(path) != CheckpointStore.FileName(checkpoint.Step))
                Violate($"'{path}' holds step {checkpoint.Step}.");
            float[] weights = new float[TinyRun.Layout.Length], velocity = new float[TinyRun.Layout.TrainableLength];
            CheckpointTensors.CopyTo(checkpoint.Parameters, TinyRun.Layout, weights);
            CheckpointTensors.CopyTo(checkpoint.Velocities, TinyRun.Layout, velocity);
            if (!weights.AsSpan().SequenceEqual(TinyRun.Weights(checkpoint.Step)))
                Violate($"'{path}' holds other weights than the fault-free run.");
            if (!velocity.AsSpan().SequenceEqual(TinyRun.Velocity(checkpoint.Step)))
                Violate($"'{path}' holds other momentum than the fault-free run.");
            if (checkpoint.Unreported != TinyRun.Unreported(checkpoint.Step))
                Violate($"'{path}' holds other statistics than the fault-free run: {checkpoint.Unreported}, expected {TinyRun.Unreported(checkpoint.Step)}.");
        }
    }

    private void CheckEnd()
    {
        CheckDisk();
        LoadedCheckpoint? last = new CheckpointStore(TinyRun.Options.CheckpointDirectory, Disk).LoadNewest();
        if (!Disk.IsRotten && (last?.Checkpoint.Step != TinyRun.Steps || last.Checkpoint.WeightsSha256 != TinyRun.WeightsSha256))
            Violate($"The run is over, and its last checkpoint is {(last is null ? "none" : $"that of step {last.Checkpoint.Step}, weights {last.Checkpoint.WeightsSha256}")}.");
        if (Disk.Files.Count() > TinyRun.Options.KeepCheckpoints + _plan.Count + 4)
            Violate($"{Disk.Files.Count()} files are left on the disk.");
    }
}
