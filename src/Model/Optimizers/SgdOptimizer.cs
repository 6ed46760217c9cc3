using Lockstep.Model.Kernels;
using Lockstep.Model.Layers;
using Lockstep.Model.Reduction;
using Lockstep.Model.Simd;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Optimizers;

/// <summary>Stochastic gradient descent with momentum, L2 on weight matrices and a learning-rate schedule.</summary>
public sealed class SgdOptimizer
{
    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly Parameter[] _trainable;
    private readonly SimdWidth _width;

    /// <summary>The optimizer of a run.</summary>
    public SgdOptimizer(RunSpec spec, ParameterLayout layout)
        : this(spec, layout, KernelDispatch.Width)
    {
    }

    internal SgdOptimizer(RunSpec spec, ParameterLayout layout, SimdWidth width)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(layout);
        (_spec, _layout, _width) = (spec, layout, width);
        _trainable = [.. layout.Trainable];
    }

    /// <summary>Floats of the velocity: those of the gradient, or none without momentum.</summary>
    public int VelocityLength => _spec.Optimizer.Momentum == 0.0 ? 0 : _layout.TrainableLength;

    /// <summary>
    /// Takes a step: <c>g = sum / B + l2 · w</c> (the run's l2 on weight matrices only), <c>v = momentum · v + g</c>, <c>w = w - rate · v</c>,
    /// each sum of a product one fused multiply-add, all factors rounded to single precision.
    /// </summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="gradientSum">The sum over the batch.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="velocity">Optimizer state, zero before the first step; empty without momentum.</param>
    /// <param name="updated">The flat vector whose trainable part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all that was written is finite.</returns>
    /// <exception cref="ArgumentException">A vector's length is not that of the layout.</exception>
    public bool Apply(BatchPosition batch, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> weights, Span<float> velocity, Span<float> updated) =>
        Apply(batch, gradientSum, default, weights, velocity, updated);

    /// <summary>The same with a gradient sum that is still in two parts, which are added on the way.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="velocity">Optimizer state, zero before the first step; empty without momentum.</param>
    /// <param name="updated">The flat vector whose trainable part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all that was written is finite.</returns>
    /// <exception cref="ArgumentException">A vector's length is not that of the layout.</exception>
    public bool Apply(
        BatchPosition batch, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend, ReadOnlySpan<float> weights, Span<float> velocity, Span<float> updated)
    {
        if (gradientSum.Length != _layout.TrainableLength || (!addend.IsEmpty && addend.Length != gradientSum.Length) || weights.Length != _layout.Length || updated.Length != _layout.Length || velocity.Length != VelocityLength)
        {
            throw new ArgumentException($"{gradientSum.Length} gradients, {addend.Length} to add, {weights.Length} weights, {updated.Length} updated weights and {velocity.Length} velocities; "
                + $"expected {_layout.TrainableLength} gradients, {_layout.Length} weights and {VelocityLength} velocities.");
        }

        return ApplyPart(batch, 0, _layout.TrainableLength, gradientSum, addend, weights, velocity, updated);
    }

    /// <summary>The same for some of the parameters, so that threads can share a step. Operands are as long as for the whole, and are not checked again.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="start">First float of the trainable part; a multiple of 16.</param>
    /// <param name="end">End of them; a multiple of 16, as the length of the trainable part is.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="velocity">Optimizer state, zero before the first step; empty without momentum.</param>
    /// <param name="updated">The flat vector whose part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all that was written is finite.</returns>
    public bool ApplyPart(
        BatchPosition batch, int start, int end, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend, ReadOnlySpan<float> weights, Span<float> velocity,
        Span<float> updated)
    {
        OptimizerSpec optimizer = _spec.Optimizer;
        float scale = 1f / batch.Count, momentum = (float)optimizer.Momentum;
        bool isFinite = true;
        foreach (Parameter parameter in _trainable)
        {
            int first = Math.Max(start, parameter.Offset), count = Math.Min(end, parameter.Offset + parameter.PaddedCount) - first;
            if (count <= 0)
                continue;
            double l2 = parameter.Spec.L2 ?? (parameter.IsWeights ? optimizer.L2 : 0.0);
            double rate = Scheduled(parameter.Spec.LearningRate ?? optimizer.LearningRate, batch.Step);
            var factors = new SgdFactors(scale, (float)l2, momentum, (float)rate);
            isFinite &= SgdStep.Run(
                _width, gradientSum.Slice(first, count), addend.IsEmpty ? default : addend.Slice(first, count), weights.Slice(first, count),
                velocity.IsEmpty ? default : velocity.Slice(first, count), updated.Slice(first, count), factors);
        }

        return isFinite;
    }

    /// <summary>The run's learning rate at a step; applied in single precision.</summary>
    /// <remarks>
    /// During the warm-up of n steps: rate · (step + 1) / n. After it: constant; or rate · factor^(epoch / every), epochs counted from the start of the run;
    /// or half a cosine from the rate, at the first step after the warm-up, to the final share of it at the last step of the run.
    /// </remarks>
    public double LearningRate(long step) => Scheduled(_spec.Optimizer.LearningRate, step);

    private double Scheduled(double rate, long step)
    {
        LearningRateSchedule schedule = _spec.Optimizer.Schedule;
        if (step < schedule.WarmupSteps)
            return rate * ((double)(step + 1) / schedule.WarmupSteps);
        switch (schedule.Kind)
        {
            case ScheduleKind.Step:
                return rate * Power(schedule.Factor, step / _spec.StepsPerEpoch / schedule.EveryEpochs);
            case ScheduleKind.Cosine:
                long span = _spec.TotalSteps - 1 - schedule.WarmupSteps;
                double progress = span <= 0 ? 1.0 : Math.Min(1.0, (double)(step - schedule.WarmupSteps) / span);
                return rate * (schedule.FinalShare + (1.0 - schedule.FinalShare) * (0.5 + 0.5 * PortableMath.CosPi(progress)));
            default:
                return rate;
        }
    }

    // By squaring: Math.Pow differs between platforms.
    private static double Power(double value, long exponent)
    {
        double result = 1.0;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) != 0)
                result *= value;
        }

        return result;
    }
}
