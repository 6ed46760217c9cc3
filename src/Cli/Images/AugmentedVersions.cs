using Lockstep.Model.Augmenting;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Cli.Images;

/// <summary>What augmentation makes of an image, epoch after epoch.</summary>
internal static class AugmentedVersions
{
    /// <summary>The first image of each class that has any: as it is, and as it is in the first epochs.</summary>
    /// <param name="images">The training images, from the first on.</param>
    /// <param name="spec">The strengths.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="versions">Images of a class, the original one included.</param>
    public static ImageSet Of(ImageSet images, AugmentationSpec spec, ulong seed, int versions)
    {
        var augmenter = new ImageAugmenter(spec, images.Height, images.Width, images.Channels, seed);
        var builder = new ImageSetBuilder(images.Height, images.Width, images.Channels);
        byte[] original = new byte[images.Pixels], changed = new byte[images.Pixels];
        var seen = new HashSet<byte>();
        for (int image = 0; image < images.Count; image++)
        {
            byte label = images.Labels[image];
            if (!seen.Add(label))
                continue;
            images.CopyPixels(image, original);
            builder.AddImages(original, [label]);
            for (int epoch = 0; epoch < versions - 1; epoch++)
            {
                augmenter.Apply(original, epoch, image, changed);
                builder.AddImages(changed, [label]);
            }
        }

        return builder.ToImageSet();
    }
}
