using System.Runtime.InteropServices;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// What layers that normalise have in common (<see cref="Normalization"/>). Vectors are turned into blocks of 16 examples, as maps are, so
/// that sums over an example and sums over examples are formed in the same way. The kinds find the statistics of their groups.
/// </summary>
internal abstract class NormalizationLayer : Layer
{
    private readonly bool _isFlat;
    private readonly Parameter _scale;
    private readonly Parameter _offset;
    private readonly LayerActivation _activation;
    private readonly int _blockFloats;
    private AlignedBuffer _means = new(0);
    private AlignedBuffer _inverses = new(0);
    private AlignedBuffer _shifts = new(0);
    private AlignedBuffer _slopes = new(0);
    private AlignedBuffer _input = new(0);
    private AlignedBuffer _above = new(0);
    private AlignedBuffer _block = new(0);

    /// <summary>A layer.</summary>
    /// <param name="spec">The layer.</param>
    /// <param name="parameters">Scale and offset come first.</param>
    /// <param name="index">Its index in the model.</param>
    /// <param name="context">Shared by the layers of the network.</param>
    protected NormalizationLayer(NormalizationSpec spec, IReadOnlyList<Parameter> parameters, int index, LayerContext context)
        : base(spec, context)
    {
        _isFlat = spec.InputShape.IsFlat;
        (_scale, _offset) = (parameters[0], parameters[1]);
        _activation = new LayerActivation(spec.Activation, context, spec.KeepProb, Stride, index);
        Channels = spec.InputShape.Columns;
        Places = (int)(spec.InputShape.Count / Channels);
        _blockFloats = Channels * Places * MapShape.Lanes;
    }

    /// <summary>Channels of maps, or values of a vector.</summary>
    protected int Channels { get; }

    /// <summary>Places of a channel; 1 for vectors.</summary>
    protected int Places { get; }

    /// <summary>Channels, with padding.</summary>
    protected int Padded => _scale.Stride;

    /// <summary>Blocks of the batch.</summary>
    protected int Blocks => MapShape.Blocks(Rows);

    /// <summary>Sums of each shard of <c>dy · (x - mean) · inverse</c>, while <see cref="FindShifts"/> is called.</summary>
    protected ShardSums ScaleSums { get; } = new();

    /// <summary>Sums of each shard of dy, while <see cref="FindShifts"/> is called.</summary>
    protected ShardSums OffsetSums { get; } = new();

    /// <summary>Dropout mask, [rows, stride]: all bits set for kept values. Empty for a layer without dropout.</summary>
    public Span<uint> Mask => _activation.Mask(Rows);

    public override void Prepare(in BatchRows rows) => _activation.Prepare(rows);

