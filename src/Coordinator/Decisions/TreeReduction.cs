using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Decisions;

/// <summary>
/// The reduction tree of one step while its nodes arrive, in any order and more than once.
/// Two nodes are added as soon as both halves of their parent are there, always left + right, so the sum at the root
/// does not depend on who computed which node or when it came.
/// </summary>
/// <typeparam name="T">What is added up: a gradient buffer, or a stand-in of it.</typeparam>
internal sealed class TreeReduction<T>
    where T : class
{
    private readonly ReductionTree _tree;
    private readonly Func<T, T, T> _add;
    private readonly Action<T> _discard;
    private readonly T?[][] _held;

    /// <param name="tree">Shape of the tree.</param>
    /// <param name="add">Adds (left, right) and gives the sum; it takes over both.</param>
    /// <param name="discard">Takes back a value that is not needed.</param>
    public TreeReduction(ReductionTree tree, Func<T, T, T> add, Action<T> discard)
    {
        (_tree, _add, _discard) = (tree, add, discard);
        _held = new T?[tree.Root.Level + 1][];
        for (int level = 0; level < _held.Length; level++)
            _held[level] = new T?[((tree.Shards - 1) >> level) + 1];
    }

    /// <summary>Whether all shards of the node have arrived.</summary>
    public bool Covers(TreeNode node)
    {
        // Complete halves are added at once, so a covered node is held by itself or within an ancestor.
        for (; node.Level <= _tree.Root.Level; node = node.Parent)
        {
            if (_held[node.Level][node.Index] is not null)
                return true;
        }

        return false;
    }

    /// <summary>Whether the root is complete.</summary>
    public bool IsComplete => _held[_tree.Root.Level][0] is not null;

    /// <summary>Takes over the value of a node. False, and the value is discarded, when the node is covered already.</summary>
    public bool Accept(TreeNode node, T value)
    {
        if (Covers(node))
        {
            _discard(value);
            return false;
        }

        DiscardBelow(node);
        while (node != _tree.Root)
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

    /// <summary>Hands over the value of the complete root and begins anew.</summary>
    public T TakeRoot()
    {
        T root = _held[_tree.Root.Level][0] ?? throw new InvalidOperationException("The root of the reduction tree is not complete.");
        _held[_tree.Root.Level][0] = null;
        return root;
    }

    /// <summary>Drops parts of a node that came one by one before the whole: equal bits, so either serves.</summary>
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
