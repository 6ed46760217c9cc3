using BigGustave;
using Lockstep.Model.Data;

namespace Lockstep.Cli.Images;

/// <summary>A picture of many images of a data set for a person to look at: a row per class, dark on light, its label before it.</summary>
internal static class ContactSheet
{
    // Sizes in pixels of the picture, but for the glyphs: 3 x 5 dots each, a bit a dot, the first row on top and its left dot highest.
    private const int Scale = 2;
    private const int Gap = 2;
    private const int DotSize = 4;
    private const int GlyphColumns = 3, GlyphRows = 5;
    private const byte LabelGrey = 128;

    private static readonly ushort[] Glyphs =
    [
        0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_011_001_111, 0b101_101_111_001_001,
        0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_010_010_010, 0b111_101_111_101_111, 0b111_101_111_001_111,
    ];

    /// <summary>Writes the first images of every class as a PNG file; the file appears whole or not at all.</summary>
    /// <param name="images">The images.</param>
    /// <param name="path">Where to; a file that is there is replaced.</param>
    /// <param name="imagesPerClass">Length of a row, at least 1.</param>
    /// <exception cref="IOException">It could not be written; the message is for people.</exception>
    public static void Write(ImageSet images, string path, int imagesPerClass)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerClass, 1);
        string fullPath = Path.GetFullPath(path);
        PngBuilder picture = Draw(images, imagesPerClass);
        string temporary = $"{fullPath}.{Guid.NewGuid():n}.part";
        try
        {
            try
            {
                using (var file = new FileStream(temporary, FileMode.CreateNew))
                    picture.Save(file);
                File.Move(temporary, fullPath, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            string problem = Directory.Exists(Path.GetDirectoryName(fullPath)) ? exception.Message.TrimEnd('.') : "the folder does not exist";
            throw new IOException($"The contact sheet could not be written to '{fullPath}': {problem}. Name a file in a folder that you can write to.", exception);
        }
    }

    private static PngBuilder Draw(ImageSet images, int imagesPerClass)
    {
        List<int>[] rows = Rows(images, imagesPerClass);
        int digits = rows.Max(row => Label(images, row).Length);
        int margin = digits * (GlyphColumns + 1) * DotSize + Gap;
        int cellWidth = images.Width * Scale + Gap, cellHeight = Math.Max(images.Height * Scale, GlyphRows * DotSize) + Gap;
        var canvas = new Canvas(margin + rows.Max(row => row.Count) * cellWidth + Gap, rows.Length * cellHeight + Gap);

        byte[] pixels = new byte[images.Pixels];
        for (int row = 0; row < rows.Length; row++)
        {
            int top = Gap + row * cellHeight;
            DrawLabel(canvas, Label(images, rows[row]), Gap, top + (cellHeight - Gap - GlyphRows * DotSize) / 2);
            for (int column = 0; column < rows[row].Count; column++)
            {
                images.CopyPixels(rows[row][column], pixels);
                DrawImage(canvas, pixels, images.Width, margin + column * cellWidth, top);
            }
        }

        return canvas.ToPng();
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

    private static string Label(ImageSet images, List<int> row) => images.Labels[row[0]].ToString();

    private static void DrawLabel(Canvas canvas, string label, int left, int top)
    {
        for (int i = 0; i < label.Length; i++)
        {
            for (int dot = 0; dot < GlyphColumns * GlyphRows; dot++)
            {
                if ((Glyphs[label[i] - '0'] >> (GlyphColumns * GlyphRows - 1 - dot) & 1) == 0)
                    continue;
                int x = left + (i * (GlyphColumns + 1) + dot % GlyphColumns) * DotSize;
                canvas.Fill(x, top + dot / GlyphColumns * DotSize, DotSize, LabelGrey);
            }
        }
    }

    private static void DrawImage(Canvas canvas, ReadOnlySpan<byte> pixels, int width, int left, int top)
    {
        for (int p = 0; p < pixels.Length; p++)
        {
            if (pixels[p] > 0)
                canvas.Fill(left + p % width * Scale, top + p / width * Scale, Scale, (byte)(255 - pixels[p]));
        }
    }

    /// <summary>
    /// White paper. Handed to <see cref="PngBuilder"/> in one piece, because its <see cref="PngBuilder.SetPixel(Pixel, int, int)"/>
    /// fails once the last pixel of the original background is painted over.
    /// </summary>
    private sealed class Canvas(int width, int height)
    {
        private const int Channels = 4;

        private readonly byte[] _bgra = NewPaper(width * height * Channels);

        public void Fill(int left, int top, int size, byte grey)
        {
            for (int y = top; y < top + size; y++)
                _bgra.AsSpan((y * width + left) * Channels, size * Channels).Fill(grey);
        }

        public PngBuilder ToPng() => PngBuilder.FromBgra32Pixels(_bgra, width, height, useAlphaChannel: false);

        private static byte[] NewPaper(int length)
        {
            byte[] paper = new byte[length];
            Array.Fill(paper, (byte)255);
            return paper;
        }
    }
}
