using System.Text;
using System.Text.Json;
using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Tests;

public class PlanGeneratorTests
{
    [Fact]
    public void Draw_SameSeed_IsTheSamePlanOnEveryMachine()
    {
        ChaosPlan plan = PlanGenerator.Draw(7, 60, 3);

        Assert.Equal(Text(plan), Text(PlanGenerator.Draw(7, 60, 3)));
        Assert.NotEqual(Text(plan), Text(PlanGenerator.Draw(8, 60, 3)));
        Assert.Equal(Pinned, plan.Faults.Take(4).Select(fault => FormattableString.Invariant($"{fault.At} {fault}")));
    }

    private static readonly string[] Pinned = ["4 join", "7.5 leave worker 2", "12.2 leave leader for 0.7 s", "20.4 kill leader for 1.6 s"];

    /// <summary>
    /// A plan that is read back has been played in thought: no fault befalls a worker that is gone, or one that another fault holds.
    /// </summary>
    [Fact]
    public void Draw_AnySeed_CanBePlayed()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            foreach (int workers in new[] { 1, 2, 3, 5 })
            {
                ChaosPlan plan = PlanGenerator.Draw(seed, 120, workers);
                ChaosPlan read = PlanJson.Read(Encoding.UTF8.GetBytes(Text(plan)), $"seed {seed}, {workers} workers");
                Assert.Equal(Text(plan), Text(read));
            }
        }
    }

    [Fact]
    public void Draw_ThreeMinutes_HasManyFaultsOfManyKindsAndAlwaysAWorkerInPeace()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            ChaosPlan plan = PlanGenerator.Draw(seed, 180, 3);
            Assert.True(plan.Faults.Count >= 20, $"Seed {seed}: {plan.Faults.Count} faults.");
            Assert.True(plan.Faults.Select(fault => fault.Name).Distinct().Count() >= 8, $"Seed {seed}: too few kinds.");
            var roster = new PlanRoster(3);
            foreach (Fault fault in plan.Faults)
            {
                roster.Apply(fault);
                Assert.True(roster.InPeace(fault.At).Any(), $"Seed {seed}: nobody is left at {fault.At} s.");
                Assert.True(roster.There.Count <= 4, $"Seed {seed}: {roster.There.Count} workers at {fault.At} s.");
            }
        }
    }

    private static string Text(ChaosPlan plan)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            PlanJson.Write(writer, plan);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
