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
    private const float LowContrast = 0.15f;

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
    /// <param name="path">A PNG, JPEG, GIF, WebP or BMP file.</param>
    /// <param name="asIs">Whether it already is an image as MNIST's, to be taken as it is.</param>
    /// <exception cref="RequestException">It is blank, or has not the size that it must have.</exception>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    public static Subject Read(TrainedModel model, string path, bool asIs) => model.Run.Data.Preparation is null
        ? ReadDrawing(path, asIs)
        : ReadOwn(path, model.ReadPicture(path));

    /// <summary>A picture that was prepared as those of a model of the user's own.</summary>
    internal static Subject ReadOwn(string path, Examples picture) => new(path, picture)
    {
        File = path,
        Warnings = picture is ImageSet image && IsOfOneColour(image)
            ? ["has one single colour: there is nothing in it to tell classes apart by. Give another picture."]
            : [],
    };

    private static bool IsOfOneColour(ImageSet image)
    {
        byte[] pixels = new byte[image.Pixels];
        image.CopyPixels(0, pixels);
        return pixels.AsSpan(image.Channels).SequenceEqual(pixels.AsSpan(0, pixels.Length - image.Channels));
    }

    /// <summary>Reads a drawing as an image like MNIST's.</summary>
    internal static Subject ReadDrawing(string path, bool asIs)
    {
        RgbaPicture picture = PictureFile.ReadRgba(path);
        if (asIs)
            return Of(path, Untouched(picture, path));
        Drawing drawing = Ink.Find(picture.Rgba, picture.Width, picture.Height) ?? throw new RequestException(
            $"'{path}' is blank: nothing in it differs from its background by {Ink.LeastContrast:P0} of the way from black to white. "
                + "Draw with more contrast, or give another picture.");
        return Of(path, MnistFrame.Fit(drawing.Ink, drawing.Width, drawing.Height)) with { Warnings = [.. WarningsOf(drawing)] };
    }

    private static Subject Of(string path, byte[] pixels) =>
        new(path, ImageSet.FromDense(pixels, [0], MnistFrame.Size, MnistFrame.Size)) { File = path };

    private static IEnumerable<string> WarningsOf(Drawing drawing)
    {
        if (drawing.Count > 1)
            yield return $"has {drawing.Count} separate drawings, which the network sees as one digit. Crop them, one picture for each.";
        if (drawing.TouchesBorder)
            yield return "has ink that goes on to its border: a part of the digit may be missing, or a shadow or a frame may be taken for "
                + "ink. Photograph the whole digit with some paper around it, or crop what does not belong to it.";
        if (drawing.Contrast < LowContrast)
            yield return $"has little contrast: its ink differs from the paper by {drawing.Contrast:P0} of the way from black to white. "
                + "Use a darker pen or more light if the drawing below is not yours.";
    }

    private static byte[] Untouched(RgbaPicture picture, string path)
    {
        if (picture.Width != MnistFrame.Size || picture.Height != MnistFrame.Size)
        {
            throw new RequestException($"'{path}' has {picture.Height:N0} x {picture.Width:N0} pixels (height x width); "
                + $"{PredictOptions.AsIs.Name} takes pictures of {MnistFrame.Size} x {MnistFrame.Size}. "
                + $"Leave {PredictOptions.AsIs.Name} out to have it scaled.");
        }

        return Ink.Grey(picture.Rgba);
    }
}
