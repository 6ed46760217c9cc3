using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>Some shards of a tree, as the fewest nodes that cover them. Two halves become their parent as soon as both are there.</summary>
internal sealed class NodeSet
{
    private readonly ReductionTree _tree;
    private readonly SortedDictionary<int, TreeNode> _byFirstShard = [];

    private NodeSet(ReductionTree tree) => _tree = tree;

    /// <summary>From left to right.</summary>
    public IEnumerable<TreeNode> Nodes => _byFirstShard.Values;

    /// <summary>Number of shards.</summary>
    public int Shards { get; private set; }

    /// <summary>These shards.</summary>
    public static NodeSet Of(ReductionTree tree, IEnumerable<int> shards)
    {
        var set = new NodeSet(tree);
        foreach (int shard in shards)
            set.Add(new TreeNode(0, shard));
        return set;
    }

    /// <summary>So many of the shards of these nodes: gives up whole nodes, the widest that are not too much, and halves of the narrowest.</summary>
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

    /// <summary>Whether the node becomes a wider one in here.</summary>
    public bool Joins(TreeNode node) => _byFirstShard.TryGetValue(node.Sibling.FirstShard, out TreeNode other) && other == node.Sibling;

    /// <summary>Adds a node none of whose shards is in here.</summary>
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

    /// <summary>Adds the halves of a node, as nodes of their own.</summary>
    public void AddHalves(TreeNode node)
    {
        var left = new TreeNode(node.Level - 1, node.Index * 2);
        foreach (TreeNode half in _tree.Contains(left.Sibling) ? [left, left.Sibling] : new[] { left })
        {
            _byFirstShard.Add(half.FirstShard, half);
            Shards += _tree.Width(half);
        }
    }

    /// <summary>Removes the widest node, the first of them, and returns it. Null when nothing is left.</summary>
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
