using System.Globalization;
using Lockstep.Model.Evaluation;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>A confusion matrix as a picture: the diagonal in blue, confusions in red, each as strong as its share of the row.</summary>
internal static class ConfusionPicture
{
    // In pixels of the picture.
    private const int LargestCell = 52, SmallestCell = 6, Side = 620, Margin = 64, RightMargin = 24, Gap = 1;
    private const int LabelSize = 15, TitleSize = 14;
    private const int LeastCellWithText = 26;

    // In letters; longer names need a wider margin, and stand upright above the columns.
    private const int ShortName = 3, LongestName = 24, LetterWidth = 9;

    /// <summary>Draws it as a PNG.</summary>
    /// <param name="confusion">What was said of what.</param>
    /// <param name="nameOf">Name of a class.</param>
    public static byte[] Draw(ConfusionMatrix confusion, Func<int, string> nameOf)
    {
        int cell = Math.Clamp(Side / confusion.Classes, SmallestCell, LargestCell), side = confusion.Classes * cell;
        string[] names = [.. Enumerable.Range(0, confusion.Classes).Select(label => Shortened(nameOf(label)))];
        int margin = Margin + Math.Max(0, names.Max(name => name.Length) - ShortName) * LetterWidth;
        bool areLong = names.Any(name => name.Length > ShortName);
        using var picture = new Picture(margin + side + RightMargin, margin + side + RightMargin, Palette.Paper);
        _ = picture.Write("what was said →", margin, 16, TitleSize, Palette.Caption);
        _ = picture.Write("is", 14, margin + side / 2f, TitleSize, Palette.Caption);
        for (int label = 0; label < confusion.Classes; label++)
        {
            long images = confusion.Images(label);
            int top = margin + label * cell;
            if (cell >= LeastCellWithText || label % 10 == 0)
            {
                _ = picture.Write(names[label], margin - 10, top + cell / 2f, LabelSize, Palette.Ink, SKTextAlign.Right);
                if (areLong)
                    picture.WriteUp(names[label], top + cell / 2f, margin - 10, LabelSize, Palette.Ink);
                else
                    _ = picture.Write(names[label], top + cell / 2f, margin - 14, LabelSize, Palette.Ink, SKTextAlign.Center);
            }

            for (int answer = 0; answer < confusion.Classes; answer++)
                DrawCell(picture, margin + answer * cell, top, cell, confusion[label, answer], images, label == answer);
        }

        return picture.ToPng();
    }

    private static string Shortened(string name) => name.Length <= LongestName ? name : name[..(LongestName - 1)] + "…";

    // The cube root makes rare confusions visible.
    private static void DrawCell(Picture picture, int left, int top, int size, long count, long images, bool isRight)
    {
        double share = images == 0 ? 0 : (double)count / images, strength = isRight ? share : Math.Cbrt(share);
        SKColor color = Palette.Blend(Palette.Faint, isRight ? Palette.Strong : Palette.Wrong, strength);
        picture.Fill(left, top, size - Gap, size - Gap, color);
        if (count == 0 || size < LeastCellWithText)
            return;
        string text = count.ToString(CultureInfo.InvariantCulture);
        float letters = Math.Min(size * 0.34f, size * 1.5f / text.Length);
        _ = picture.Write(
            text, left + size / 2f, top + size / 2f, letters, strength > 0.45 ? Palette.Paper : Palette.Ink, SKTextAlign.Center);
    }
}
