namespace Lockstep.Model.Reduction;

/// <summary>
/// The reduction tree of one step, whose nodes arrive in any order and perhaps repeatedly. Two nodes are added once both halves of their
/// parent are there, always left + right, so a sum does not depend on who computed a node or when it arrived. Not thread-safe.
/// </summary>
/// <typeparam name="T">What is added: a gradient buffer, or a stand-in for tests.</typeparam>
public sealed class TreeReduction<T>
    where T : class
{
    private readonly ReductionTree _tree;
    private readonly Func<T, T, T> _add;
    private readonly Action<T> _discard;
    private readonly T?[][] _held;

    /// <param name="tree">Shape of the tree.</param>
    /// <param name="add">Adds left and right, and returns the sum; takes ownership of both.</param>
    /// <param name="discard">Returns a value that is not needed to its owner.</param>
    public TreeReduction(ReductionTree tree, Func<T, T, T> add, Action<T> discard)
    {
        ArgumentNullException.ThrowIfNull(tree);
        (_tree, _add, _discard) = (tree, add, discard);
        _held = new T?[tree.Root.Level + 1][];
        for (int level = 0; level < _held.Length; level++)
            _held[level] = new T?[((tree.Shards - 1) >> level) + 1];
    }

    /// <summary>Whether all shards of the node have arrived.</summary>
    public bool Covers(TreeNode node)
    {
        // Complete halves are added at once, so a covered node is stored as itself or within an ancestor.
        for (; node.Level <= _tree.Root.Level; node = node.Parent)
        {
            if (_held[node.Level][node.Index] is not null)
                return true;
        }

        return false;
    }

    /// <summary>Takes ownership of the value of a node, and adds as far as possible, but not beyond <paramref name="top"/>.</summary>
    /// <param name="node">A node of the tree, at or below <paramref name="top"/>.</param>
    /// <param name="value">Its sum.</param>
    /// <param name="top">Where adding stops: the root, or the node to be sent.</param>
    /// <returns>False if the node is covered already; the value is then discarded.</returns>
    public bool Accept(TreeNode node, T value, TreeNode top)
    {
        if (Covers(node))
        {
            _discard(value);
            return false;
        }

        DiscardBelow(node);
        while (node != top)
        {
            TreeNode sibling = node.Sibling;
            if (_tree.Contains(sibling))
            {
                if (_held[sibling.Level][sibling.Index] is not { } other)
                    break;
                _held[sibling.Level][sibling.Index] = null;
                value = node.IsLeft ? _add(value, other) : _add(other, value);
            }

            node = node.Parent;
        }

        _held[node.Level][node.Index] = value;
        return true;
    }

    /// <summary>Removes and returns the sum of a node, if it is stored as such.</summary>
    public T? Take(TreeNode node)
    {
        T? value = _held[node.Level][node.Index];
        _held[node.Level][node.Index] = null;
        return value;
    }

    /// <summary>Discards everything, for the next step.</summary>
    public void Clear() => DiscardBelow(new TreeNode(_tree.Root.Level + 1, 0));

    /// <summary>Discards parts of a node that arrived before the whole. They are equal bits, so either will do.</summary>
    private void DiscardBelow(TreeNode node)
    {
        for (int level = node.Level - 1; level >= 0; level--)
        {
            int first = node.Index << (node.Level - level);
            int end = Math.Min((node.Index + 1) << (node.Level - level), _held[level].Length);
            for (int index = first; index < end; index++)
            {
                if (_held[level][index] is { } part)
                    _discard(part);
                _held[level][index] = null;
            }
        }
    }
}
