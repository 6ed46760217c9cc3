using Lockstep.Model.Kernels;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>Layer normalisation: a group is one example, so nothing is summed over examples but the gradients.</summary>
internal sealed class LayerNormLayer : NormalizationLayer
{
    private readonly float _epsilon;
    private readonly float[] _ones;

    public LayerNormLayer(LayerNormSpec spec, IReadOnlyList<Parameter> parameters, int index, LayerContext context)
        : base(spec, parameters, index, context)
    {
        _epsilon = (float)spec.Epsilon;
        _ones = new float[Channels];
        _ones.AsSpan().Fill(1f);
    }

    protected override void FindStatistics(
        ReadOnlySpan<float> weights, ReadOnlySpan<float> input, ReadOnlySpan<int> bounds, bool isTraining)
    {
        for (int block = 0; block < Blocks; block++)
        {
            Span<float> means = Means(block), inverses = Inverses(block);
            Share(BlockOf(input, block), _ones, means);
            Normalization.Reduce<SquareTerm>(
                Context.Width, Channels, Places, BlockOf(input, block), default, means, default, inverses);
            Share(inverses, _ones, inverses);
            for (int lane = 0; lane < MapShape.Lanes; lane++)
                inverses[lane] = 1f / MathF.Sqrt(inverses[lane] + _epsilon);
            Repeat(inverses);
        }
    }

    protected override void FindShifts(ReadOnlySpan<float> weights, ReadOnlySpan<int> bounds)
    {
        for (int block = 0; block < Blocks; block++)
        {
            Share(Shifts(block), Scale(weights), Shifts(block));
            Share(Slopes(block), Scale(weights), Slopes(block));
        }
    }

    /// <summary>The mean over the channels of <c>lanes · factors</c>, in every channel.</summary>
    private void Share(ReadOnlySpan<float> lanes, ReadOnlySpan<float> factors, Span<float> mean)
    {
        Span<float> sum = stackalloc float[MapShape.Lanes];
        Normalization.AddChannels(lanes, factors, sum);
        for (int lane = 0; lane < MapShape.Lanes; lane++)
            mean[lane] = sum[lane] / Channels;
        Repeat(mean);
    }

    private void Repeat(Span<float> lanes)
    {
        for (int channel = 1; channel < Channels; channel++)
            lanes[..MapShape.Lanes].CopyTo(lanes[(channel * MapShape.Lanes)..]);
    }
}
