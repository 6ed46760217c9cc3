namespace Lockstep.Model.Reduction;

/// <summary>Loss and hits of a tree node's examples. Added in tree order, like the gradient.</summary>
/// <param name="LossSum">Sum of the cross-entropy over the examples, dropout on, without L2.</param>
/// <param name="Correct">Examples whose largest logit is that of their label.</param>
/// <param name="Examples">Number of examples.</param>
public readonly record struct NodeStatistics(double LossSum, long Correct, long Examples)
{
    /// <summary>Left + right.</summary>
    public static NodeStatistics operator +(NodeStatistics left, NodeStatistics right) => Add(left, right);

    /// <summary>Left + right.</summary>
    public static NodeStatistics Add(NodeStatistics left, NodeStatistics right) =>
        new(left.LossSum + right.LossSum, left.Correct + right.Correct, left.Examples + right.Examples);
}
