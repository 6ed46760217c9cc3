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
    private const int Scale = 3, Gap = 14, CaptionHeight = 38, AnswerSize = 16, NumberSize = 11;
    private const int Columns = 10, LongestName = 4;

    // Two digits, an arrow and the probability are narrow; two names and an arrow are wide, and the probability is below them.
    private const int NarrowCell = 84, WideCell = 124, LongestNarrow = 2;

    /// <summary>Draws them as a PNG, in the order given.</summary>
    /// <param name="images">The set that was evaluated.</param>
    /// <param name="mistakes">Any number of them.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static byte[] Draw(ImageSet images, IReadOnlyList<Mistake> mistakes, Func<int, string> nameOf)
    {
        int columns = Math.Clamp(mistakes.Count, 1, Columns), rows = Math.Max(1, (mistakes.Count + columns - 1) / columns);
        bool areShort = mistakes.All(
            mistake => nameOf(mistake.Label).Length <= LongestNarrow && nameOf(mistake.Answer).Length <= LongestNarrow);
        int caption = areShort ? NarrowCell : WideCell;
        int cellWidth = Math.Max(caption, images.Width * Scale) + Gap, cellHeight = images.Height * Scale + CaptionHeight + Gap;
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
            DrawCaption(picture, mistake, nameOf, middle - caption / 2, top + images.Height * Scale, caption);
        }

        return picture.ToPng();
    }

    // Two of these and an arrow fit into a wide cell.
    private static string Shortened(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    private static void DrawCaption(Picture picture, Mistake mistake, Func<int, string> nameOf, float x, float top, int width)
    {
        string percent = (mistake.AnswerProbability * 100).ToString("F0", CultureInfo.InvariantCulture) + "%";
        float left = x, right = x + width, y = top + 14;
        x += picture.Write(Shortened(nameOf(mistake.Label)), x, y, AnswerSize, Palette.Right) + 3;
        x += picture.Write("→", x, y, AnswerSize, Palette.Caption) + 3;
        _ = picture.Write(Shortened(nameOf(mistake.Answer)), x, y, AnswerSize, Palette.Wrong);
        _ = picture.Write(percent, right, width == WideCell ? y + AnswerSize : y, NumberSize, Palette.Wrong, SKTextAlign.Right);
        _ = picture.Write($"#{mistake.Image}", left, y + AnswerSize, NumberSize, Palette.Caption);
    }
}
