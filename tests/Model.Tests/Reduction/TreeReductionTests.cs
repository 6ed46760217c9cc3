using Lockstep.Model.Reduction;

namespace Lockstep.Model.Tests.Reduction;

public class TreeReductionTests
{
    private readonly List<string> _discarded = [];

    // A sum as text shows order and grouping, which is what must never vary.
    private TreeReduction<string> Create(int shards) =>
        new(new ReductionTree(shards), (left, right) => $"({left}+{right})", _discarded.Add);

    private static string Expected(ReductionTree tree, TreeNode node)
    {
        if (node.Level == 0)
            return $"{node.Index}";
        var left = new TreeNode(node.Level - 1, node.Index * 2);
        return tree.Contains(left.Sibling) ? $"({Expected(tree, left)}+{Expected(tree, left.Sibling)})" : Expected(tree, left);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(13)]
    public void Accept_ShardsInAnyOrder_GivesTheSameSum(int shards)
    {
        var tree = new ReductionTree(shards);
        var random = new System.Random(shards);
        for (int trial = 0; trial < 50; trial++)
        {
            TreeReduction<string> reduction = Create(shards);
            int[] order = [.. Enumerable.Range(0, shards)];
            random.Shuffle(order);
            foreach (int shard in order)
            {
                Assert.False(reduction.Covers(tree.Root));
                Assert.True(reduction.Accept(new TreeNode(0, shard), $"{shard}", tree.Root));
            }

            Assert.Equal(Expected(tree, tree.Root), reduction.Take(tree.Root));
        }
    }

    [Fact]
    public void Accept_NodeThatIsCovered_IsDiscarded()
    {
        TreeReduction<string> reduction = Create(4);
        TreeNode root = new ReductionTree(4).Root;
        Assert.True(reduction.Accept(new TreeNode(1, 0), "left", root));
        Assert.False(reduction.Accept(new TreeNode(1, 0), "again", root));
        Assert.False(reduction.Accept(new TreeNode(0, 1), "part", root));
        Assert.Equal(["again", "part"], _discarded);
    }

    [Fact]
    public void Accept_WholeAfterAPart_ReplacesThePart()
    {
        TreeReduction<string> reduction = Create(4);
        TreeNode root = new ReductionTree(4).Root;
        Assert.True(reduction.Accept(new TreeNode(0, 0), "part", root));
        Assert.True(reduction.Accept(new TreeNode(1, 0), "left", root));
        Assert.Equal(["part"], _discarded);
        Assert.True(reduction.Accept(new TreeNode(1, 1), "right", root));
        Assert.Equal("(left+right)", reduction.Take(root));
    }

    [Fact]
    public void Accept_WithATopBelowTheRoot_StopsThere()
    {
        TreeReduction<string> reduction = Create(4);
        var top = new TreeNode(1, 1);
        Assert.True(reduction.Accept(new TreeNode(0, 3), "3", top));
        Assert.Null(reduction.Take(top));
        Assert.True(reduction.Accept(new TreeNode(0, 2), "2", top));
        Assert.Equal("(2+3)", reduction.Take(top));
    }

    [Fact]
    public void Clear_ReturnsEverythingHeld()
    {
        TreeReduction<string> reduction = Create(8);
        TreeNode root = new ReductionTree(8).Root;
        reduction.Accept(new TreeNode(2, 0), "left", root);
        reduction.Accept(new TreeNode(0, 5), "five", root);
        reduction.Clear();
        Assert.Equal(["five", "left"], _discarded.Order());
        Assert.True(reduction.Accept(root, "all", root));
        Assert.Equal("all", reduction.Take(root));
    }
}
