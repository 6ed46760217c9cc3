using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Data;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Predictions;

/// <summary>Digits that a network knows, drawn into pictures of other sizes and colours, are still what they are.</summary>
public sealed class RoundTripTests : IDisposable
{
    private const int Digits = 120, Side = 28;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("as it is")]
    [InlineData("dark on light, five times as large, in a corner of a large sheet")]
    [InlineData("black on nothing, three times as large")]
    [InlineData("on grey paper, smaller")]
    [InlineData("photographed, with the edge of a shadow and grain")]
    [InlineData("scanned, with a part of a frame")]
    [InlineData("chalk on a board in uneven light")]
    public async Task Predict_DigitsAsPictures_FindsNearlyAsManyAsInTheDataSet(string kind)
    {
        string checkpoint = DigitModel.Save(_folder);
        var images = (ImageSet)DigitModel.Data.Test.Slice(0, Digits);
        string[] files = [.. Enumerable.Range(0, Digits).Select(digit => Write(images, digit, kind))];

        CommandRun run = await CommandRun.RunAsync(["predict", checkpoint, "--json", "--image", .. files]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        using var result = JsonDocument.Parse(run.Out);
        int[] answers = [.. result.RootElement.GetProperty("predictions").EnumerateArray().Select(
            prediction => prediction.GetProperty("answer").GetInt32())];
        int right = answers.Zip(images.Labels.ToArray()).Count(pair => pair.First == pair.Second);
        int known = DigitModel.CountRight(images);
        Assert.True(known > Digits * 0.85, $"of the data set's own images {known} of {Digits} are right");
        Assert.True(right >= known - 4, $"{right} are right, of the data set's own images {known}");
    }

    private string Write(ImageSet images, int digit, string kind)
    {
        byte[] pixels = new byte[images.Pixels];
        images.CopyPixels(digit, pixels);
        string path = _folder.File($"{digit}.png");
        return kind[0] switch
        {
            'a' => TestPictures.Write(path, Side, Side, (x, y) => Grey(At(pixels, x, y))),
            'd' => TestPictures.Write(path, 300, 200, (x, y) => Grey((byte)(255 - At(pixels, (x - 150) / 5, (y - 55) / 5)))),
            'b' => TestPictures.Write(path, Side * 3, Side * 3, (x, y) => new SKColor(0, 0, 0, At(pixels, x / 3, y / 3))),
            'p' => TestPictures.Write(
                path, 200, 240,
                (x, y) => Grey((byte)((x * 7919 + y * 104_729) % 13 + (210 - 90 * Math.Clamp((x + y - 200) / 20.0, 0, 1))
                    * (1 - At(pixels, (x - 30) / 5, (y - 50) / 5) / 300.0))),
                SKEncodedImageFormat.Jpeg),
            's' => TestPictures.Write(
                path, 200, 200, (x, y) => Grey(x < 6 || y > 193 ? (byte)20 : (byte)(240 - At(pixels, (x - 30) / 5, (y - 30) / 5) * 0.8))),
            'c' => TestPictures.Write(
                path, 200, 200, (x, y) => Grey((byte)(70 - x / 5 + At(pixels, (x - 30) / 5, (y - 30) / 5) * 0.6)),
                SKEncodedImageFormat.Webp),
            _ => TestPictures.Write(path, 24, 24, (x, y) => Grey((byte)(160 - At(pixels, x + 2, y + 2) * 0.6))),
        };
    }

    private static byte At(byte[] pixels, int x, int y) => x is >= 0 and < Side && y is >= 0 and < Side ? pixels[y * Side + x] : (byte)0;

    private static SKColor Grey(byte value) => new(value, value, value);
}
