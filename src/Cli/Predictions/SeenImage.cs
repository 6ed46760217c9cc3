using System.Text;
using Lockstep.Model.Data;
using Lockstep.Model.Data.Pictures;

namespace Lockstep.Cli.Predictions;

/// <summary>How an image can be shown in a terminal.</summary>
internal enum Shading
{
    /// <summary>Characters of ASCII, darker ones for more light.</summary>
    Ascii,

    /// <summary>Shaded blocks.</summary>
    Blocks,

    /// <summary>Half blocks in greys of the 256-colour palette: every pixel of its own.</summary>
    Greys,
}

/// <summary>An image in lines of text; one line holds two rows of pixels, because characters are about twice as high as wide.</summary>
internal static class SeenImage
{
    private const string AsciiRamp = " .:-=+*#%@", BlockRamp = " ░▒▓█";
    private const int FirstGrey = 232, Greys = 24;

    /// <summary>The lines of a set's first image; colours are shown as grey.</summary>
    /// <param name="images">The set.</param>
    /// <param name="shading">How.</param>
    public static IReadOnlyList<string> Lines(ImageSet images, Shading shading)
    {
        byte[] pixels = new byte[images.Pixels];
        images.CopyPixels(0, pixels);
        if (images.Channels == 3)
        {
            byte[] grey = new byte[images.Height * images.Width];
            PixelGrey.FromRgb(pixels, grey);
            pixels = grey;
        }

        return Lines(pixels, images.Width, shading);
    }

    /// <summary>The lines; each shows as many columns as the image has.</summary>
    /// <param name="pixels">[rows, columns] intensities.</param>
    /// <param name="columns">Pixels of a row.</param>
    /// <param name="shading">How.</param>
    public static IReadOnlyList<string> Lines(ReadOnlySpan<byte> pixels, int columns, Shading shading)
    {
        var lines = new List<string>();
        for (int start = 0; start < pixels.Length; start += 2 * columns)
        {
            ReadOnlySpan<byte> upper = pixels.Slice(start, columns),
            lower = start + columns < pixels.Length ? pixels.Slice(start + columns, columns) : [];
            var line = new StringBuilder();
            for (int x = 0; x < columns; x++)
            {
                byte below = lower.IsEmpty ? (byte)0 : lower[x];
                if (shading == Shading.Greys)
                    _ = line.Append($"\e[38;5;{Grey(upper[x])};48;5;{Grey(below)}m▀");
                else
                    _ = line.Append(Character(shading == Shading.Blocks ? BlockRamp : AsciiRamp, (upper[x] + below) / 2));
            }

            lines.Add(shading == Shading.Greys ? line.Append("\e[0m").ToString() : line.ToString());
        }

        return lines;
    }

    private static int Grey(byte value) => FirstGrey + value * (Greys - 1) / byte.MaxValue;

    // Every pixel above zero shows.
    private static char Character(string ramp, int value) => ramp[(value * (ramp.Length - 1) + byte.MaxValue - 1) / byte.MaxValue];
}
