using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// A convolution with activation (<see cref="Convolution"/>), block after block. A filter's gradient is first formed for each example, and
/// then added up over the examples of a shard in their order.
/// </summary>
internal sealed class ConvolutionLayer : Layer
{
    // Of the filters' gradient for one example, so that sixteen and their sums stay in the second-level cache.
    private const int PartFloats = 2048;

    private readonly ConvolutionShape _shape;
    private readonly LayerActivation _activation;
    private readonly Parameter _weights;
    private readonly Parameter _biases;
    private AlignedBuffer _padded = new(0);
    private AlignedBuffer _spread = new(0);
    private AlignedBuffer _filters = new(0);
    private AlignedBuffer _laneGradients = new(0);
    private readonly ShardSums _sums = new();

    public ConvolutionLayer(ConvolutionSpec spec, IReadOnlyList<Parameter> parameters, LayerContext context)
        : base(spec, context)
    {
        _activation = new LayerActivation(spec.Activation, context);
        _shape = new ConvolutionShape(MapShape.Of(spec.InputShape), spec.Channels, spec.Kernel, spec.Stride, spec.Padding);
        (_weights, _biases) = (parameters[0], parameters[1]);
    }

    public override void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining)
    {
        int above = _shape.Output.BlockFloats;
        for (int block = 0; block < MapShape.Blocks(Rows); block++)
        {
            Convolution.Forward(
                Context.Width, Examples(block), _shape, Padded(below.Values, block), _weights.Of(weights), _biases.Of(weights),
                Values.Slice(block * above, above));
        }

        _activation.Forward(Values, Rows, isTraining);
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        _activation.Backward(deltas, Values, Rows);
        if (_biases.IsTrainable)
            BiasGradient(bounds, deltas, _biases.Of(gradient));
        if (_weights.IsTrainable)
            WeightGradient(below.Values, bounds, deltas, _weights.Of(gradient));
        if (!deltasBelow.IsEmpty)
            InputGradient(_weights.Of(weights), deltas, deltasBelow);
    }

    private void WeightGradient(ReadOnlySpan<float> below, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient)
    {
        int above = _shape.Output.BlockFloats, rows = _shape.FilterWeights, stride = _shape.WeightStride;
        int part = Math.Max(1, PartFloats / (stride * _shape.Kernel)) * _shape.Kernel;
        Span<float> lanes = Cleared(ref _laneGradients, part * stride * MapShape.Lanes);
        _sums.Begin(rows * stride, bounds.Length - 1);
        for (int block = 0; block < MapShape.Blocks(Rows); block++)
        {
            ReadOnlySpan<float> padded = Padded(below, block);
            for (int first = 0; first < rows; first += part)
            {
                int end = Math.Min(rows, first + part);
                Span<float> own = lanes[..((end - first) * stride * MapShape.Lanes)];
                Convolution.WeightGradient(
                    Context.Width, Examples(block), _shape, padded, deltas.Slice(block * above, above), first, end, own);
                _sums.Add(own, block * MapShape.Lanes, bounds, first * stride);
            }
        }

        _sums.CopyTo(gradient);
    }

    private void BiasGradient(ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient)
    {
        int above = _shape.Output.BlockFloats;
        Span<float> lanes = Cleared(ref _laneGradients, _shape.WeightStride * MapShape.Lanes);
        _sums.Begin(_shape.WeightStride, bounds.Length - 1);
        for (int block = 0; block < MapShape.Blocks(Rows); block++)
        {
            Convolution.BiasGradient(Context.Width, Examples(block), _shape, deltas.Slice(block * above, above), lanes);
            _sums.Add(lanes, block * MapShape.Lanes, bounds);
        }

        _sums.CopyTo(gradient);
    }

    private void InputGradient(ReadOnlySpan<float> weights, ReadOnlySpan<float> deltas, Span<float> deltasBelow)
    {
        int above = _shape.Output.BlockFloats, below = _shape.Input.BlockFloats;
        Span<float> filters = Filters(weights), spread = AlignedBuffer.Grown(ref _spread, _shape.Spread.BlockFloats);
        for (int block = 0; block < MapShape.Blocks(Rows); block++)
        {
            Convolution.Pad(
                deltas.Slice(block * above, above), _shape.Output, spread, _shape.Spread, _shape.Kernel - 1, _shape.Stride);
            Convolution.InputGradient(Context.Width, Examples(block), _shape, spread, filters, deltasBelow.Slice(block * below, below));
        }
    }

    private int Examples(int block) => Math.Min(MapShape.Lanes, Rows - block * MapShape.Lanes);

    private ReadOnlySpan<float> Padded(ReadOnlySpan<float> maps, int block)
    {
        ReadOnlySpan<float> own = maps.Slice(block * _shape.Input.BlockFloats, _shape.Input.BlockFloats);
        if (_shape.Padding == 0)
            return own;
        Span<float> padded = AlignedBuffer.Grown(ref _padded, _shape.Padded.BlockFloats);
        Convolution.Pad(own, _shape.Input, padded, _shape.Padded, _shape.Padding);
        return padded;
    }

    /// <summary>The weights as the gradient of the input reads them: [channel above, row, column, channel below].</summary>
    private Span<float> Filters(ReadOnlySpan<float> weights)
    {
        int places = _shape.Kernel * _shape.Kernel;
        Span<float> filters = AlignedBuffer.Grown(ref _filters, _shape.Output.Channels * places * _shape.FilterStride);
        for (int below = 0; below < _shape.Input.Channels; below++)
        {
            for (int place = 0; place < places; place++)
            {
                ReadOnlySpan<float> row = weights.Slice((below * places + place) * _shape.WeightStride, _shape.Output.Channels);
                for (int above = 0; above < row.Length; above++)
                    filters[(above * places + place) * _shape.FilterStride + below] = row[above];
            }
        }

        return filters;
    }

    // The padding of parameters is never written, and stays zero.
    private static Span<float> Cleared(ref AlignedBuffer buffer, int floats)
    {
        Span<float> all = AlignedBuffer.Grown(ref buffer, floats);
        all.Clear();
        return all;
    }
}
