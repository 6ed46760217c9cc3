using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>
/// Computes new weights from gradient sums: a pure function of the operands and the step, with equal bits at every vector width and for any
/// division of a step into parts. The caller owns the state: one slot after another, each as long as the trainable part, zero before the
/// first step.
/// </summary>
public abstract class Optimizer
{
    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly Parameter[] _trainable;

    private protected Optimizer(RunSpec spec, ParameterLayout layout)
    {
        _spec = spec;
        _layout = layout;
        _trainable = [.. layout.Trainable];
    }

    /// <summary>The optimizer of a run.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="layout">Layout of its model.</param>
    /// <exception cref="ArgumentException">The optimizer's kind is unknown.</exception>
    public static Optimizer Create(RunSpec spec, ParameterLayout layout) => Create(spec, layout, KernelDispatch.Width);

    internal static Optimizer Create(RunSpec spec, ParameterLayout layout, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(layout);
        return spec.Optimizer switch
        {
            SgdSpec sgd => new SgdOptimizer(spec, sgd, layout, width),
            AdamWSpec adamW => new AdamWOptimizer(spec, adamW, layout, width),
            _ => throw new ArgumentException($"The optimizer {spec.Optimizer.Name} is unknown.", nameof(spec)),
        };
    }

    /// <summary>Floats of the state: one slot for each of <see cref="OptimizerSpec.Slots"/>, each as long as the gradient.</summary>
    public int StateLength => _spec.Optimizer.Slots.Count * _layout.TrainableLength;

    /// <summary>The run's learning rate at a step; applied in single precision.</summary>
    public double LearningRate(long step) => LearningRates.At(_spec, _spec.Optimizer.LearningRate, step);

    /// <summary>Applies one step.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="gradientSum">The sum over the batch.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="state">The state; updated.</param>
    /// <param name="updated">The flat vector whose trainable part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all written values are finite.</returns>
    /// <exception cref="ArgumentException">A vector's length is not that of the layout.</exception>
    public bool Apply(
        BatchPosition batch, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> weights, Span<float> state, Span<float> updated) =>
        Apply(batch, gradientSum, default, weights, state, updated);

    /// <summary>Applies one step to a gradient sum in two parts, which are added on the way.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="state">The state; updated.</param>
    /// <param name="updated">The flat vector whose trainable part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all written values are finite.</returns>
    /// <exception cref="ArgumentException">A vector's length is not that of the layout.</exception>
    public bool Apply(
        BatchPosition batch, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend, ReadOnlySpan<float> weights, Span<float> state,
        Span<float> updated)
    {
        if (gradientSum.Length != _layout.TrainableLength || (!addend.IsEmpty && addend.Length != gradientSum.Length)
            || weights.Length != _layout.Length || updated.Length != _layout.Length || state.Length != StateLength)
        {
            throw new ArgumentException($"{gradientSum.Length} gradients, {addend.Length} to add, {weights.Length} weights, "
                + $"{updated.Length} updated weights and {state.Length} floats of state; "
                + $"expected {_layout.TrainableLength} gradients, {_layout.Length} weights and {StateLength} floats of state.");
        }

        return ApplyPart(batch, 0, _layout.TrainableLength, gradientSum, addend, weights, state, updated);
    }

    /// <summary>Applies a part of one step, so that threads can share it. Operands have full length and are not checked again.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="start">First float of the trainable part; a multiple of 16.</param>
    /// <param name="end">End of them; a multiple of 16, as the length of the trainable part is.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="state">The state; the part in each slot is updated.</param>
    /// <param name="updated">The flat vector whose part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all written values are finite.</returns>
    public bool ApplyPart(
        BatchPosition batch, int start, int end, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend, ReadOnlySpan<float> weights,
        Span<float> state, Span<float> updated)
    {
        bool isFinite = true;
        foreach (Parameter parameter in _trainable)
        {
            int first = Math.Max(start, parameter.Offset), count = Math.Min(end, parameter.Offset + parameter.PaddedCount) - first;
            if (count <= 0)
                continue;
            double l2 = parameter.Spec.L2 ?? (parameter.IsWeights ? _spec.Optimizer.L2 : 0.0);
            double rate = LearningRates.At(_spec, parameter.Spec.LearningRate ?? _spec.Optimizer.LearningRate, batch.Step);
            isFinite &= Step(
                parameter, batch, l2, rate, StepOperands.Of(_layout, first, count, gradientSum, addend, weights, updated, state));
        }

        return isFinite;
    }

    /// <summary>Applies the step to a range of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="l2">Weight of the parameter's L2 penalty.</param>
    /// <param name="rate">Its learning rate at this step.</param>
    /// <param name="operands">The range.</param>
    /// <returns>Whether all written values are finite.</returns>
    private protected abstract bool Step(Parameter parameter, BatchPosition batch, double l2, double rate, in StepOperands operands);
}
