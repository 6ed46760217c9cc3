using System.Text;
using Lockstep.Model.Data;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>A picture to draw on: opaque, in pixels from the upper left corner. Only text is smoothed.</summary>
internal sealed class Picture : IDisposable
{
    private static readonly Lazy<SKTypeface> Typeface = new(LoadTypeface);

    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly SKPaint _fill = new() { IsAntialias = false };
    private readonly SKPaint _ink = new() { IsAntialias = true };

    /// <summary>A sheet of paper.</summary>
    public Picture(int width, int height, SKColor paper)
    {
        _bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        _canvas = new SKCanvas(_bitmap);
        _canvas.Clear(paper);
    }

    /// <summary>The font of all pictures: our own, because a machine without a screen may have none.</summary>
    public static SKTypeface Font => Typeface.Value;

    /// <summary>Fills a rectangle.</summary>
    public void Fill(int left, int top, int width, int height, SKColor color)
    {
        _fill.Color = color;
        _canvas.DrawRect(left, top, width, height, _fill);
    }

    /// <summary>Writes a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="x">Its left end, middle or right end, as <paramref name="align"/> says.</param>
    /// <param name="y">The middle of its digits.</param>
    /// <param name="size">Size of the letters.</param>
    /// <param name="color">Colour.</param>
    /// <param name="align">Which part of it is at <paramref name="x"/>.</param>
    /// <returns>Its width.</returns>
    public float Write(string text, float x, float y, float size, SKColor color, SKTextAlign align = SKTextAlign.Left)
    {
        using SKFont font = FontOf(text, size);
        _ink.Color = color;
        _canvas.DrawText(text, x, y + size * 0.365f, align, font, _ink);
        return font.MeasureText(text);
    }

    /// <summary>Width of a line.</summary>
    public static float WidthOf(string text, float size)
    {
        using SKFont font = FontOf(text, size);
        return font.MeasureText(text);
    }

    private static SKFont FontOf(string text, float size) =>
        new(TypefaceOf(text), size) { Subpixel = true, Edging = SKFontEdging.Antialias };

    // A letter that no font of the machine has becomes a box.
    private static SKTypeface TypefaceOf(string text)
    {
        foreach (Rune letter in text.EnumerateRunes())
        {
            if (Font.GetGlyph(letter.Value) == 0)
                return SKFontManager.Default.MatchCharacter(letter.Value) ?? Font;
        }

        return Font;
    }

    /// <summary>Writes a line that runs upwards.</summary>
    /// <param name="text">The line.</param>
    /// <param name="x">The middle of its digits.</param>
    /// <param name="y">Its lower end.</param>
    /// <param name="size">Size of the letters.</param>
    /// <param name="color">Colour.</param>
    public void WriteUp(string text, float x, float y, float size, SKColor color)
    {
        _ = _canvas.Save();
        _canvas.RotateDegrees(-90, x, y);
        _ = Write(text, x, y, size, color);
        _canvas.Restore();
    }

    /// <summary>Draws pixels of three channels, each as a square in its colour.</summary>
    /// <param name="pixels">[pixels, 3] red, green and blue.</param>
    /// <param name="columns">Pixels of a row.</param>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Upper edge.</param>
    /// <param name="scale">Side of a square.</param>
    public void DrawColour(ReadOnlySpan<byte> pixels, int columns, int left, int top, int scale)
    {
        for (int p = 0; p < pixels.Length / 3; p++)
        {
            var colour = new SKColor(pixels[3 * p], pixels[3 * p + 1], pixels[3 * p + 2]);
            Fill(left + p % columns * scale, top + p / columns * scale, scale, scale, colour);
        }
    }

    /// <summary>Draws an image of a set: grey pixels dark on light, colours as they are.</summary>
    /// <param name="images">The set.</param>
    /// <param name="pixels">The pixels of one of its images.</param>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Upper edge.</param>
    /// <param name="scale">Side of a square.</param>
    public void DrawImage(ImageSet images, ReadOnlySpan<byte> pixels, int left, int top, int scale)
    {
        if (images.Channels == 1)
            DrawGrey(pixels, images.Width, left, top, scale);
        else
            DrawColour(pixels, images.Width, left, top, scale);
    }

    /// <summary>Draws grey pixels dark on light, each as a square; zero leaves the paper.</summary>
    /// <param name="pixels">Intensities, row-major.</param>
    /// <param name="columns">Pixels of a row.</param>
    /// <param name="left">Left edge.</param>
    /// <param name="top">Upper edge.</param>
    /// <param name="scale">Side of a square.</param>
    public void DrawGrey(ReadOnlySpan<byte> pixels, int columns, int left, int top, int scale)
    {
        for (int p = 0; p < pixels.Length; p++)
        {
            if (pixels[p] == 0)
                continue;
            byte grey = (byte)(byte.MaxValue - pixels[p]);
            Fill(left + p % columns * scale, top + p / columns * scale, scale, scale, new SKColor(grey, grey, grey));
        }
    }

    /// <summary>The picture as a PNG file's content.</summary>
    public byte[] ToPng()
    {
        _canvas.Flush();
        using SKData png = _bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    public void Dispose()
    {
        _canvas.Dispose();
        _bitmap.Dispose();
        _fill.Dispose();
        _ink.Dispose();
    }

    private static SKTypeface LoadTypeface()
    {
        using Stream font = typeof(Picture).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(font);
    }
}
