using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Data.Preparing;

/// <summary>Makes the inputs of a model from images.</summary>
internal static class ImageInputs
{
    // Enough images that a task is worth its start, few enough that all cores have one.
    private const int Block = 256;

    /// <summary>The size that images have, or are to be resized to.</summary>
    /// <param name="images">At least one image.</param>
    /// <param name="size">What the user says; null takes the size of the first.</param>
    /// <param name="isColour">Whether an image after the first was found to have colours.</param>
    public static ImageSpec SpecOf(RawImages images, ImageSize? size, bool isColour)
    {
        Pixels first = images.Read(0);
        int channels = size?.Channels ?? (isColour ? 3 : first.Channels);
        var spec = new ImageSpec(size?.Height ?? first.Height, size?.Width ?? first.Width, channels, IsResized: size is not null);
        if (!ImageSet.IsSize(spec.Height, spec.Width, spec.Channels))
            throw new DatasetException(
                $"'{images.NameOf(0)}' has {first.Height} x {first.Width} pixels (height x width) in {channels} channels; images "
                + $"of at most {ImageSet.MaxPixels:N0} values can be trained on. Have them resized with "
                + "--image-size, such as --image-size 64x64.");
        return spec;
    }

    /// <summary>The images of parts, one part after the other. Reads in parallel; the result does not depend on the processors.</summary>
    /// <param name="spec">Size of the result.</param>
    /// <param name="isOfModel">Whether the size is that of a trained model.</param>
    /// <param name="mayBeGrey">Whether pictures with colours are made grey where <paramref name="spec"/> is grey.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="progress">Told what is read, from any thread.</param>
    /// <returns>The images; null if one has colours, <paramref name="spec"/> is grey, and that is not allowed.</returns>
    /// <exception cref="DatasetException">An image has another size, or is damaged.</exception>
    public static ImageSet? Of(ImageSpec spec, bool isOfModel, bool mayBeGrey, IReadOnlyList<Part> parts, Action<string>? progress)
    {
        var all = new ImageSetBuilder(spec.Height, spec.Width, spec.Channels);
        foreach (Part part in parts)
        {
            if (Read(part, spec, isOfModel, mayBeGrey, progress) is not { } blocks)
                return null;
            foreach (ImageSetBuilder block in blocks)
                all.AddImages(block);
        }

        return all.ToImageSet();
    }

    private static ImageSetBuilder[]? Read(Part part, ImageSpec spec, bool isOfModel, bool mayBeGrey, Action<string>? progress)
    {
        var images = (RawImages)part.Raw;
        var blocks = new ImageSetBuilder[(part.Rows.Length + Block - 1) / Block];
        int done = 0;
        bool hasColour = false;
        Blocks.ForEach(blocks.Length, block =>
        {
            int first = block * Block, count = Math.Min(Block, part.Rows.Length - first);
            blocks[block] = new ImageSetBuilder(spec.Height, spec.Width, spec.Channels);
            foreach (int row in part.Rows.AsSpan(first, count))
            {
                if (Volatile.Read(ref hasColour))
                    return;
                Pixels pixels = images.Read(row);
                if (pixels.Channels > spec.Channels && !mayBeGrey)
                    Volatile.Write(ref hasColour, true);
                else
                    blocks[block].AddImages(Fit(pixels, spec, isOfModel, images.NameOf, row), [part.Labels[row]]);
            }

            progress?.Invoke($"reading '{part.Raw.Source}': {Format.Count(Interlocked.Add(ref done, count))} of "
                + $"{Format.Count(part.Rows.Length)} images");
        });
        return hasColour ? null : blocks;
    }

    /// <summary>The intensities of one image in the size of a model's inputs.</summary>
    /// <param name="pixels">The image.</param>
    /// <param name="spec">The size.</param>
    /// <param name="isOfModel">Whether the size is that of a trained model; otherwise the other images have it.</param>
    /// <param name="nameOf">Name of an image.</param>
    /// <param name="image">Its index.</param>
    /// <exception cref="DatasetException">It has another size and must not be resized.</exception>
    public static byte[] Fit(Pixels pixels, ImageSpec spec, bool isOfModel, Func<int, string> nameOf, int image)
    {
        if (!spec.IsResized && (pixels.Height != spec.Height || pixels.Width != spec.Width))
            throw new DatasetException(
                $"'{nameOf(image)}' has {pixels.Height} x {pixels.Width} pixels (height x width), but " + (isOfModel
                    ? $"the model takes {spec.Height} x {spec.Width}, as all had that it was trained on. Resize it first; a model that was "
                        + $"trained with --image-size {spec.Height}x{spec.Width} takes all sizes."
                    : $"others have {spec.Height} x {spec.Width}. Have all resized with --image-size {spec.Height}x{spec.Width}."));
        return PictureSize.Fit(pixels, spec.Height, spec.Width, spec.Channels).Values;
    }
}