    public override void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining)
    {
        ReadOnlySpan<float> input = InLanes(below.Values, below.Stride, ref _input);
        FindStatistics(weights, input, bounds, isTraining);
        for (int block = 0; block < Blocks; block++)
        {
            Span<float> output = _isFlat ? AlignedBuffer.Grown(ref _block, _blockFloats) : BlockOf(Values, block);
            Normalization.Forward(
                Context.Width, Places, BlockOf(input, block), Means(block), Inverses(block), Scale(weights),
                _offset.Of(weights)[..Channels], output);
            if (_isFlat)
                ToRows(output, block, Values, Stride);
        }

        _activation.Forward(Values, Rows, isTraining);
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        _activation.Backward(deltas, Values, Rows);
        ReadOnlySpan<float> input = _isFlat ? _input.Span : below.Values, above = InLanes(deltas, Stride, ref _above);
        OffsetSums.Begin(Padded, bounds.Length - 1);
        ScaleSums.Begin(Padded, bounds.Length - 1);
        for (int block = 0; block < Blocks; block++)
        {
            ReadOnlySpan<float> dy = BlockOf(above, block);
            Normalization.Reduce<ValueTerm>(Context.Width, Channels, Places, dy, default, default, default, Shifts(block));
            OffsetSums.Add(Shifts(block), block * MapShape.Lanes, bounds);
            Normalization.Reduce<SlopeTerm>(
                Context.Width, Channels, Places, BlockOf(input, block), dy, Means(block), Inverses(block), Slopes(block));
            ScaleSums.Add(Slopes(block), block * MapShape.Lanes, bounds);
        }

        if (!deltasBelow.IsEmpty)
        {
            FindShifts(weights, bounds);
            InputGradient(Scale(weights), input, above, deltasBelow, below.Stride);
        }

        if (_offset.IsTrainable)
            OffsetSums.CopyTo(_offset.Of(gradient));
        if (_scale.IsTrainable)
            ScaleSums.CopyTo(_scale.Of(gradient));
    }

    /// <summary>Finds <see cref="Means"/> and <see cref="Inverses"/>.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="input">The input in lanes.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="isTraining">Whether to use the statistics of the batch.</param>
    protected abstract void FindStatistics(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ReadOnlySpan<int> bounds, bool isTraining);

    /// <summary>
    /// Converts <see cref="Shifts"/> and <see cref="Slopes"/>, which hold the sums of dy and of <c>dy · (x - mean) · inverse</c> over an
    /// example, to what <see cref="NormalizationLanes"/> says.
    /// </summary>
    protected abstract void FindShifts(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds);

    /// <summary>The factors, [channels].</summary>
    protected ReadOnlySpan<float> Scale(ReadOnlySpan<float> weights) => _scale.Of(weights)[..Channels];

    /// <summary>Lanes of a block: <see cref="NormalizationLanes.Means"/>.</summary>
    protected Span<float> Means(int block) => LanesOf(ref _means, block);

    /// <summary>Lanes of a block: <see cref="NormalizationLanes.Inverses"/>.</summary>
    protected Span<float> Inverses(int block) => LanesOf(ref _inverses, block);

    /// <summary>Lanes of a block: <see cref="NormalizationLanes.Shifts"/>.</summary>
    protected Span<float> Shifts(int block) => LanesOf(ref _shifts, block);

    /// <summary>Lanes of a block: <see cref="NormalizationLanes.Slopes"/>.</summary>
    protected Span<float> Slopes(int block) => LanesOf(ref _slopes, block);

    /// <summary>One block of values in lanes.</summary>
    protected ReadOnlySpan<float> BlockOf(ReadOnlySpan<float> lanes, int block) => lanes.Slice(block * _blockFloats, _blockFloats);

    private Span<float> BlockOf(Span<float> lanes, int block) => lanes.Slice(block * _blockFloats, _blockFloats);

    private Span<float> LanesOf(ref AlignedBuffer buffer, int block)
    {
        int floats = Padded * MapShape.Lanes;
        return AlignedBuffer.Grown(ref buffer, Blocks * floats).Slice(block * floats, floats);
    }

    private void InputGradient(
        ReadOnlySpan<float> scale, ReadOnlySpan<float> input, ReadOnlySpan<float> above, Span<float> deltasBelow, int strideBelow)
    {
        for (int block = 0; block < Blocks; block++)
        {
            var lanes = new NormalizationLanes(Means(block), Inverses(block), Shifts(block), Slopes(block));
            Span<float> below = _isFlat ? AlignedBuffer.Grown(ref _block, _blockFloats) : BlockOf(deltasBelow, block);
            Normalization.InputGradient(Context.Width, Places, BlockOf(input, block), BlockOf(above, block), lanes, scale, below);
            if (_isFlat)
                ToRows(below, block, deltasBelow, strideBelow);
        }
    }

    // Maps are in lanes already.
    private ReadOnlySpan<float> InLanes(ReadOnlySpan<float> values, int stride, ref AlignedBuffer buffer)
    {
        if (!_isFlat)
            return values;
        Span<float> lanes = AlignedBuffer.Grown(ref buffer, Blocks * _blockFloats);
        for (int row = 0, block = 0; row < Rows; row += MapShape.Lanes, block++)
        {
            MatrixPanels.Transpose(
                ref MemoryMarshal.GetReference(values[(row * stride)..]), stride, 1, Channels, Math.Min(MapShape.Lanes, Rows - row),
                MapShape.Lanes, ref lanes[block * _blockFloats]);
        }

        return lanes;
    }

    private void ToRows(ReadOnlySpan<float> lanes, int block, Span<float> values, int stride)
    {
        int row = block * MapShape.Lanes;
        MatrixPanels.Transpose(
            ref MemoryMarshal.GetReference(lanes), MapShape.Lanes, 1, Math.Min(MapShape.Lanes, Rows - row), Channels, stride,
            ref values[row * stride]);
    }
}
