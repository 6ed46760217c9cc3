using Lockstep.Simulation.Tests.World;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>How a simulated succession ended.</summary>
/// <param name="Violations">Invariants that did not hold.</param>
/// <param name="AllFired">Every planned fault did happen.</param>
/// <param name="IsComplete">The last step is done.</param>
/// <param name="Successions">How often a standby came to lead.</param>
/// <param name="Messages">Messages delivered.</param>
internal sealed record StandbyVerdict(IReadOnlyList<string> Violations, bool AllFired, bool IsComplete, int Successions, long Messages);

/// <summary>
/// A leading coordinator, one or two standbys and some workers, each on its machine, from one seed: the real decisions about who leads (<c>Succession</c>,
/// <c>TermFence</c>, <c>RemovalRule</c>) and real checkpoints, on a virtual clock and network, under planned faults. What ends is started again, as a standby.
/// </summary>
internal sealed class StandbySimulation
{
    public const ulong RunNumber = 77;
    private const int StrandedSeconds = 4;
    private const long MaxEvents = 400_000;
    private const long OverAfter = 120 * Timeline.Second, OldLeaderEndsWithin = 20 * Timeline.Second;

    private readonly List<string> _violations = [];
    private readonly IReadOnlyList<StandbyFault> _plan;
    private readonly bool[] _fired;
    private readonly Dictionary<int, SimSeat> _leaderOfTerm = [];
    private readonly HashSet<SimNode> _off = [];
    private readonly Dictionary<SimSeat, int> _stranded = [];
    private long _quietFrom, _begunAt;
    private int _ages, _successions;
    private bool _isComplete, _isGivenUp;

    public StandbySimulation(ulong seed, IReadOnlyList<StandbyFault> plan, StandbyBug bug = StandbyBug.None, List<string>? log = null, int? standbys = null)
    {
        (_plan, _fired, Bug) = (plan, new bool[plan.Count], bug);
        Random = new SimRandom(seed);
        Timeline = new Timeline { Log = log, BeforeMessage = Before };
        Network = new VirtualNetwork(Timeline, Random.Fork());
        int seats = 1 + (standbys ?? 1 + Random.Next(2)), workers = Random.Next(2, 5);
        for (int i = 0; i < seats; i++)
            Seats.Add(new SimSeat(this, i, $"coordinator {i + 1}"));
        for (int i = 0; i < workers; i++)
            Workers.Add(new SimFollower(this, seats + i, $"worker {i + 1}"));
        foreach (SimNode node in Nodes)
            node.Start();
        Seats[0].Found();
        Seats[0].Lead(RunNumber, term: 1);
        Timeline.After(Outside, Timeline.Second, Watch);
    }

    public StandbyBug Bug { get; }

    public SimRandom Random { get; }

    public Timeline Timeline { get; }

    public VirtualNetwork Network { get; }

    public List<SimSeat> Seats { get; } = [];

    public List<SimFollower> Workers { get; } = [];

    private IEnumerable<SimNode> Nodes => Seats.Concat<SimNode>(Workers);

    private SimProcess Outside { get; } = new("outside");

    /// <summary>Of those that lead, the one with the newest term.</summary>
    private SimSeat? Leader => Seats.Where(seat => seat.IsLeading).MaxBy(seat => seat.Term);

    public StandbyVerdict Run()
    {
        try
        {
            while (!_isComplete && !_isGivenUp && _violations.Count == 0 && Timeline.Step())
            {
                if (Timeline.Now > _quietFrom + OverAfter || Timeline.Events > MaxEvents)
                    Violate($"{(Timeline.Now - _quietFrom) / Timeline.Second} s after the last fault the run is not complete. {string.Join("; ", Seats.Select(seat => $"{seat.Process}: {(seat.Process.IsAlive ? "runs" : "has ended")}, term {seat.Term}, step {seat.Step}, knows {seat.Members.Count}"))}");
            }
        }
        catch (Exception e)
        {
            Violate($"{e}");
        }

        return new StandbyVerdict(_violations, _fired.All(fired => fired), _isComplete, _successions, Timeline.Messages);
    }

    /// <summary>Whether training has begun; planned faults happen from then on.</summary>
    public bool HasBegun { get; private set; }

    public void BeginWhenReady(SimSeat leader, int workers, int standbys)
    {
        if (workers < Workers.Count || standbys < Seats.Count - 1)
            return;
        (HasBegun, _begunAt) = (true, Timeline.Messages);
        leader.Begin();
    }

    public int NextAge() => ++_ages;

    public bool IsMachineOn(SimNode node) => !_off.Contains(node);

    public void Violate(string what)
    {
        _violations.Add(what);
        Timeline.Note($"!!! {what}");
    }

    /// <summary>The last step is done. If another one still leads, it has to end too.</summary>
    public void Complete()
    {
        if (Seats.Count(seat => seat.IsLeading) == 1)
            _isComplete = true;
        else
            Timeline.After(Outside, Math.Max(_quietFrom - Timeline.Now, 0) + OldLeaderEndsWithin, () => _isComplete = true);
    }

    public void RestartLater(SimNode node, long after = 3 * Timeline.Second)
    {
        _quietFrom = Math.Max(_quietFrom, Timeline.Now + after);
        Timeline.After(Outside, after, () =>
        {
            _off.Remove(node);
            if (!node.Process.IsAlive)
                node.Start();
        });
    }

    // Invariants

