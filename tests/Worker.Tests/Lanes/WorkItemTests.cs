using Lockstep.Model.Reduction;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Tests.Lanes;

public class WorkItemTests
{
    [Fact]
    public void Split_AnyNodesAndLanes_CoversTheSameShardsWithinTheNodesAskedFor()
    {
        for (int shards = 1; shards <= 12; shards++)
        {
            var tree = new ReductionTree(shards);
            for (int first = 0; first < shards; first++)
            {
                for (int lanes = 1; lanes <= 9; lanes++)
                {
                    TreeNode[] asked = [.. tree.Cover(first, shards)];
                    List<WorkItem> items = WorkItem.Split(tree, asked, lanes);
                    Assert.Equal(
                        Enumerable.Range(first, shards - first),
                        items.SelectMany(item => Enumerable.Range(item.Node.FirstShard, tree.Width(item.Node))));
                    Assert.All(items, item => Assert.InRange(item.Node.FirstShard, item.SentAs.FirstShard, tree.EndShard(item.SentAs) - 1));
                    Assert.True(items.Count >= Math.Min(lanes, shards - first), $"{items.Count} items for {lanes} lanes");
                }
            }
        }
    }

    [Fact]
    public void Split_OneLane_SplitsNothing()
    {
        var tree = new ReductionTree(8);
        Assert.Equal([new WorkItem(tree.Root, tree.Root)], WorkItem.Split(tree, [tree.Root], 1));
    }

    [Fact]
    public void Split_TwoLanes_HalvesTheWork()
    {
        var tree = new ReductionTree(8);
        List<WorkItem> items = WorkItem.Split(tree, [tree.Root], 2);
        Assert.Equal([4, 4], items.Select(item => tree.Width(item.Node)));
    }
}
