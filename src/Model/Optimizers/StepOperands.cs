using Lockstep.Model.Layers;

namespace Lockstep.Model.Optimizers;

/// <summary>The operands of an optimizer's step on a range of one parameter. All have the same length, a multiple of 16.</summary>
/// <param name="sums">Gradient sums over the batch.</param>
/// <param name="addends">Second part of the sums; empty for none.</param>
/// <param name="weights">The weights that the gradient was computed at.</param>
/// <param name="updated">The new weights; may be <paramref name="weights"/>.</param>
/// <param name="state">All slots of the whole layout, one after another.</param>
/// <param name="first">Start of the range in the layout.</param>
/// <param name="slotLength">Floats of one slot.</param>
internal readonly ref struct StepOperands(
    ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights, Span<float> updated, Span<float> state, int first,
    int slotLength)
{
    private readonly Span<float> _state = state;

    public ReadOnlySpan<float> Sums { get; } = sums;

    public ReadOnlySpan<float> Addends { get; } = addends;

    public ReadOnlySpan<float> Weights { get; } = weights;

    public Span<float> Updated { get; } = updated;

    /// <summary>The range in a slot.</summary>
    public Span<float> Slot(int slot) => _state.Slice(slot * slotLength + first, Sums.Length);

    /// <summary>The operands of a range of a parameter.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An operand is shorter than the layout.</exception>
    public static StepOperands Of(
        ParameterLayout layout, int first, int count, ReadOnlySpan<float> sums, ReadOnlySpan<float> addends, ReadOnlySpan<float> weights,
        Span<float> updated, Span<float> state) =>
        new(
            sums.Slice(first, count), addends.IsEmpty ? default : addends.Slice(first, count), weights.Slice(first, count),
            updated.Slice(first, count), state, first, layout.TrainableLength);
}
