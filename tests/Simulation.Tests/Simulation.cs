using Lockstep.Coordinator.Runs;
using Lockstep.Simulation.Tests.Faults;
using Lockstep.Simulation.Tests.Processes;
using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests;

/// <summary>How a simulated run ended.</summary>
/// <param name="Violations">Invariants that did not hold.</param>
/// <param name="AllFired">Every planned fault did happen; else the run does not count.</param>
/// <param name="Fired">Faults that happened.</param>
/// <param name="Messages">Messages delivered.</param>
/// <param name="Statistics">What was seen.</param>
internal sealed record Verdict(IReadOnlyList<string> Violations, bool AllFired, int Fired, long Messages, SimStatistics Statistics);

/// <summary>
/// One training from one seed: the product's roles of one to three coordinators and their workers, on a virtual clock, network and disks,
/// under planned faults. Around them is a supervisor that starts again what ended.
/// </summary>
internal sealed class Simulation
{
    private const long RecoverWithin = 200 * Timeline.Second;
    private const long MaxEvents = 1_500_000;

    // Slow enough for failure detectors and yields to have their time within a run.
    private const int SlowWay = 30, SlowCompute = 60;

    private readonly List<string> _violations = [];
    private readonly FaultInjector _injector;
    private readonly IReadOnlyList<Fault> _plan;

    public Simulation(ulong seed, IReadOnlyList<Fault> plan, List<string>? log = null)
    {
        _plan = plan;
        KeepsBest = seed % 4 == 2;
        Training = TinyRun.Of(seed);
        Transport = seed % 3 == 0 ? Transport.Stream : Transport.Slices;
        SliceRows = seed % 2 == 0 ? null : 2 + (int)(seed / 2 % 3);
        Random = new SimRandom(seed);
        Timeline = new Timeline { Log = log };
        Network = new VirtualNetwork(Timeline, Random.Fork());
        Checks = new Checks(this);
        _injector = new FaultInjector(this, plan);
        Timeline.BeforeMessage = _injector.Before;
        int coordinators = CountCoordinators(), workers = Random.Next(2, 6);
        ComputeScale = Random.OnceIn(coordinators > 1 ? 4 : 16) ? SlowCompute : 1;
        for (int i = 0; i < coordinators; i++)
            Coordinators.Add(new SimCoordinator(this, i));
        for (int i = 0; i < workers; i++)
            AddWorker();
        // What a worker sends another is then under way for longer than a step takes.
        HasSlowWay = seed % 4 == 1;
        if (HasSlowWay)
            Network.SetSlowness(Workers[0].Host, Workers[1].Host, SlowWay);
        foreach (SimCoordinator coordinator in Coordinators)
            coordinator.StartLater(Random.Next(1, 1_500));
        Timeline.Every(Outside, SimCluster.LookEvery, Look);
    }

    /// <summary>Whether the run keeps its best checkpoint: a quarter of all do.</summary>
    public bool KeepsBest { get; }

    /// <summary>Whether the best checkpoint could not be saved together with the last one either; people were told.</summary>
    public bool IsBestGivenUp { get; set; }

    /// <summary>How weights and gradients travel, where no worker is on a coordinator's machine.</summary>
    public Transport Transport { get; }

    /// <summary>Rows of plans; null for the usual number.</summary>
    public int? SliceRows { get; }

    /// <summary>What is trained.</summary>
    public TinyRun Training { get; }

    public SimRandom Random { get; }

    public Timeline Timeline { get; }

    public VirtualNetwork Network { get; }

    public Checks Checks { get; }

    public SimStatistics Statistics { get; } = new();

    public List<SimCoordinator> Coordinators { get; } = [];

    public List<SimWorker> Workers { get; } = [];

    /// <summary>Who starts things, and what happens to machines.</summary>
    public SimProcess Outside { get; } = new("outside");

    /// <summary>Times by which all computing is slower.</summary>
    public int ComputeScale { get; }

    /// <summary>Whether one worker's way to another is slow.</summary>
    public bool HasSlowWay { get; }

    /// <summary>When the last effect of a fault is over; 0 before the first.</summary>
    public long QuietFrom => _injector.QuietFrom;

    /// <summary>Whether some way between coordinators stays cut.</summary>
    public bool IsCutForGood => _injector.IsCutForGood;

    /// <summary>Whether some disk had no room.</summary>
    public bool HadFullDisk { get; set; }

    /// <summary>Runs to the end, or to the first violation.</summary>
    public Verdict Run()
    {
        try
        {
            while (_violations.Count == 0 && !IsOver && Step())
            {
                if (Timeline.Now > QuietFrom + RecoverWithin || Timeline.Events > MaxEvents)
                    Violate($"The run hangs: {(Timeline.Now - QuietFrom) / Timeline.Second} s after the last fault it is not complete.");
            }

            if (_violations.Count == 0)
                Checks.End(_plan.Count);
        }
        catch (Exception exception)
        {
            Violate($"{exception}");
        }
        finally
        {
            Dispose();
        }

        return new Verdict(_violations, _injector.Fired == _plan.Count, _injector.Fired, Timeline.Messages, Statistics);
    }

    public void Violate(string what)
    {
        _violations.Add(what);
        Timeline.Note($"!!! {what}");
    }

    public SimCoordinator CoordinatorAt(string name) => Coordinators.Single(coordinator => coordinator.Name == name);

    public void AddWorker()
    {
        int number = Workers.Count;
        int host = Random.OnceIn(2) ? Random.Next(Coordinators.Count) : Coordinators.Count + number;
        var worker = new SimWorker(this, number, host, lanes: 1 + Random.Next(2));
        Workers.Add(worker);
        Timeline.After(Outside, Random.Next(1, 3_000), worker.Start);
    }

    public void RestartLater(SimWorker worker)
    {
        long delay = Random.Next(1, 2_500) * Timeline.Millisecond;
        Timeline.After(Outside, delay, () =>
        {
            Network.PowerOn(worker.Host);
            worker.Start();
        });
    }

    /// <summary>The run is complete on every host; where a way stays cut, on every one that has the workers to go on with.</summary>
    private bool IsOver => Coordinators.TrueForAll(coordinator => coordinator.IsDone
        || (IsCutForGood
        && Workers.Count(worker => !worker.IsGone && Network.IsOpenBothWays(worker.Host, coordinator.Host)) < Training.Options.MinWorkers));

    private int CountCoordinators()
    {
        bool needsPeers = _plan.Any(fault => fault.Kind >= FaultKind.CutPeers);
        return needsPeers ? Random.Next(2, 4) : Math.Max(1, Random.Next(-1, 4));
    }

    private bool Step()
    {
        bool more;
        try
        {
            more = Timeline.Step();
        }
        catch (PowerLossException)
        {
            more = true;
        }

        foreach (SimCoordinator coordinator in Coordinators)
        {
            if (coordinator.Disk.HasLostPower)
                coordinator.LosePower();
        }

        return more;
    }

    /// <summary>Heartbeats, and what must be true at any time.</summary>
    private void Look()
    {
        foreach (SimCoordinator coordinator in Coordinators)
        {
            if (coordinator.Process.IsRunning)
                coordinator.Cluster.Look();
        }

        foreach (SimWorker worker in Workers)
        {
            if (worker.Process.IsRunning)
                worker.Membership?.Look();
        }

        Checks.Look();
    }

    private void Dispose()
    {
        foreach (SimCoordinator coordinator in Coordinators)
            coordinator.Term?.Abandon();
        foreach (SimWorker worker in Workers)
            worker.Meter?.Dispose();
    }
}
