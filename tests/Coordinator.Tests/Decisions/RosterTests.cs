using Lockstep.Coordinator.Decisions;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Tests.Decisions;

public class RosterTests
{
    private static Roster Plan(int shards, params int[] lanes) =>
        Roster.Plan(1, new ReductionTree(shards), [.. lanes.Select((count, i) => (new WorkerId(i + 1), count))]);

    [Fact]
    public void Plan_AnyCluster_GivesEveryShardToExactlyOneWorker()
    {
        for (int shards = 1; shards <= 16; shards++)
        {
            for (int workers = 1; workers <= 20; workers++)
            {
                Roster roster = Plan(shards, [.. Enumerable.Range(1, workers).Select(i => i % 3 + 1)]);
                Assert.Equal(workers, roster.Entries.Count);
                var tree = new ReductionTree(shards);
                IEnumerable<int> owned = roster.Entries.SelectMany(entry => entry.Nodes)
                    .SelectMany(node => Enumerable.Range(node.FirstShard, tree.Width(node)));
                Assert.Equal(Enumerable.Range(0, shards), owned);
            }
        }
    }

    [Fact]
    public void Plan_TwoEqualWorkers_SendsOneNodeEach()
    {
        Roster roster = Plan(8, 1, 1);
        Assert.Equal([new TreeNode(2, 0)], roster.Entries[0].Nodes);
        Assert.Equal([new TreeNode(2, 1)], roster.Entries[1].Nodes);
    }

    [Fact]
    public void Plan_MoreLanes_GetMoreShards()
    {
        Roster roster = Plan(8, 3, 1);
        Assert.Equal([6, 2], roster.Entries.Select(entry => entry.Shards));
    }
}
