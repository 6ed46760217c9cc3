using SkiaSharp;

namespace Lockstep.Cli.Tests;

/// <summary>Pictures as files.</summary>
internal static class TestPictures
{
    /// <summary>Writes a PNG whose pixels a function gives.</summary>
    public static string Write(
        string path, int width, int height, Func<int, int, SKColor> color, SKEncodedImageFormat format = SKEncodedImageFormat.Png)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Pixels = [.. Enumerable.Range(0, width * height).Select(p => color(p % width, p / width))];
        using SKData data = bitmap.Encode(format, quality: 100);
        File.WriteAllBytes(path, data.ToArray());
        return path;
    }

    /// <summary>A dark bar on white paper.</summary>
    public static string WriteBar(string path, int width = 60, int height = 90) =>
        Write(
            path, width, height,
            (x, y) => x > width / 3 && x < width / 2 && y > height / 9 && y < height * 4 / 5 ? SKColors.Black : SKColors.White);
}
