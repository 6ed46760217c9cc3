using System.Runtime.InteropServices;
using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>Turns maps in blocks into rows of values in the order [channel, row, column].</summary>
internal sealed class FlattenLayer(FlattenSpec spec, LayerContext context) : Layer(spec, context)
{
    private readonly MapShape _shape = MapShape.Of(spec.InputShape);

    public override void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining)
    {
        for (int row = 0; row < Rows; row += MapShape.Lanes)
        {
            MatrixPanels.Transpose(
                ref MemoryMarshal.GetReference(below.Values[(row * _shape.Values)..]), MapShape.Lanes, 1,
                Math.Min(MapShape.Lanes, Rows - row), _shape.Values, Stride, ref Values[row * Stride]);
        }
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        for (int row = 0; row < Rows && !deltasBelow.IsEmpty; row += MapShape.Lanes)
        {
            MatrixPanels.Transpose(
                ref deltas[row * Stride], Stride, 1, _shape.Values, Math.Min(MapShape.Lanes, Rows - row), MapShape.Lanes,
                ref deltasBelow[row * _shape.Values]);
        }
    }
}
