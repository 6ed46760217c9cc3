using Lockstep.Model.Data;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>A picture of many images of a data set for a person to look at: a row per class, dark on light, its label before it.</summary>
internal static class ContactSheet
{
    // In pixels of the picture.
    private const int Scale = 2, Gap = 2, LabelSize = 22, DigitWidth = 14;

    /// <summary>Writes the first images of every class as a PNG file; the file appears whole or not at all.</summary>
    /// <param name="images">The images.</param>
    /// <param name="path">Where to; a file that is there is replaced.</param>
    /// <param name="imagesPerClass">Length of a row, at least 1.</param>
    /// <param name="nameOf">Name of a class.</param>
    /// <exception cref="RequestException">It could not be written.</exception>
    public static void Write(ImageSet images, string path, int imagesPerClass, Func<int, string> nameOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerClass, 1);
        WholeFile.Write(path, Draw(images, imagesPerClass, nameOf), "contact sheet");
    }

    private static byte[] Draw(ImageSet images, int imagesPerClass, Func<int, string> nameOf)
    {
        List<int>[] rows = Rows(images, imagesPerClass);
        string[] names = [.. rows.Select(row => nameOf(images.Labels[row[0]]))];
        int margin = names.Max(name => name.Length) * DigitWidth + 2 * Gap;
        int cellWidth = images.Width * Scale + Gap, cellHeight = Math.Max(images.Height * Scale, LabelSize) + Gap;
        using var picture = new Picture(
            margin + rows.Max(row => row.Count) * cellWidth + Gap, rows.Length * cellHeight + Gap, Palette.Paper);
        byte[] pixels = new byte[images.Pixels];
        for (int row = 0; row < rows.Length; row++)
        {
            int top = Gap + row * cellHeight;
            _ = picture.Write(
                names[row], margin / 2f, top + (cellHeight - Gap) / 2f, LabelSize, Palette.Caption, SKTextAlign.Center);
            for (int column = 0; column < rows[row].Count; column++)
            {
                images.CopyPixels(rows[row][column], pixels);
                picture.DrawImage(images, pixels, margin + column * cellWidth, top, Scale);
            }
        }

        return picture.ToPng();
    }

    /// <summary>The first images of each class that has any, by class.</summary>
    private static List<int>[] Rows(ImageSet images, int imagesPerClass)
    {
        var rows = new SortedDictionary<byte, List<int>>();
        for (int image = 0; image < images.Count; image++)
        {
            byte label = images.Labels[image];
            if (!rows.TryGetValue(label, out List<int>? row))
                rows.Add(label, row = []);
            if (row.Count < imagesPerClass)
                row.Add(image);
        }

        return [.. rows.Values];
    }
}
