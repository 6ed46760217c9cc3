using System.Text;
using Lockstep.Chaos.Plans;

namespace Lockstep.Chaos.Tests;

public class PlanJsonTests
{
    [Fact]
    public void Read_Plan_IsInTheOrderOfTimeAndLongEnough()
    {
        ChaosPlan plan = Read("""
            { "workers": 2, "faults": [
              { "at": 4, "fault": "slow", "worker": 3, "seconds": 1.5, "megabytesPerSecond": 2 }, // a comment
              { "at": 1, "fault": "join" },
              { "at": 3, "fault": "kill", "coordinator": "leader", "seconds": 0.5 },
              { "at": 3.2, "fault": "partition", "coordinator": "standby", "seconds": 1 },
            ] }
            """);

        Assert.Equal(
        [
            new Fault(1, FaultKind.Join), new Fault(3, FaultKind.Kill) { Coordinator = CoordinatorRole.Leader, Seconds = 0.5 },
            new Fault(3.2, FaultKind.Partition) { Coordinator = CoordinatorRole.Standby, Seconds = 1 },
            new Fault(4, FaultKind.Slow) { Worker = 3, Seconds = 1.5, MegabytesPerSecond = 2 },
        ], plan.Faults);
        Assert.Equal((2, 7.5, null), (plan.Workers, plan.Seconds, plan.Seed));
    }

    [Theory]
    [InlineData("[]", "the plan holds an empty list; expected an object such as { \"workers\": 3,")]
    [InlineData("{", "the plan is not JSON: it ends too early (line 1).")]
    [InlineData("""{ "faults": [], "seed": "x" }""", "the plan: seed: it is \"x\"; expected a whole number, or leave it out.")]
    [InlineData("{}", "the plan: faults is missing; expected a list")]
    [InlineData("""{ "faults": 3 }""", "the plan: faults is 3; expected a list")]
    [InlineData("""{ "faults": [], "worker": 3 }""", "the plan: worker is unknown; did you mean workers?")]
    [InlineData("""{ "faults": [], "workers": 0 }""", "the plan: workers is 0; expected a whole number from 1 to 64.")]
    [InlineData("""{ "faults": [], "minutes": 1e9 }""", "the plan: minutes is 1e9; expected a number from 0.05 to 1,440.")]
    [InlineData("""{ "faults": [ 3 ] }""", "the plan: faults[0] is 3; expected an object such as { \"at\": 5,")]
    [InlineData("""{ "faults": [ { "at": 1 } ] }""", "the plan: faults[0].fault is missing; expected one of kill,")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "puase" } ] }""", "the plan: faults[0].fault is \"puase\"; did you mean pause?")]
    [InlineData("""{ "faults": [ { "fault": "join" } ] }""", "the plan: faults[0].at is missing; expected a number from 0 to 86,400.")]
    [InlineData("""{ "faults": [ { "at": -1, "fault": "join" } ] }""", "the plan: faults[0].at is -1")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill" } ] }""", "the plan: faults[0].worker is missing; expected a whole number")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 1.5 } ] }""", "the plan: faults[0].worker is 1.5")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "join", "seconds": 2 } ] }""", "the plan: faults[0].seconds: it does not belong to a join; leave it out.")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 4 } ] }""", "the plan: faults[0]: kill worker 4 at 1 s: worker 4 is not there, there are only the workers 1 to 3 by then.")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 2 }, { "at": 2, "fault": "cut", "worker": 2 } ] }""", "it was killed before")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "pause", "worker": 2, "seconds": 3 }, { "at": 2, "fault": "kill", "worker": 2 } ] }""", "lasts until later")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "disk", "seconds": 3 }, { "at": 2, "fault": "kill", "coordinator": "leader", "seconds": 1 } ] }""", "an earlier fault of the leader lasts until later")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "coordinator": "leader" } ] }""", "the plan: faults[0].seconds is missing")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "pause", "coordinator": 1, "seconds": 1 } ] }""", "the plan: faults[0].coordinator is 1; expected one of leader, standby.")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "cut", "coordinator": "leader", "worker": 1 } ] }""", "the plan: faults[0].worker: it does not belong to a cut of a coordinator")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "join", "coordinator": "leader" } ] }""", "the plan: faults[0].coordinator: it does not belong to a join")]
    public void Read_Mistake_IsExplained(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<RequestException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_ByteOrderMark_IsIgnored() => Assert.Equal(2, Read("\ufeff{ \"workers\": 2, \"faults\": [] }").Workers);

    [Fact]
    public void Read_ManyMistakes_AreToldTogether()
    {
        var error = Assert.Throws<RequestException>(() => Read("""
            { "workers": 99, "faults": [ { "at": 1, "fault": "slow", "worker": 1 }, { "at": 2, "fault": "pause", "worker": 9, "seconds": 1 }, { "fault": "melt" } ] }
            """));

        Assert.Equal(6, error.Messages.Count);
    }

    private static ChaosPlan Read(string json) => PlanJson.Read(Encoding.UTF8.GetBytes(json), "the plan");
}
