using System.Runtime.Intrinsics;
using Lockstep.Model.Random;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Augmenting;

/// <summary>
/// What becomes of one image in one epoch, except for elastic displacement and noise. Each number comes from a word of its own of the
/// Philox blocks with the counter (block, example, epoch, augmentation), so none depends on which others are used.
/// </summary>
/// <param name="ShiftX">Shift to the right, in pixels.</param>
/// <param name="ShiftY">Shift downwards, in pixels.</param>
/// <param name="Degrees">Rotation, clockwise as the image is seen.</param>
/// <param name="Factor">Factor of the size.</param>
/// <param name="IsFlipped">Whether left and right are swapped.</param>
/// <param name="IsVerticallyFlipped">Whether top and bottom are swapped.</param>
/// <param name="HoleX">Centre of the cutout as a share of the width, in units of 1 / 2^32.</param>
/// <param name="HoleY">Centre of the cutout as a share of the height, likewise.</param>
internal readonly record struct AugmentationDraw(
    int ShiftX, int ShiftY, double Degrees, double Factor, bool IsFlipped, bool IsVerticallyFlipped, uint HoleX, uint HoleY)
{
    // Last word of the counter: the part of an augmentation.
    private const int Map = 0, ElasticPart = 1, NoisePart = 2;

    /// <summary>Tag of the displacements of an elastic field.</summary>
    public static uint ElasticTag { get; } = Philox4x32.Tag(RandomPurpose.Augmentation, ElasticPart);

    /// <summary>Tag of noise.</summary>
    public static uint NoiseTag { get; } = Philox4x32.Tag(RandomPurpose.Augmentation, NoisePart);

    /// <summary>Draws for an image.</summary>
    /// <param name="spec">The strengths.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="example">Index of the image in the training set.</param>
    public static AugmentationDraw Of(AugmentationSpec spec, ulong seed, int epoch, int example)
    {
        uint tag = Philox4x32.Tag(RandomPurpose.Augmentation, Map);
        Vector128<uint> first = Philox4x32.Block(0, (uint)example, (uint)epoch, tag, seed);
        Vector128<uint> second = Philox4x32.Block(1, (uint)example, (uint)epoch, tag, seed);
        return new AugmentationDraw(
            Below(first[0], 2 * spec.Shift + 1) - spec.Shift,
            Below(first[1], 2 * spec.Shift + 1) - spec.Shift,
            Signed(first[2]) * spec.Rotate,
            1.0 + Signed(first[3]) * spec.Scale,
            second[0] < spec.Flip * 4294967296.0,
            second[1] < spec.VerticalFlip * 4294967296.0,
            second[2],
            second[3]);
    }

    /// <summary>A number in [-1, 1) from a word.</summary>
    public static double Signed(uint word) => (int)word / 2147483648.0;

    /// <summary>A whole number in [0, range) from a word, by multiply and shift.</summary>
    public static int Below(uint word, int range) => (int)((ulong)word * (uint)range >> 32);
}
