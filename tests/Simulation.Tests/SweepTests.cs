using Lockstep.Simulation.Tests.Faults;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests;

/// <summary>
/// Every role crashed at every message boundary of a short run, and the disk's power and space gone at each of its operations.
/// </summary>
public class SweepTests(ITestOutputHelper output)
{
    private const int MaxPlaces = 2_000;

    /// <summary>The first seeds with three workers: of one coordinator, and of a leader and a standby.</summary>
    private static readonly ulong Alone = FindSeed(coordinators: 1), Together = FindSeed(coordinators: 2);

    public static TheoryData<string, int> Crashes => new()
    {
        { nameof(FaultKind.KillCoordinator), 0 },
        { nameof(FaultKind.PowerOffCoordinator), 0 },
        { nameof(FaultKind.PauseCoordinator), 0 },
        { nameof(FaultKind.KillWorker), 0 },
        { nameof(FaultKind.KillWorker), 1 },
        { nameof(FaultKind.PowerOffWorker), 0 },
        { nameof(FaultKind.CutStream), 1 },
        { nameof(FaultKind.PauseWorker), 1 },
        { nameof(FaultKind.LeaveWorker), 1 },
        { nameof(FaultKind.RotOfNewest), 0 },
    };

    /// <summary>Of two coordinators; target 0 is the one that leads, 5 the second one.</summary>
    public static TheoryData<string, int> CrashesOfPeers => new()
    {
        { nameof(FaultKind.KillCoordinator), 0 },
        { nameof(FaultKind.KillCoordinator), 5 },
        { nameof(FaultKind.PowerOffCoordinator), 5 },
        { nameof(FaultKind.LeaveCoordinator), 0 },
        { nameof(FaultKind.PauseCoordinator), 0 },
    };

    public static TheoryData<string> DiskFaults => [nameof(FaultKind.TornWrite), nameof(FaultKind.DiskFull)];

    [Theory]
    [MemberData(nameof(Crashes))]
    public void Crash_AtEveryMessage_EndsInTheSameBytes(string kind, int target) =>
        Sweep(Alone, kind, place => new Fault(Enum.Parse<FaultKind>(kind), place, target, 8_000));

    [Theory]
    [MemberData(nameof(CrashesOfPeers))]
    public void CrashOfALeaderOrAStandby_AtEveryMessage_EndsInTheSameBytes(string kind, int target) =>
        Sweep(Together, kind, place => new Fault(Enum.Parse<FaultKind>(kind), place, target, 8_000));

    [Theory]
    [MemberData(nameof(DiskFaults))]
    public void Disk_AtEveryOperation_EndsInTheSameBytes(string kind) =>
        Sweep(Alone, kind, place => new Fault(Enum.Parse<FaultKind>(kind), 0, 1, place));

    [Theory]
    [MemberData(nameof(DiskFaults))]
    public void DiskOfAStandby_AtEveryOperation_EndsInTheSameBytes(string kind) =>
        Sweep(Together, kind, place => new Fault(Enum.Parse<FaultKind>(kind), 0, 5, place));

    private static ulong FindSeed(int coordinators) => Enumerable.Range(0, 1_000).Select(seed => (ulong)seed).First(seed =>
        new Simulation(seed, []) is { Workers.Count: 3, ComputeScale: 1 } simulation && simulation.Coordinators.Count == coordinators);

    /// <summary>The same schedule again and again, with the fault one place later, until the run is over before it.</summary>
    private void Sweep(ulong seed, string kind, Func<int, Fault> faultAt)
    {
        for (int place = 0; place < MaxPlaces; place++)
        {
            Fault[] plan = [faultAt(place)];
            Verdict verdict = new Simulation(seed, plan).Run();
            if (verdict.Violations.Count > 0)
                Assert.Fail(Shrinking.Describe(seed, plan));
            if (verdict.AllFired)
                continue;
            output.WriteLine($"{kind}: {place} places");
            Assert.True(place > 20, $"{kind} happened at {place} places only.");
            return;
        }

        Assert.Fail($"The run did not end before {MaxPlaces} places.");
    }
}
