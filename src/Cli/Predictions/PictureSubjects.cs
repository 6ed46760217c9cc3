using System.Runtime.InteropServices;
using Lockstep.Cli.Options;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Drawings;

namespace Lockstep.Cli.Predictions;

/// <summary>Pictures of the user's, made into what the network sees.</summary>
internal static class PictureSubjects
{
    /// <summary>Reads a picture, and cuts, scales and centres its drawing as MNIST's images are.</summary>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="asIs">Whether it already is such an image, to be taken as it is.</param>
    /// <exception cref="RequestException">It cannot be read, is blank, or is not 28 x 28 pixels to be taken as they are.</exception>
    public static Subject Read(string path, bool asIs)
    {
        RgbaPicture image = Decode(path);
        return new Subject(path, asIs ? Untouched(image, path) : Framed(image, path)) { File = path };
    }

    private static RgbaPicture Decode(string path)
    {
        try
        {
            return PictureFile.ReadRgba(path);
        }
        catch (DatasetException e)
        {
            throw new RequestException(e.Message, e);
        }
    }

    private static byte[] Framed(RgbaPicture image, string path)
    {
        // In the picture's own memory, which is as large.
        Span<float> ink = MemoryMarshal.Cast<byte, float>(image.Rgba.AsSpan());
        return Ink.TryFind(image.Rgba, image.Width, image.Height, ink)
            ? MnistFrame.Fit(ink, image.Width, image.Height)
            : throw new RequestException(
            $"'{path}' is blank: nothing in it differs from its background by {Ink.LeastContrast:P0} of the way from black to white. "
                + "Draw with more contrast, or give another picture.");
    }

    private static byte[] Untouched(RgbaPicture image, string path)
    {
        if (image.Width != MnistFrame.Size || image.Height != MnistFrame.Size)
        {
            throw new RequestException($"'{path}' has {image.Width:N0} x {image.Height:N0} pixels; {PredictOptions.AsIs.Name} takes "
                + $"pictures of {MnistFrame.Size} x {MnistFrame.Size}. "
                + $"Leave {PredictOptions.AsIs.Name} out to have it scaled.");
        }

        return Ink.Grey(image.Rgba);
    }
}
