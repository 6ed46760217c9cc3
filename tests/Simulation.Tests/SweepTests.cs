using Lockstep.Simulation.Tests.Faults;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>Every role crashed at every message boundary of a short run, and the disk's power and space gone at each of its operations.</summary>
public class SweepTests(ITestOutputHelper output)
{
    private const int MaxPlaces = 2_000;

    /// <summary>The first seed with three workers.</summary>
    private static readonly ulong Seed = Enumerable.Range(0, 1_000).Select(seed => (ulong)seed).First(seed => new Simulation(seed, []).Workers.Count == 3);

    public static TheoryData<string, int> Crashes => new()
    {
        { nameof(FaultKind.KillCoordinator), 0 },
        { nameof(FaultKind.PowerOffCoordinator), 0 },
        { nameof(FaultKind.ZombieCoordinator), 0 },
        { nameof(FaultKind.KillWorker), 0 },
        { nameof(FaultKind.KillWorker), 1 },
        { nameof(FaultKind.PowerOffWorker), 0 },
        { nameof(FaultKind.CutStream), 1 },
        { nameof(FaultKind.PauseWorker), 1 },
        { nameof(FaultKind.LeaveWorker), 1 },
        { nameof(FaultKind.RotOfNewest), 0 },
    };

    public static TheoryData<string> DiskFaults => [nameof(FaultKind.TornWrite), nameof(FaultKind.DiskFull)];

    [Theory]
    [MemberData(nameof(Crashes))]
    public void Crash_AtEveryMessage_EndsInTheSameBytes(string kind, int target) =>
        Sweep(kind, place => new Fault(Enum.Parse<FaultKind>(kind), place, target, 8_000));

    /// <summary>Found by the 57,878th seed of a soak: the step waited for a worker that was dead, and its successor had gone as well.</summary>
    [Fact]
    public void PowerOffWorker_ItsSuccessorLeavesBeforeItIsReady_EndsInTheSameBytes()
    {
        (int fired, List<string> violations) = PowerOffAndLeave(Bug.None);
        Assert.Empty(violations);
        Assert.InRange(fired, 10, int.MaxValue);
        Assert.NotEmpty(PowerOffAndLeave(Bug.ForgetPredecessorOnly).Violations);
    }

    [Theory]
    [MemberData(nameof(DiskFaults))]
    public void Disk_AtEveryOperation_EndsInTheSameBytes(string kind) =>
        Sweep(kind, place => new Fault(Enum.Parse<FaultKind>(kind), 0, 1, place));

    private static (int Fired, List<string> Violations) PowerOffAndLeave(Bug bug)
    {
        int fired = 0;
        List<string> violations = [];
        for (ulong seed = 0; seed < 400 && violations.Count == 0; seed++)
        {
            // Early: later, the usual time of a step is known, and what is late is asked of others anyway.
            long place = 40 + (long)seed % 40;
            Verdict verdict = new Simulation(seed, [new Fault(FaultKind.PowerOffWorker, place, 0, 0), new Fault(FaultKind.LeaveWorker, place + 1, 0, 0)], bug).Run();
            fired += verdict.AllFired ? 1 : 0;
            violations.AddRange(verdict.Violations.Select(violation => $"seed {seed}: {violation}"));
        }

        return (fired, violations);
    }

    /// <summary>The same schedule again and again, with the fault one place later, until the run is over before it.</summary>
    private void Sweep(string kind, Func<int, Fault> faultAt)
    {
        for (int place = 0; place < MaxPlaces; place++)
        {
            Fault[] plan = [faultAt(place)];
            Verdict verdict = new Simulation(Seed, plan).Run();
            if (verdict.Violations.Count > 0)
                Assert.Fail(Shrinking.Describe(Seed, plan));
            if (verdict.AllFired)
                continue;
            output.WriteLine($"{kind}: {place} places");
            Assert.True(place > 20, $"{kind} happened at {place} places only.");
            return;
        }

        Assert.Fail($"The run did not end before {MaxPlaces} places.");
    }
}
