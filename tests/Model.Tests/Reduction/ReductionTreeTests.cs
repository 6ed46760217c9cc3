using Lockstep.Model.Reduction;

namespace Lockstep.Model.Tests.Reduction;

public class ReductionTreeTests
{
    [Fact]
    public void Cover_EveryRange_IsExactDisjointAndMinimal()
    {
        for (int shards = 1; shards <= 17; shards++)
        {
            var tree = new ReductionTree(shards);
            for (int first = 0; first <= shards; first++)
            {
                for (int end = first; end <= shards; end++)
                {
                    TreeNode[] nodes = [.. tree.Cover(first, end)];
                    Assert.All(nodes, node => Assert.True(tree.Contains(node)));
                    IEnumerable<int> covered = nodes.SelectMany(node => Enumerable.Range(node.FirstShard, tree.Width(node)));
                    Assert.Equal(Enumerable.Range(first, end - first), covered);
                    // Minimal: no two neighbours are the two halves of one node, and no single node could be its parent.
                    for (int i = 1; i < nodes.Length; i++)
                        Assert.False(nodes[i - 1].IsLeft && nodes[i - 1].Sibling == nodes[i]);
                }
            }
        }
    }

    [Fact]
    public void Key_RoundTrips()
    {
        var node = new TreeNode(12, 345);
        Assert.Equal(node, TreeNode.FromKey(node.ToKey()));
    }

    [Fact]
    public void Constructor_NoShards_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ReductionTree(0));
}
