using Lockstep.Model.Layers;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>Adam with decoupled weight decay on weight matrices: <see cref="AdamWStep"/> with the bias corrections of the step.</summary>
internal sealed class AdamWOptimizer(RunSpec spec, AdamWSpec adamW, ParameterLayout layout, SimdWidth width)
    : Optimizer(spec, layout, width)
{
    private protected override bool Step(
        Parameter parameter, long step, float scale, double l2, double rate, in StepOperands operands)
    {
        AdamWFactors factors = AdamWFactors.Of(adamW, scale, step, l2, rate, parameter.IsWeights);
        return AdamWStep.Run(
            Width, operands.Sums, operands.Addends, operands.Weights, operands.Slot(0), operands.Slot(1), operands.Updated, factors);
    }
}
