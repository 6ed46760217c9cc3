using System.Globalization;
using Lockstep.Model.Data;
using Lockstep.Model.Evaluation;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>
/// A picture of images that were told wrong: below each what it is, what was said and how surely, and its number in the set.
/// </summary>
internal static class MistakesSheet
{
    // In pixels of the picture.
    private const int Scale = 3, Gap = 14, CaptionHeight = 38, AnswerSize = 16, NameSize = 13, NumberSize = 11;
    private const int Columns = 10, MostWidth = 1200, LongestName = 32;

    // Two digits, an arrow and the probability stand in one line; names have a line each, as wide as the longest is.
    private const int NarrowCell = 84, LongestNarrow = 2;
    private const string Arrow = "→ ";

    /// <summary>Draws them as a PNG, in the order given.</summary>
    /// <param name="images">The set that was evaluated.</param>
    /// <param name="mistakes">Any number of them.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static byte[] Draw(ImageSet images, IReadOnlyList<Mistake> mistakes, Func<int, string> nameOf)
    {
        bool areShort = mistakes.All(
            mistake => nameOf(mistake.Label).Length <= LongestNarrow && nameOf(mistake.Answer).Length <= LongestNarrow);
        int caption = areShort ? 0 : (int)Math.Ceiling(mistakes.Max(mistake => Math.Max(
            Picture.WidthOf(Shortened(nameOf(mistake.Label)), NameSize),
            Picture.WidthOf(Arrow + Shortened(nameOf(mistake.Answer)), NameSize))));
        caption = Math.Max(NarrowCell, caption + 2); // A letter may reach beyond its width, to either side.
        int cellWidth = Math.Max(caption, images.Width * Scale) + Gap;
        int cellHeight = images.Height * Scale + CaptionHeight + (areShort ? 0 : AnswerSize) + Gap;
        int columns = Math.Clamp(mistakes.Count, 1, Math.Clamp(MostWidth / cellWidth, 1, Columns));
        int rows = Math.Max(1, (mistakes.Count + columns - 1) / columns);
        using var picture = new Picture(Math.Max(2 * NarrowCell, columns * cellWidth) + Gap, rows * cellHeight + Gap, Palette.Paper);
        if (mistakes.Count == 0)
            _ = picture.Write("no mistakes", Gap, Gap + AnswerSize, AnswerSize, Palette.Caption);
        byte[] pixels = new byte[images.Pixels];
        for (int i = 0; i < mistakes.Count; i++)
        {
            Mistake mistake = mistakes[i];
            int left = Gap + i % columns * cellWidth, top = Gap + i / columns * cellHeight;
            int middle = left + (cellWidth - Gap) / 2, imageLeft = middle - images.Width * Scale / 2;
            picture.Fill(imageLeft - 1, top - 1, images.Width * Scale + 2, images.Height * Scale + 2, Palette.Faint);
            picture.Fill(imageLeft, top, images.Width * Scale, images.Height * Scale, Palette.Paper);
            images.CopyPixels(mistake.Image, pixels);
            picture.DrawImage(images, pixels, imageLeft, top, Scale);
            (int x, int y) = (middle - caption / 2, top + images.Height * Scale);
            if (areShort)
                DrawCaption(picture, mistake, nameOf, x, y);
            else
                DrawNames(picture, mistake, nameOf, x, y, caption);
        }

        return picture.ToPng();
    }

    private static string Shortened(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    private static void DrawCaption(Picture picture, Mistake mistake, Func<int, string> nameOf, float x, float top)
    {
        float left = x, y = top + 14;
        x += picture.Write(nameOf(mistake.Label), x, y, AnswerSize, Palette.Right) + 3;
        x += picture.Write("→", x, y, AnswerSize, Palette.Caption) + 3;
        _ = picture.Write(nameOf(mistake.Answer), x, y, AnswerSize, Palette.Wrong);
        _ = picture.Write(Percent(mistake), left + NarrowCell, y, NumberSize, Palette.Wrong, SKTextAlign.Right);
        _ = picture.Write($"#{mistake.Image}", left, y + AnswerSize, NumberSize, Palette.Caption);
    }

    private static void DrawNames(Picture picture, Mistake mistake, Func<int, string> nameOf, float x, float top, int width)
    {
        float y = top + 14;
        x++; // For letters that begin left of their place.
        width--;
        _ = picture.Write(Shortened(nameOf(mistake.Label)), x, y, NameSize, Palette.Right);
        float arrow = picture.Write(Arrow, x, y + AnswerSize, NameSize, Palette.Caption);
        _ = picture.Write(Shortened(nameOf(mistake.Answer)), x + arrow, y + AnswerSize, NameSize, Palette.Wrong);
        _ = picture.Write($"#{mistake.Image}", x, y + 2 * AnswerSize, NumberSize, Palette.Caption);
        _ = picture.Write(Percent(mistake), x + width, y + 2 * AnswerSize, NumberSize, Palette.Wrong, SKTextAlign.Right);
    }

    private static string Percent(Mistake mistake) => (mistake.AnswerProbability * 100).ToString("F0", CultureInfo.InvariantCulture) + "%";
}
