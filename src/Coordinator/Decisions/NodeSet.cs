using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>A set of shards as the fewest tree nodes that cover it. Two sibling nodes merge into their parent.</summary>
internal sealed class NodeSet
{
    private readonly ReductionTree _tree;
    private readonly SortedDictionary<int, TreeNode> _byFirstShard = [];

    private NodeSet(ReductionTree tree) => _tree = tree;

    /// <summary>The nodes, from left to right.</summary>
    public IEnumerable<TreeNode> Nodes => _byFirstShard.Values;

    /// <summary>Number of shards.</summary>
    public int Shards { get; private set; }

    public static NodeSet Of(ReductionTree tree, IEnumerable<int> shards)
    {
        var set = new NodeSet(tree);
        foreach (int shard in shards)
            set.Add(new TreeNode(0, shard));
        return set;
    }

    /// <summary>
    /// Keeps <paramref name="shards"/> of the shards of these nodes. Gives up whole nodes, the widest that are not too wide, then halves of
    /// the narrowest.
    /// </summary>
    public static NodeSet Keep(ReductionTree tree, IReadOnlyList<TreeNode> nodes, int shards)
    {
        var set = new NodeSet(tree);
        foreach (TreeNode node in nodes)
            set.Add(node);
        while (set.Shards > shards)
        {
            int excess = set.Shards - shards;
            TreeNode[] fitting = [.. set.Nodes.Where(node => tree.Width(node) <= excess)];
            if (fitting.Length > 0)
            {
                set.Remove(fitting.MaxBy(tree.Width));
                continue;
            }

            TreeNode narrowest = set.Nodes.MinBy(tree.Width);
            set.Remove(narrowest);
            set.AddHalves(narrowest);
        }

        return set;
    }

    /// <summary>Whether the set holds the sibling of <paramref name="node"/>, so that both would merge.</summary>
    public bool Joins(TreeNode node) => _byFirstShard.TryGetValue(node.Sibling.FirstShard, out TreeNode other) && other == node.Sibling;

    /// <summary>Adds a node that overlaps no node of the set.</summary>
    public void Add(TreeNode node)
    {
        Shards += _tree.Width(node);
        while (node != _tree.Root)
        {
            if (_tree.Contains(node.Sibling))
            {
                if (!Joins(node))
                    break;
                _byFirstShard.Remove(node.Sibling.FirstShard);
            }

            node = node.Parent;
        }

        _byFirstShard.Add(node.FirstShard, node);
    }

    /// <summary>Adds the two halves of a node as separate nodes.</summary>
    public void AddHalves(TreeNode node)
    {
        var left = new TreeNode(node.Level - 1, node.Index * 2);
        foreach (TreeNode half in _tree.Contains(left.Sibling) ? [left, left.Sibling] : new[] { left })
        {
            _byFirstShard.Add(half.FirstShard, half);
            Shards += _tree.Width(half);
        }
    }

    /// <summary>Removes and returns the first of the widest nodes; null if the set is empty.</summary>
    public TreeNode? TakeWidest()
    {
        if (_byFirstShard.Count == 0)
            return null;
        TreeNode widest = Nodes.MaxBy(_tree.Width);
        Remove(widest);
        return widest;
    }

    private void Remove(TreeNode node)
    {
        _byFirstShard.Remove(node.FirstShard);
        Shards -= _tree.Width(node);
    }
}
