namespace Lockstep.Model.Specs;

/// <summary>
/// Stochastic gradient descent: <c>g = sum/B + l2·w; v = momentum·v + g; w = w − rate·v</c>. With Nesterov momentum (Sutskever et al.,
/// 2013, in the form of <c>torch.optim.SGD</c>) the last is <c>w = w − rate·(g + momentum·v)</c>.
/// </summary>
public sealed record SgdSpec : OptimizerSpec
{
    /// <summary>The value of <see cref="OptimizerSpec.Name"/>.</summary>
    public const string Kind = "sgd";

    private static readonly string[] Velocity = ["velocity"];

    /// <summary>Momentum in [0, 1); 0 is plain gradient descent, which has no state.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether the momentum is Nesterov's: the step looks ahead along the new velocity. It needs a momentum above 0.</summary>
    public bool IsNesterov { get; init; }

    /// <inheritdoc/>
    public override string Name => Kind;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Slots => Momentum == 0.0 ? [] : Velocity;
}
