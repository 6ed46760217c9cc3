using Lockstep.Model.Reduction;

namespace Lockstep.Worker.Lanes;

/// <summary>A node that one lane computes, as a part of the node that is sent.</summary>
internal readonly record struct WorkItem(TreeNode Node, TreeNode SentAs)
{
    /// <summary>
    /// Whether this part's buffer accumulates the sum that is sent: that of the first part does (<see cref="TreeReduction{T}"/>).
    /// </summary>
    public bool IsFirst => Node.FirstShard == SentAs.FirstShard;

    /// <summary>Splits the requested nodes along the tree into enough parts for all lanes, the widest first.</summary>
    public static List<WorkItem> Split(ReductionTree tree, IReadOnlyList<TreeNode> asked, int lanes)
    {
        List<WorkItem> items = [.. asked.Select(node => new WorkItem(node, node))];
        while (items.Count < lanes)
        {
            int widest = -1;
            for (int i = 0; i < items.Count; i++)
            {
                if (tree.Width(items[i].Node) > 1 && (widest < 0 || tree.Width(items[i].Node) > tree.Width(items[widest].Node)))
                    widest = i;
            }

            if (widest < 0)
                break;
            (TreeNode node, TreeNode sentAs) = items[widest];
            var left = new TreeNode(node.Level - 1, node.Index * 2);
            items[widest] = new WorkItem(left, sentAs);
            if (tree.Contains(left.Sibling))
                items.Insert(widest + 1, new WorkItem(left.Sibling, sentAs));
        }

        return items;
    }
}
