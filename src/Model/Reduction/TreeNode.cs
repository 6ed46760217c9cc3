namespace Lockstep.Model.Reduction;

/// <summary>
/// A node of the reduction tree: the aligned range of shards from <c>Index · 2^Level</c> to at most <c>(Index + 1) · 2^Level</c>,
/// exclusive. The shards are level 0.
/// </summary>
/// <param name="Level">Height above the shards.</param>
/// <param name="Index">Position among the nodes of its level.</param>
public readonly record struct TreeNode(int Level, int Index)
{
    /// <summary>First shard of the node.</summary>
    public int FirstShard => Index << Level;

    /// <summary>The node of this one and its sibling.</summary>
    public TreeNode Parent => new(Level + 1, Index >> 1);

    /// <summary>The other half of <see cref="Parent"/>. If it lies beyond the last shard, the parent's sum is this node's.</summary>
    public TreeNode Sibling => new(Level, Index ^ 1);

    /// <summary>Whether this is the left half of its parent. Sums are always left + right.</summary>
    public bool IsLeft => (Index & 1) == 0;

    /// <summary>The node as one number, for frames: level in the top byte.</summary>
    public uint ToKey() => ((uint)Level << 24) | (uint)Index;

    /// <summary>Inverse of <see cref="ToKey"/>.</summary>
    public static TreeNode FromKey(uint key) => new((int)(key >> 24), (int)(key & 0xFFFFFF));

    /// <inheritdoc/>
    public override string ToString() => $"L{Level}#{Index}";
}
