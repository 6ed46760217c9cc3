using System.Diagnostics;
using Xunit.Abstractions;

namespace Lockstep.Simulation.Tests.Standbys;

/// <summary>Who leads when coordinators end, sleep and are cut off: thousands of schedules, each from its seed, and faults at every message.</summary>
public class StandbyTests(ITestOutputHelper output)
{
    private const int Seeds = 2_000, LastLines = 60;

    public static TheoryData<string, int> Faults
    {
        get
        {
            var data = new TheoryData<string, int>();
            // A late offer takes another fault before it.
            foreach (string kind in Enum.GetNames<StandbyFaultKind>().Except([nameof(StandbyFaultKind.LateOffer)]))
            {
                data.Add(kind, 1);
                data.Add(kind, 2);
            }

            return data;
        }
    }

    public static TheoryData<string> Bugs => [.. Enum.GetNames<StandbyBug>().Except([nameof(StandbyBug.None)])];

    [Fact]
    public void Run_WithoutFaults_NobodyElseLeads()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            StandbyVerdict verdict = new StandbySimulation(seed, []).Run();
            Assert.True(verdict is { IsComplete: true, Successions: 0, Violations: [] }, Describe(seed, []));
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_AtEveryMessage_TheRunIsCompleted(string kind, int standbys)
    {
        int successions = 0;
        for (int at = 0; at < 2_000; at++)
        {
            StandbyFault[] plan = [new(Enum.Parse<StandbyFaultKind>(kind), at, at, 9_000)];
            StandbyVerdict verdict = new StandbySimulation(4, plan, standbys: standbys).Run();
            if (!verdict.AllFired)
            {
                output.WriteLine($"{kind}, {standbys} standbys: {at} places, {successions} successions");
                Assert.InRange(at, 50, int.MaxValue);
                return;
            }

            successions += verdict.Successions;
            if (verdict.Violations.Count > 0 || !verdict.IsComplete)
                Assert.Fail(Describe(4, plan, standbys: standbys));
        }

        Assert.Fail("The run did not end.");
    }

    [Fact]
    public void Run_AnySeed_NoTwoLeadAndTheRunGoesOn()
    {
        var watch = Stopwatch.StartNew();
        int complete = 0, counted = 0, successions = 0;
        long messages = 0;
        for (ulong seed = 0; counted < Seeds; seed++)
        {
            StandbyVerdict verdict = new StandbySimulation(seed, StandbyFault.PlanOf(seed)).Run();
            if (verdict.Violations.Count > 0)
                Assert.Fail(Describe(seed, StandbyFault.PlanOf(seed)));
            if (!verdict.AllFired)
                continue;
            counted++;
            complete += verdict.IsComplete ? 1 : 0;
            successions += verdict.Successions;
            messages += verdict.Messages;
        }

        output.WriteLine($"{counted} schedules counted, {complete} completed, {successions} successions, {messages} messages, {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(complete, Seeds * 9 / 10, Seeds);
        Assert.InRange(successions, Seeds / 4, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Bugs))]
    public void Run_WithPlantedBug_IsCaught(string name)
    {
        var bug = Enum.Parse<StandbyBug>(name);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            StandbyVerdict verdict = new StandbySimulation(seed, StandbyFault.PlanOf(seed), bug).Run();
            if (verdict.Violations.Count == 0)
                continue;
            output.WriteLine($"{name}: seed {seed}. {verdict.Violations[0]}");
            return;
        }

        Assert.Fail($"The planted bug {name} was not found in {Seeds} seeds.");
    }

    private static string Describe(ulong seed, IReadOnlyList<StandbyFault> plan, StandbyBug bug = StandbyBug.None, int? standbys = null)
    {
        List<string> log = [];
        StandbyVerdict verdict = new StandbySimulation(seed, plan, bug, log, standbys).Run();
        return $"Seed {seed}: {(verdict.Violations.Count > 0 ? verdict.Violations[0] : "nobody could lead")}\n{string.Join('\n', plan)}\n"
            + string.Join('\n', log.Where(line => !line.Contains('#', StringComparison.Ordinal)).TakeLast(LastLines));
    }
}
