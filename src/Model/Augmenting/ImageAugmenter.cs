using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// Changes images at random as an <see cref="AugmentationSpec"/> says. The result depends on the seed, the epoch, the example's index and
/// the image alone, never on machine or thread. One per thread; allocates nothing after its construction.
/// </summary>
public sealed class ImageAugmenter
{
    private readonly AugmentationSpec _spec;
    private readonly ulong _seed;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _noise;
    private readonly ElasticField? _elastic;
    private readonly Resampling _resampling;

    /// <summary>For images of one size.</summary>
    /// <param name="spec">The strengths.</param>
    /// <param name="height">Rows, at most <see cref="AugmentationSpec.MaxSide"/>.</param>
    /// <param name="width">Columns, at most <see cref="AugmentationSpec.MaxSide"/>.</param>
    /// <param name="channels">1 for grey, 3 for RGB.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">Such images cannot be augmented.</exception>
    public ImageAugmenter(AugmentationSpec spec, int height, int width, int channels, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.ProblemWith(new TensorShape(height, width, channels)) is { } problem)
            throw new ArgumentException(problem);
        _spec = spec;
        _seed = seed;
        (_height, _width, _channels) = (height, width, channels);
        _noise = PixelNoise.FactorOf(spec.Noise);
        _elastic = spec.Elastic > 0.0 ? new ElasticField(height, width, RowPadding.Pad(width), spec.Elastic) : null;
        _resampling = new Resampling(height, width, channels);
    }

    /// <summary>Intensities of an image.</summary>
    public int Pixels => _height * _width * _channels;

    /// <summary>Changes an image.</summary>
    /// <param name="pixels">[height, width, channels] intensities.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="example">Index of the image in the training set.</param>
    /// <param name="result">Receives as many intensities; may be the same memory.</param>
    /// <exception cref="ArgumentException">The image has another size.</exception>
    public void Apply(ReadOnlySpan<byte> pixels, int epoch, int example, Span<byte> result)
    {
        if (pixels.Length != Pixels || result.Length != Pixels)
            throw new ArgumentException($"{pixels.Length} and {result.Length} intensities; expected {Pixels}.");
        var draw = AugmentationDraw.Of(_spec, _seed, epoch, example);
        var map = SourceMap.Of(draw, _height, _width);
        _elastic?.Draw(_seed, epoch, example);
        if (_elastic is null && map == SourceMap.Identity)
            pixels.CopyTo(result);
        else
            _resampling.Run(pixels, map, _elastic, result);
        if (_noise > 0)
            PixelNoise.Add(result, _noise, _seed, epoch, example);
        if (_spec.Cutout > 0)
            CutOut(draw, result);
    }

    private void CutOut(in AugmentationDraw draw, Span<byte> pixels)
    {
        int side = _spec.Cutout;
        int left = AugmentationDraw.Below(draw.HoleX, _width) - side / 2, top = AugmentationDraw.Below(draw.HoleY, _height) - side / 2;
        int right = Math.Min(left + side, _width), bottom = Math.Min(top + side, _height);
        left = Math.Max(left, 0);
        for (int y = Math.Max(top, 0); y < bottom; y++)
            pixels[((y * _width + left) * _channels)..((y * _width + right) * _channels)].Clear();
    }
}
