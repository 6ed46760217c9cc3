using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>Adam with decoupled weight decay on weight matrices: <see cref="AdamWStep"/> with the bias corrections of the step.</summary>
internal sealed class AdamWOptimizer(RunSpec spec, AdamWSpec adamW, ParameterLayout layout, SimdWidth width) : Optimizer(spec, layout)
{
    private protected override bool Step(Parameter parameter, BatchPosition batch, double l2, double rate, in StepOperands operands)
    {
        AdamWFactors factors = AdamWFactors.Of(adamW, batch.Count, batch.Step, l2, rate, parameter.IsWeights);
        return AdamWStep.Run(
            width, operands.Sums, operands.Addends, operands.Weights, operands.Slot(0), operands.Slot(1), operands.Updated, factors);
    }
}
