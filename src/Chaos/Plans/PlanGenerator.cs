using Lockstep.Model.Random;

namespace Lockstep.Chaos.Plans;

/// <summary>Draws a plan: a pure function of seed, length and workers, the same on every machine.</summary>
internal static class PlanGenerator
{
    // Quiet times before the first fault, and after the last for recovery.
    private const double Before = 3, After = 6;

    // A cluster needs a moment after a fault of a coordinator. Only written plans have another one right after it.
    private const double AfterCoordinator = 4;

    // Workers come and go in equal numbers, so a join is here twice.
    private static readonly (FaultKind Kind, CoordinatorRole? Coordinator)[] Bag =
    [
        .. FaultKinds.All.Append(FaultKind.Join).Select(kind => (kind, (CoordinatorRole?)null)),
        (FaultKind.Kill, CoordinatorRole.Leader), (FaultKind.Pause, CoordinatorRole.Leader), (FaultKind.Cut, CoordinatorRole.Leader),
        (FaultKind.Partition, CoordinatorRole.Leader), (FaultKind.Leave, CoordinatorRole.Leader),
        (FaultKind.Kill, CoordinatorRole.Standby), (FaultKind.Partition, CoordinatorRole.Standby),
    ];

    /// <summary>The plan of a seed, always the same.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="seconds">Length of the run after its first checkpoint.</param>
    /// <param name="workers">Workers at the start, at least 1. There is never more than one more.</param>
    public static ChaosPlan Draw(ulong seed, double seconds, int workers)
    {
        var draws = new Draws(seed);
        var roster = new PlanRoster(workers);
        var faults = new List<Fault>();
        var bag = new List<(FaultKind Kind, CoordinatorRole? Coordinator)>();
        for (double at = Before + draws.Between(0, 1); at < seconds - After; at += draws.Between(3.5, 7))
        {
            at = Math.Round(at, 1);
            if (bag.Count == 0)
                bag.AddRange(Bag);
            (FaultKind kind, CoordinatorRole? coordinator) = bag[draws.Below(bag.Count)];
            _ = bag.Remove((kind, coordinator));
            int[] inPeace = [.. roster.InPeace(at)];
            if (coordinator is { } role && roster.IsBusy(role, at))
                (kind, coordinator) = (FaultKind.Cut, null);
            if (coordinator is null)
                kind = Possible(kind, roster, inPeace, workers, isDiskFull: roster.IsBusy(CoordinatorRole.Leader, at));
            Fault fault = Detail(new Fault(at, kind) { Coordinator = coordinator }, inPeace, draws, seconds - After - at);
            roster.Apply(fault);
            faults.Add(fault);
            if (coordinator is not null)
                at += fault.Seconds + AfterCoordinator;
        }

        return new ChaosPlan(workers, seconds, faults) { Seed = seed };
    }

    // One of several workers is always left.
    private static FaultKind Possible(FaultKind kind, PlanRoster roster, int[] inPeace, int workers, bool isDiskFull)
    {
        bool canSpareOne = inPeace.Length > Math.Min(1, workers - 1);
        if (kind == FaultKind.Join && roster.There.Count > workers)
            kind = FaultKind.Kill;
        if (isDiskFull && kind == FaultKind.Disk)
            kind = FaultKind.Cut;
        if (kind is FaultKind.Kill or FaultKind.Leave && (roster.There.Count < 2 || inPeace.Length < 2))
            kind = roster.There.Count > workers ? FaultKind.Cut : FaultKind.Join;
        if (FaultKinds.HasVictim(kind) && !canSpareOne)
            kind = roster.There.Count > workers ? FaultKind.Disk : FaultKind.Join;
        return kind == FaultKind.Disk && isDiskFull ? FaultKind.Join : kind;
    }

    private static Fault Detail(Fault fault, int[] inPeace, Draws draws, double left)
    {
        if (FaultKinds.HasVictim(fault.Kind) && fault.Coordinator is null)
            fault = fault with { Worker = inPeace[draws.Below(inPeace.Length)] };
        double longest = Math.Clamp(left, 0.5, 6);
        return fault.Kind switch
        {
            // The cluster does not notice a short one. After a long one it removes the worker, which then joins again, or another
            // coordinator leads.
            FaultKind.Pause or FaultKind.Partition => fault with { Seconds = Tenths(draws.Between(0.3, longest)) },
            FaultKind.Slow => fault with { Seconds = Tenths(draws.Between(0.5, longest)), MegabytesPerSecond = 1 + draws.Below(20) },
            FaultKind.Disk => fault with { Seconds = Tenths(draws.Between(Math.Min(2, longest), longest)) },
            FaultKind.Kill or FaultKind.Leave when fault.Lasts => fault with { Seconds = Tenths(draws.Between(0.2, 2)) },
            _ => fault,
        };
    }

    private static double Tenths(double seconds) => Math.Max(0.1, Math.Round(seconds, 1));

    /// <summary>Random numbers from a seed.</summary>
    private sealed class Draws(ulong seed)
    {
        private uint _drawn;

        public int Below(int range) => Philox4x32.Below(Next(), range);

        public double Between(double low, double high) => low + (high - low) * (Next() >> 11) / (1L << 53);

        private ulong Next()
        {
            var block = Philox4x32.Block(_drawn++, 0, 0, 0, seed);
            return ((ulong)block[0] << 32) | block[1];
        }
    }
}
