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
    /// <summary>
    /// Floats of a block of the gradient's norm (see <see cref="SquaresOf"/>); a multiple of 16. A part of the contract: another number is
    /// another sum.
    /// </summary>
    public const int NormBlock = 8192;

    // As torch.nn.utils.clip_grad_norm_ has it: a gradient of zero divides by this.
    private const double NormEpsilon = 1e-6;

    private readonly RunSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly Parameter[] _trainable;

    private protected Optimizer(RunSpec spec, ParameterLayout layout, SimdWidth width)
    {
        _spec = spec;
        _layout = layout;
        Width = width;
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

    /// <summary>Whether gradients are clipped, so that a step needs the norm of the whole gradient first.</summary>
    public bool IsClipped => _spec.Optimizer.ClipNorm is not null;

    /// <summary>Blocks of the gradient's norm.</summary>
    public int NormBlocks => (_layout.GradientLength + NormBlock - 1) / NormBlock;

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

        double squares = 0.0;
        for (int block = 0; IsClipped && block < NormBlocks; block++)
            squares += SquaresOf(block, gradientSum, addend);
        return ApplyPart(batch, ScaleOf(batch, squares), 0, _layout.TrainableLength, gradientSum, addend, weights, state, updated);
    }

    /// <summary>
    /// Squared L2 norm of one block of the gradient sum, without running averages, in double precision (see <see cref="SquaredNorm"/>).
    /// Threads can share the blocks; the squared norm of the gradient sum is the sum of those of its blocks, in their order.
    /// </summary>
    /// <param name="block">The block: floats from <c>block · NormBlock</c> on.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    public double SquaresOf(int block, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend)
    {
        int start = block * NormBlock, count = Math.Min(NormBlock, _layout.GradientLength - start);
        return SquaredNorm.Run(Width, gradientSum.Slice(start, count), addend.IsEmpty ? default : addend.Slice(start, count));
    }

    /// <summary>
    /// What a step multiplies the gradient sum by: <c>1/B</c>, or, where the norm of the mean gradient is too large,
    /// <c>clipNorm / (norm + 1e-6) / B</c>, computed in double precision and rounded once. It is that of PyTorch's
    /// <c>torch.nn.utils.clip_grad_norm_</c>. A norm that is not finite does not clip, so that the update finds the values that are not.
    /// </summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="squares">Squared norm of the gradient sum; not read unless <see cref="IsClipped"/>.</param>
    public float ScaleOf(BatchPosition batch, double squares)
    {
        if (_spec.Optimizer.ClipNorm is not { } clipNorm)
            return 1f / batch.Count;
        double norm = Math.Sqrt(squares) / batch.Count, share = clipNorm / (norm + NormEpsilon);
        return double.IsFinite(norm) && share < 1.0 ? (float)(share / batch.Count) : 1f / batch.Count;
    }

    /// <summary>Applies a part of one step, so that threads can share it. Operands have full length and are not checked again.</summary>
    /// <param name="batch">The batch; B is its number of examples.</param>
    /// <param name="scale">Factor of the gradient sum: <see cref="ScaleOf"/>.</param>
    /// <param name="start">First float of the trainable part; a multiple of 16.</param>
    /// <param name="end">End of them; a multiple of 16, as the length of the trainable part is.</param>
    /// <param name="gradientSum">The first part of the sum over the batch.</param>
    /// <param name="addend">The second part; empty for none.</param>
    /// <param name="weights">The weights that the gradient was computed at: the flat vector.</param>
    /// <param name="state">The state; the part in each slot is updated.</param>
    /// <param name="updated">The flat vector whose part becomes the new weights; may be <paramref name="weights"/>.</param>
    /// <returns>Whether all written values are finite.</returns>
    public bool ApplyPart(
        BatchPosition batch, float scale, int start, int end, ReadOnlySpan<float> gradientSum, ReadOnlySpan<float> addend,
        ReadOnlySpan<float> weights, Span<float> state, Span<float> updated)
    {
        bool isFinite = true;
        foreach (Parameter parameter in _trainable)
        {
            int first = Math.Max(start, parameter.Offset), count = Math.Min(end, parameter.Offset + parameter.PaddedCount) - first;
            if (count <= 0)
                continue;
            StepOperands operands = StepOperands.Of(_layout, first, count, gradientSum, addend, weights, updated, state);
            if (parameter.Definition.Momentum is { } momentum)
            {
                isFinite &= Average(momentum, batch, operands);
                continue;
            }

            double l2 = parameter.Spec.L2 ?? (parameter.IsWeights ? _spec.Optimizer.L2 : 0.0);
            double rate = LearningRates.At(_spec, parameter.Spec.LearningRate ?? _spec.Optimizer.LearningRate, batch.Step);
            isFinite &= Step(parameter, batch.Step, scale, l2, rate, operands);
        }

        return isFinite;
    }

    // average + momentum · (statistic of the batch - average) is a step down the squared difference of the two:
    // g = average - sum / B, updated = average - momentum · g.
    private bool Average(double momentum, BatchPosition batch, in StepOperands operands) => SgdStep.Run(
        Width, operands.Sums, operands.Addends, operands.Weights, default, operands.Updated,
        new SgdFactors(-1f / batch.Count, L2: 1f, Momentum: 0f, (float)momentum));

    /// <summary>Form of the kernels.</summary>
    private protected SimdWidth Width { get; }

    /// <summary>Applies the step to a range of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="step">Steps completed before this one.</param>
    /// <param name="scale">Factor of the gradient sum.</param>
    /// <param name="l2">Weight of the parameter's L2 penalty.</param>
    /// <param name="rate">Its learning rate at this step.</param>
    /// <param name="operands">The range.</param>
    /// <returns>Whether all written values are finite.</returns>
    private protected abstract bool Step(
        Parameter parameter, long step, float scale, double l2, double rate, in StepOperands operands);
}
