namespace Lockstep.Model.Specs;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), t counting steps from 1:
/// <code>
/// g = sum/B + l2·w    m = beta1·m + (1 − beta1)·g    v = beta2·v + (1 − beta2)·g²
/// w = w − rate·decay·w − rate / (1 − beta1^t) · m / (sqrt(v / (1 − beta2^t)) + epsilon)
/// </code>
/// The decay applies to weight matrices; biases are not decayed. Without weight decay it is Adam (Kingma and Ba, 2015), whose penalty is
/// <see cref="OptimizerSpec.L2"/>: the same as <c>torch.optim.Adam</c> with that <c>weight_decay</c> on the matrices.
/// </summary>
public sealed record AdamWSpec : OptimizerSpec
{
    /// <summary>The value of <see cref="OptimizerSpec.Name"/> with weight decay; in checkpoints always.</summary>
    public const string Kind = "adamw";

    /// <summary>The value of <see cref="OptimizerSpec.Name"/> without weight decay.</summary>
    public const string KindWithoutDecay = "adam";

    /// <summary>The default learning rate.</summary>
    public const double CommonLearningRate = 0.001;

    private static readonly string[] Moments = ["m", "v"];

    /// <summary>Decay rate of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay rate of the mean of squared gradients, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the mean of squares, &gt; 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Share of a weight that is subtracted at a step, times the learning rate, ≥ 0; 0 is Adam.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <inheritdoc/>
    public override string Name => WeightDecay == 0.0 ? KindWithoutDecay : Kind;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => Moments;
}
