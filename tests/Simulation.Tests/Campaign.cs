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

    public static Campaign Run(ulong firstSeed, int counted)
    {
        var campaign = new Campaign();
        for (ulong seed = firstSeed; campaign.Counted < counted && campaign.Failure is null; seed++)
            campaign.Add(seed);
        return campaign;
    }

    /// <summary>How often what was seen, for people.</summary>
    public string DescribeSeen() =>
        $"lost {_sum.Lost}, asked of others {_sum.Reissues}, let go {_sum.LetGo}, rosters by pace {_sum.RostersByPace}, torn "
            + $"{_sum.TornResults}, "
        + $"replicated {_sum.Replicated}, yields {_sum.Yields}, sums of slices {_sum.SumsOfSlices}, "
        + $"steps in slices given up {_sum.SlicesGivenUp}, refused workers {_sum.RefusedWorkers}";

    public string Describe() =>
        $"{Counted} schedules counted ({Uncounted} not: a fault found no occasion), {Faults} faults, {Messages} messages";

    public void Add(ulong seed)
    {
        IReadOnlyList<Fault> plan = FaultPlan.Of(seed);
        Verdict verdict = new Simulation(seed, plan).Run();
        if (verdict.Violations.Count > 0)
            Failure = Shrinking.Describe(seed, plan);
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
        _sum.Add(verdict.Statistics);
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
        _sum.Add(other._sum);
    }

    /// <summary>A simulation in which something never happens proves nothing about it.</summary>
    public void AssertEverythingWasSeen()
    {
        for (int i = 0; i < _byKind.Length; i++)
            Assert.True(_byKind[i] >= Counted / 100, $"{(FaultKind)i} happened {_byKind[i]} times in {Counted} runs.");
        (string What, int Times)[] seen =
        [
            ("gradients taken", _sum.Gradients),
            ("duplicates", _sum.Duplicates),
            ("stale gradients", _sum.Stale),
            ("nodes asked of others", _sum.Reissues),
            ("workers lost", _sum.Lost),
            ("checkpoints that could not be saved", _sum.FailedSaves),
            ("damaged checkpoints passed over", _sum.PassedOver),
            ("coordinators started", _sum.CoordinatorStarts - Counted),
            ("workers let go", _sum.LetGo),
            ("gradients in shared memory", _sum.SharedGradients),
            ("sums that came in slices", _sum.SumsOfSlices),
            ("steps in slices that were completed directly", _sum.SlicesGivenUp),
            ("results of weights that changed while they were read", _sum.TornResults),
            ("rosters that follow the workers' paces", _sum.RostersByPace),
            ("checkpoints replicated", _sum.Replicated),
            ("leaders that yielded", _sum.Yields),
        ];
        foreach ((string what, int times) in seen)
            Assert.True(times > 0, $"No {what} in {Counted} runs.");
    }
}