    public void OnElected(SimSeat seat, int term, string? gone)
    {
        _successions++;
        SimMember[] counted = [.. seat.Members.Where(member => member.Id != gone)];
        int fenced = counted.Count(member => member.Node.Fence.Newest >= term);
        if (2 * fenced <= counted.Length)
            Violate($"{seat.Process} leads with term {term}, and only {fenced} of {counted.Length} nodes will refuse older ones.");
    }

    public void OnLeads(SimSeat seat)
    {
        Timeline.Note($"{seat.Process} leads with term {seat.Term} from step {seat.Step}");
        if (!_leaderOfTerm.TryAdd(seat.Term, seat))
            Violate($"{seat.Process} leads with term {seat.Term}, with which {_leaderOfTerm[seat.Term].Process} has led.");
        if (seat.Saved is null && Seats.Any(other => other != seat && other.Saved is not null) && Bug == StandbyBug.LeadWithNothing)
            Violate($"{seat.Process} begins anew, and did not know that there was no checkpoint.");
    }

    public void OnStep(SimSeat seat) => Timeline.Note($"{seat.Process} completed step {seat.Step - 1}, term {seat.Term}");

    private void Watch()
    {
        Timeline.After(Outside, Timeline.Second, Watch);
        if (Timeline.Now > _quietFrom + OldLeaderEndsWithin - Timeline.Second && Seats.Count(seat => seat.IsLeading) > 1)
            Violate($"{OldLeaderEndsWithin / Timeline.Second} s after the last fault two coordinators still lead.");
        foreach (SimSeat seat in Seats)
        {
            bool isStranded = seat.IsLeading && seat.Process.IsRunning && seat.Coordinators.Any(member => !seat.Hears(member)) && 2 * seat.Members.Count(seat.Hears) < seat.Members.Count;
            _stranded[seat] = isStranded ? _stranded.GetValueOrDefault(seat) + 1 : 0;
            if (_stranded[seat] > StrandedSeconds)
                Violate($"{seat.Process} leads with term {seat.Term}, though for {_stranded[seat]} s it has heard less than half of the nodes.");
        }

        // Nobody has the run any more, or none of those who have it is elected: people have to start it again.
        if (Timeline.Now > _quietFrom + (OverAfter / 4) && Leader is null && (!Seats.Any(seat => seat.HasRun) || Seats.All(seat => seat.Id is null)))
            _isGivenUp = true;
    }

    // Faults

    private void Before(long message)
    {
        for (int i = 0; i < _plan.Count && HasBegun; i++)
        {
            if (_fired[i] || _plan[i].At > message - _begunAt || !Apply(_plan[i]))
                continue;
            _fired[i] = true;
            _quietFrom = Math.Max(_quietFrom, Timeline.Now);
            Timeline.Note($"*** {_plan[i]}");
        }
    }

    private bool Apply(StandbyFault fault)
    {
        if (fault.Kind == StandbyFaultKind.LateOffer)
            return Workers.Any(worker => worker.TryLateOffer());
        if (Leader is not { } leader || !leader.Process.IsRunning)
            return false;
        long duration = fault.Milliseconds * Timeline.Millisecond;
        List<SimSeat> standbys = [.. Seats.Where(seat => seat != leader && seat.Process.IsAlive && seat.Term == 0)];
        if (standbys.Count == 0)
            return false;
        SimSeat standby = standbys[fault.Target % standbys.Count];
        SimFollower worker = Workers[fault.Target % Workers.Count];
        switch (fault.Kind)
        {
            case StandbyFaultKind.KillLeader or StandbyFaultKind.PowerOffLeader:
                if (fault.Kind == StandbyFaultKind.PowerOffLeader)
                    _off.Add(leader);
                leader.Die(tellsPeers: fault.Kind == StandbyFaultKind.KillLeader);
                RestartLater(leader, duration);
                return true;
            case StandbyFaultKind.PauseLeader:
                leader.Process.IsPaused = true;
                Later(duration, () => Timeline.Resume(leader.Process));
                return true;
            case StandbyFaultKind.StopLeader:
                leader.Stop();
                RestartLater(leader, Math.Max(duration, Timeline.Second));
                return true;
            case StandbyFaultKind.KillStandby:
                standby.Die(tellsPeers: true);
                RestartLater(standby, duration);
                return true;
            case StandbyFaultKind.KillWorker:
                if (!worker.Process.IsAlive)
                    return false;
                worker.Kill();
                RestartLater(worker, duration);
                return true;
            case StandbyFaultKind.CutLeaderFromStandby:
                return Cut([leader], [standby], duration);
            case StandbyFaultKind.CutLeaderFromWorker:
                return Cut([leader], [worker], duration);
            case StandbyFaultKind.IsolateLeader:
                return Cut([leader], Nodes.Where(node => node != leader), duration);
            case StandbyFaultKind.SplitWithAWorker:
                return Cut([leader, worker], Nodes.Where(node => node != leader && node != worker), duration);
            default:
                return Cut([standby, worker], Nodes.Where(node => node != standby && node != worker), duration);
        }
    }

    private bool Cut(IEnumerable<SimNode> side, IEnumerable<SimNode> other, long duration)
    {
        (int, int)[] ways = [.. side.SelectMany(a => other.SelectMany(b => new[] { (a.Host, b.Host), (b.Host, a.Host) }))
            .Where(way => Network.IsOpen(way.Item1, way.Item2))];
        foreach ((int from, int to) in ways)
            Network.Block(from, to);
        Later(duration, () =>
        {
            foreach ((int from, int to) in ways)
                Network.Unblock(from, to);
        });
        return true;
    }

    private void Later(long delay, Action act)
    {
        _quietFrom = Math.Max(_quietFrom, Timeline.Now + delay);
        Timeline.After(Outside, delay, act);
    }
}
