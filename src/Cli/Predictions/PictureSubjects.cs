using System.Runtime.InteropServices;
using Lockstep.Cli.Options;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Drawings;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Predictions;

/// <summary>Pictures of the user's, made into what a network sees.</summary>
internal static class PictureSubjects
{
    /// <summary>Finds out why a model cannot look at pictures.</summary>
    /// <returns>The reason; null if it can.</returns>
    public static string? ProblemOf(TrainedModel model)
    {
        const int pixels = MnistFrame.Size * MnistFrame.Size;
        if (model.Run.Data.Preparation?.Inputs is TableSpec)
            return $"{PredictOptions.Images.Name}: the model of {model.Path} was trained on rows of a table. Give it a table with "
                + $"{PredictOptions.Rows.Name} {PredictOptions.Rows.Placeholder}.";
        return model.Run.Data.Preparation is not null || model.Model.Inputs == pixels
            ? null
            : $"{PredictOptions.Images.Name}: the model {model.Model} of {model.Path} takes {Format.Count(model.Model.Inputs)} values; "
                + $"pictures are made into {MnistFrame.Size} x {MnistFrame.Size} = {pixels} pixels. Use a model with {pixels} inputs.";
    }

    /// <summary>
    /// Reads a picture. For a model of the user's own pictures it is prepared as these were; for others its drawing is cut out, scaled and
    /// centred as MNIST's images are.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">A PNG or JPEG file.</param>
    /// <param name="asIs">Whether it already is an image as MNIST's, to be taken as it is.</param>
    /// <exception cref="RequestException">It is blank, or has not the size that it must have.</exception>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    public static Subject Read(TrainedModel model, string path, bool asIs) =>
        new(path, model.Run.Data.Preparation is null ? ReadDrawing(path, asIs) : model.ReadPicture(path)) { File = path };

    /// <summary>Reads a drawing as an image like MNIST's.</summary>
    internal static ImageSet ReadDrawing(string path, bool asIs)
    {
        RgbaPicture picture = PictureFile.ReadRgba(path);
        byte[] pixels = asIs ? Untouched(picture, path) : Framed(picture, path);
        return ImageSet.FromDense(pixels, [0], MnistFrame.Size, MnistFrame.Size);
    }

    private static byte[] Framed(RgbaPicture picture, string path)
    {
        // In the picture's own memory, which is as large.
        Span<float> ink = MemoryMarshal.Cast<byte, float>(picture.Rgba.AsSpan());
        return Ink.TryFind(picture.Rgba, picture.Width, picture.Height, ink)
            ? MnistFrame.Fit(ink, picture.Width, picture.Height)
            : throw new RequestException(
            $"'{path}' is blank: nothing in it differs from its background by {Ink.LeastContrast:P0} of the way from black to white. "
                + "Draw with more contrast, or give another picture.");
    }

    private static byte[] Untouched(RgbaPicture picture, string path)
    {
        if (picture.Width != MnistFrame.Size || picture.Height != MnistFrame.Size)
        {
            throw new RequestException($"'{path}' has {picture.Width:N0} x {picture.Height:N0} pixels; {PredictOptions.AsIs.Name} takes "
                + $"pictures of {MnistFrame.Size} x {MnistFrame.Size}. "
                + $"Leave {PredictOptions.AsIs.Name} out to have it scaled.");
        }

        return Ink.Grey(picture.Rgba);
    }
}
