using Lockstep.Coordinator.Decisions;
using Lockstep.Simulation.Tests.Faults;

namespace Lockstep.Simulation.Tests;

/// <summary>Many seeds, one after another. Only runs in which every planned fault happened count.</summary>
internal sealed class Campaign
{
    private readonly int[] _byKind = new int[Enum.GetValues<FaultKind>().Length];
    private readonly SimStatistics _sum = new();

    public int Counted { get; private set; }

    public int Uncounted { get; private set; }

    public int Faults { get; private set; }

    public long Messages { get; private set; }

    /// <summary>What failed first, with how to look at it; null when nothing did.</summary>
    public string? Failure { get; private set; }

    public static Campaign Run(ulong firstSeed, int counted, Bug bug = Bug.None)
    {
        var campaign = new Campaign();
        for (ulong seed = firstSeed; campaign.Counted < counted && campaign.Failure is null; seed++)
            campaign.Add(seed, bug);
        return campaign;
    }

    /// <summary>How often what was seen, for people.</summary>
    public string DescribeSeen() => $"lost {_sum.Lost}, asked of others {_sum.Reissues}, probes {_sum.Probes}, let go {_sum.LetGo}, rosters by pace {_sum.RostersByPace}";

    public string Describe() => $"{Counted} schedules counted ({Uncounted} not: a fault found no occasion), {Faults} faults, {Messages} messages";

    public void Add(ulong seed, Bug bug)
    {
        IReadOnlyList<Fault> plan = FaultPlan.Of(seed);
        Verdict verdict = new Simulation(seed, plan, bug).Run();
        if (verdict.Violations.Count > 0)
            Failure = Shrinking.Describe(seed, plan, bug);
        Messages += verdict.Messages;
        Faults += verdict.Fired;
        if (!verdict.AllFired)
        {
            Uncounted++;
            return;
        }

        Counted++;
        foreach (Fault fault in plan)
            _byKind[(int)fault.Kind]++;
        Sum(verdict.Statistics);
    }

    public void Add(Campaign other)
    {
        Failure ??= other.Failure;
        Counted += other.Counted;
        Uncounted += other.Uncounted;
        Faults += other.Faults;
        Messages += other.Messages;
        for (int i = 0; i < _byKind.Length; i++)
            _byKind[i] += other._byKind[i];
        Sum(other._sum);
    }

    /// <summary>A simulation in which something never happens proves nothing about it.</summary>
    public void AssertEverythingWasSeen()
    {
        for (int i = 0; i < _byKind.Length; i++)
            Assert.True(_byKind[i] >= Counted / 100, $"{(FaultKind)i} happened {_byKind[i]} times in {Counted} runs.");
        (string What, int Times)[] seen =
        [
            ("gradients taken", _sum.Arrivals[(int)Arrival.Fresh]),
            ("duplicates", _sum.Arrivals[(int)Arrival.Duplicate]),
            ("stale gradients", _sum.Arrivals[(int)Arrival.Stale]),
            ("nodes asked of others", _sum.Reissues),
            ("workers lost", _sum.Lost),
            ("frames of another history refused", _sum.RefusedFrames),
            ("checkpoints that could not be saved", _sum.FailedSaves),
            ("damaged checkpoints passed over", _sum.PassedOver),
            ("coordinators started", _sum.CoordinatorStarts - Counted),
            ("workers that stand by asked for something", _sum.Probes),
            ("workers let go", _sum.LetGo),
            ("gradients in shared memory", _sum.SharedGradients),
            ("results of weights that changed while they were read", _sum.TornResults),
            ("rosters that follow the workers' paces", _sum.RostersByPace),
        ];
        foreach ((string what, int times) in seen)
            Assert.True(times > 0, $"No {what} in {Counted} runs.");
    }

    private void Sum(SimStatistics statistics)
    {
        for (int i = 0; i < _sum.Arrivals.Length; i++)
            _sum.Arrivals[i] += statistics.Arrivals[i];
        _sum.Reissues += statistics.Reissues;
        _sum.Joined += statistics.Joined;
        _sum.Lost += statistics.Lost;
        _sum.RefusedFrames += statistics.RefusedFrames;
        _sum.RefusedTokens += statistics.RefusedTokens;
        _sum.FailedSaves += statistics.FailedSaves;
        _sum.PassedOver += statistics.PassedOver;
        _sum.CoordinatorStarts += statistics.CoordinatorStarts;
        _sum.Probes += statistics.Probes;
        _sum.LetGo += statistics.LetGo;
        _sum.RostersByPace += statistics.RostersByPace;
        _sum.SharedGradients += statistics.SharedGradients;
        _sum.TornResults += statistics.TornResults;
    }
}
