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
            new Fault(3.2, FaultKind.Partition) { Coordinator = CoordinatorRole.Standby, Seconds = 1 }, new Fault(4, FaultKind.Slow) { Worker = 3, Seconds = 1.5, MegabytesPerSecond = 2 },
        ], plan.Faults);
        Assert.Equal((2, 7.5, null), (plan.Workers, plan.Seconds, plan.Seed));
    }

    [Theory]
    [InlineData("[]", "holds no object")]
    [InlineData("{", "is not JSON at line 1")]
    [InlineData("{}", "faults in the plan is missing")]
    [InlineData("""{ "faults": 3 }""", "faults in the plan is not a list")]
    [InlineData("""{ "faults": [], "worker": 3 }""", "worker in the plan is unknown; did you mean workers?")]
    [InlineData("""{ "faults": [], "workers": 0 }""", "workers in the plan is 0; expected a whole number from 1 to 64")]
    [InlineData("""{ "faults": [], "minutes": 1e9 }""", "minutes in the plan is 1e9")]
    [InlineData("""{ "faults": [ 3 ] }""", "fault 1 in the plan is no object")]
    [InlineData("""{ "faults": [ { "at": 1 } ] }""", "fault 1 in the plan has no \"fault\"; expected one of kill,")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "puase" } ] }""", "did you mean pause?")]
    [InlineData("""{ "faults": [ { "fault": "join" } ] }""", "fault 1 in the plan has no \"at\"")]
    [InlineData("""{ "faults": [ { "at": -1, "fault": "join" } ] }""", "at in fault 1 in the plan is -1")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill" } ] }""", "fault 1 in the plan has no \"worker\"")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 1.5 } ] }""", "worker in fault 1 in the plan is 1.5")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "join", "seconds": 2 } ] }""", "seconds in fault 1 in the plan does not belong to a join")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 4 } ] }""", "worker 4 is not there, there are only the workers 1 to 3 by then")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "worker": 2 }, { "at": 2, "fault": "cut", "worker": 2 } ] }""", "it was killed before")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "pause", "worker": 2, "seconds": 3 }, { "at": 2, "fault": "kill", "worker": 2 } ] }""", "lasts until later")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "disk", "seconds": 3 }, { "at": 2, "fault": "kill", "coordinator": "leader", "seconds": 1 } ] }""", "an earlier fault of the leader lasts until later")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "kill", "coordinator": "leader" } ] }""", "fault 1 in the plan has no \"seconds\"")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "pause", "coordinator": 1, "seconds": 1 } ] }""", "coordinator in fault 1 in the plan is 1; expected \"leader\" or \"standby\"")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "cut", "coordinator": "leader", "worker": 1 } ] }""", "worker in fault 1 in the plan does not belong to a cut of a coordinator")]
    [InlineData("""{ "faults": [ { "at": 1, "fault": "join", "coordinator": "leader" } ] }""", "coordinator in fault 1 in the plan does not belong to a join")]
    public void Read_Mistake_IsExplained(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<RequestException>(() => Read(json)).Message, StringComparison.Ordinal);

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
