using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// Stochastic gradient descent with or without momentum: <see cref="SgdStep"/> with all factors rounded to single precision.
/// </summary>
internal sealed class SgdOptimizer(RunSpec spec, SgdSpec sgd, ParameterLayout layout, SimdWidth width) : Optimizer(spec, layout)
{
    private readonly bool _hasVelocity = sgd.Slots.Count > 0;

    private protected override bool Step(Parameter parameter, BatchPosition batch, double l2, double rate, in StepOperands operands)
    {
        var factors = new SgdFactors(1f / batch.Count, (float)l2, (float)sgd.Momentum, (float)rate);
        return SgdStep.Run(
            width, operands.Sums, operands.Addends, operands.Weights, _hasVelocity ? operands.Slot(0) : default, operands.Updated, factors);
    }
}
