using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>Pooling (<see cref="Pooling"/>), block after block.</summary>
internal sealed class PoolingLayer(PoolingSpec spec, LayerContext context) : Layer(spec, context)
{
    private readonly PoolingShape _shape = new(MapShape.Of(spec.InputShape), spec.Size, spec.Stride, spec.IsMaximum);

    public override void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining)
    {
        int from = _shape.Input.BlockFloats, to = _shape.Output.BlockFloats;
        for (int block = 0; block < MapShape.Blocks(Rows); block++)
            Pooling.Forward(Context.Width, _shape, below.Values.Slice(block * from, from), Values.Slice(block * to, to));
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        int from = _shape.Input.BlockFloats, to = _shape.Output.BlockFloats;
        for (int block = 0; block < MapShape.Blocks(Rows) && !deltasBelow.IsEmpty; block++)
        {
            Pooling.Backward(
                Context.Width, _shape, below.Values.Slice(block * from, from), deltas.Slice(block * to, to),
                deltasBelow.Slice(block * from, from));
        }
    }
}
