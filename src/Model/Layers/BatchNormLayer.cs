using System.Runtime.InteropServices;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// Batch normalisation: a group is a channel over the examples of one shard. The sums of a group are formed for each example, and added up
/// in the order of the examples. The places of the running averages in the gradient hold the shards' statistics, each times its number of
/// examples; so their sum along the tree, divided by that of the batch, is the mean over the examples.
/// </summary>
internal sealed class BatchNormLayer : NormalizationLayer
{
    private readonly float _epsilon;
    private readonly Parameter _mean;
    private readonly Parameter _variance;
    private readonly ShardSums _sums = new();
    private AlignedBuffer _shardMeans = new(0);
    private AlignedBuffer _shardVariances = new(0);
    private AlignedBuffer _shardInverses = new(0);
    private AlignedBuffer _shardShifts = new(0);
    private AlignedBuffer _shardSlopes = new(0);
    private AlignedBuffer _rows = new(0);

    public BatchNormLayer(BatchNormSpec spec, IReadOnlyList<Parameter> parameters, int index, LayerContext context)
        : base(spec, parameters, index, context)
    {
        _epsilon = (float)spec.Epsilon;
        (_mean, _variance) = (parameters[2], parameters[3]);
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        base.Backward(weights, below, bounds, deltas, gradient, deltasBelow);
        if (!_mean.IsTrainable)
            return;
        Contribute(_shardMeans.Span, bounds, default, _mean.Of(gradient));
        Contribute(_shardVariances.Span, bounds, _variance.Of(weights), _variance.Of(gradient));
    }

    protected override void FindStatistics(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ReadOnlySpan<int> bounds, bool isTraining)
    {
        if (!isTraining || !_mean.IsTrainable)
        {
            UseRunningAverages(weights);
            return;
        }

        int floats = (bounds.Length - 1) * Padded;
        Span<float> means = AlignedBuffer.Grown(ref _shardMeans, floats), variances = AlignedBuffer.Grown(ref _shardVariances, floats);
        Span<float> inverses = AlignedBuffer.Grown(ref _shardInverses, floats);
        FindAverages<ValueTerm>(input, bounds, means);
        for (int block = 0; block < Blocks; block++)
            Spread(means, bounds, block, Means(block));
        FindAverages<SquareTerm>(input, bounds, variances);
        for (int i = 0; i < floats; i++)
            inverses[i] = Inverse(variances[i]);
        for (int block = 0; block < Blocks; block++)
            Spread(inverses, bounds, block, Inverses(block));
    }

    protected override void FindShifts(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds)
    {
        int floats = (bounds.Length - 1) * Padded;
        Span<float> shifts = AlignedBuffer.Grown(ref _shardShifts, floats), slopes = AlignedBuffer.Grown(ref _shardSlopes, floats);
        if (_mean.IsTrainable)
        {
            FindShifts(Scale(weights), OffsetSums, bounds, shifts);
            FindShifts(Scale(weights), ScaleSums, bounds, slopes);
        }

        for (int block = 0; block < Blocks; block++)
        {
            Spread(shifts, bounds, block, Shifts(block));
            Spread(slopes, bounds, block, Slopes(block));
        }
    }

    private void FindShifts(ReadOnlySpan<float> scale, ShardSums sums, ReadOnlySpan<int> bounds, Span<float> shifts)
    {
        for (int shard = 0; shard < bounds.Length - 1; shard++)
        {
            ReadOnlySpan<float> sum = sums.Sum(shard);
            int terms = Terms(bounds, shard);
            for (int channel = 0; channel < Channels; channel++)
                shifts[shard * Padded + channel] = scale[channel] * sum[channel] / terms;
        }
    }

    // An average of the terms over each shard, [shards, channels]. The lanes of the inverses serve as memory.
    private void FindAverages<TTerm>(ReadOnlySpan<float> input, ReadOnlySpan<int> bounds, Span<float> averages)
        where TTerm : struct, IReductionTerm
    {
        _sums.Begin(Padded, bounds.Length - 1);
        for (int block = 0; block < Blocks; block++)
        {
            Normalization.Reduce<TTerm>(
                Context.Width, Channels, Places, BlockOf(input, block), default, Means(block), default, Inverses(block));
            _sums.Add(Inverses(block), block * MapShape.Lanes, bounds);
        }

        for (int shard = 0; shard < bounds.Length - 1; shard++)
        {
            ReadOnlySpan<float> sum = _sums.Sum(shard);
            int terms = Terms(bounds, shard);
            for (int channel = 0; channel < Padded; channel++)
                averages[shard * Padded + channel] = sum[channel] / terms;
        }
    }

    private void UseRunningAverages(ReadOnlySpan<float> weights)
    {
        ReadOnlySpan<float> means = _mean.Of(weights), variances = _variance.Of(weights);
        Span<float> meanLanes = Means(0), inverseLanes = Inverses(0);
        for (int channel = 0; channel < Channels; channel++)
        {
            meanLanes.Slice(channel * MapShape.Lanes, MapShape.Lanes).Fill(means[channel]);
            inverseLanes.Slice(channel * MapShape.Lanes, MapShape.Lanes).Fill(Inverse(variances[channel]));
        }

        for (int block = 1; block < Blocks; block++)
        {
            meanLanes.CopyTo(Means(block));
            inverseLanes.CopyTo(Inverses(block));
        }
    }

    // To each lane of a block the values of its shard.
    private void Spread(ReadOnlySpan<float> ofShards, ReadOnlySpan<int> bounds, int block, Span<float> lanes)
    {
        Span<float> rows = AlignedBuffer.Grown(ref _rows, Padded * MapShape.Lanes);
        int first = block * MapShape.Lanes, count = Math.Min(MapShape.Lanes, Rows - first);
        for (int row = first, shard = 0; row < first + count; row++)
        {
            while (row >= bounds[shard + 1])
                shard++;
            ofShards.Slice(shard * Padded, Padded).CopyTo(rows[((row - first) * Padded)..]);
        }

        MatrixPanels.Transpose(ref rows[0], Padded, 1, Channels, count, MapShape.Lanes, ref MemoryMarshal.GetReference(lanes));
    }

    // The shards' statistics, each times its examples, at the place of the running average. Variances, which have an average so far, are
    // made unbiased; a shard of one value a channel has none, and counts as that average.
    private void Contribute(ReadOnlySpan<float> ofShards, ReadOnlySpan<int> bounds, ReadOnlySpan<float> average, Span<float> gradient)
    {
        _sums.Begin(Padded, bounds.Length - 1);
        for (int shard = 0; shard < bounds.Length - 1; shard++)
        {
            int examples = bounds[shard + 1] - bounds[shard], terms = Terms(bounds, shard);
            bool hasNone = !average.IsEmpty && terms == 1;
            float factor = average.IsEmpty || hasNone ? examples : (float)((double)examples * terms / (terms - 1));
            ReadOnlySpan<float> values = hasNone ? average : ofShards[(shard * Padded)..];
            Span<float> sum = _sums.Sum(shard);
            for (int channel = 0; channel < Channels; channel++)
                sum[channel] = values[channel] * factor + 0f;
        }

        _sums.CopyTo(gradient);
    }

    private float Inverse(float variance) => 1f / MathF.Sqrt(variance + _epsilon);

    // Values of a channel in a shard; 1 for one without examples, whose sums are zero.
    private int Terms(ReadOnlySpan<int> bounds, int shard) => Math.Max(1, checked((bounds[shard + 1] - bounds[shard]) * Places));
}
