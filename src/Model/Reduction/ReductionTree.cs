namespace Lockstep.Model.Reduction;

/// <summary>The binary tree along which shard gradients are added. It depends only on the number of shards.</summary>
public sealed class ReductionTree
{
    /// <summary>The tree over <paramref name="shards"/> shards.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one shard.</exception>
    public ReductionTree(int shards)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        Shards = shards;
        int level = 0;
        while ((1L << level) < shards)
            level++;
        Root = new TreeNode(level, 0);
    }

    /// <summary>Number of shards, S.</summary>
    public int Shards { get; }

    /// <summary>The node of all shards.</summary>
    public TreeNode Root { get; }

    /// <summary>Whether the node exists: it covers at least one shard and is not above the root.</summary>
    public bool Contains(TreeNode node) =>
        node.Level >= 0 && node.Level <= Root.Level && node.Index >= 0 && (long)node.Index << node.Level < Shards;

    /// <summary>One past the last shard of a node.</summary>
    public int EndShard(TreeNode node) => (int)Math.Min((long)(node.Index + 1) << node.Level, Shards);

    /// <summary>Number of shards that a node covers.</summary>
    public int Width(TreeNode node) => EndShard(node) - node.FirstShard;

    /// <summary>
    /// The fewest nodes that cover the shards <paramref name="first"/> to <paramref name="end"/>, exclusive, from left to right.
    /// </summary>
    public IEnumerable<TreeNode> Cover(int first, int end)
    {
        while (first < end)
        {
            var node = new TreeNode(0, first);
            while (node != Root && node.IsLeft && EndShard(node.Parent) <= end)
                node = node.Parent;
            yield return node;
            first = EndShard(node);
        }
    }
}
