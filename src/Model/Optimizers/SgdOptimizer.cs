using Lockstep.Model.Layers;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// Stochastic gradient descent, plain, with momentum or with Nesterov momentum: <see cref="SgdStep"/> with all factors rounded to single
/// precision.
/// </summary>
internal sealed class SgdOptimizer(RunSpec spec, SgdSpec sgd, ParameterLayout layout, SimdWidth width)
    : Optimizer(spec, layout, width)
{
    private readonly bool _hasVelocity = sgd.Slots.Count > 0;

    private protected override bool Step(
        Parameter parameter, long step, float scale, double l2, double rate, in StepOperands operands)
    {
        var factors = new SgdFactors(scale, (float)l2, (float)sgd.Momentum, (float)rate, sgd.IsNesterov);
        return SgdStep.Run(
            Width, operands.Sums, operands.Addends, operands.Weights, _hasVelocity ? operands.Slot(0) : default, operands.Updated, factors);
    }
}
