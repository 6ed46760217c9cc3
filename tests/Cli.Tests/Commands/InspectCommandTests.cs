using System.Text.Json;
using Lockstep.Cli.Terminal;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Commands;

public sealed class InspectCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_WeightsImage_HasAPictureForEveryUnitInBlueAndRed()
    {
        string file = _folder.File("weights.png");

        CommandRun run = await CommandRun.RunAsync(["inspect", trained.Run, "--weights-image", file, "--json"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        _ = JsonDocument.Parse(run.Out);
        Assert.Contains("layer0/weights, 5 units", run.Error);
        using SKBitmap picture = SKBitmap.Decode(file);
        Assert.True(picture.Width >= 3 * 56 && picture.Height >= 2 * 56, $"{picture.Width} x {picture.Height}");
        Assert.Contains(picture.Pixels, pixel => pixel is { Red: < 60, Blue: > 150 });
        Assert.Contains(picture.Pixels, pixel => pixel is { Red: > 150, Blue: < 60 });
    }

    [Fact]
    public async Task Inspect_HistogramsImage_HasBarsAndText()
    {
        string file = _folder.File("histograms.png");

        CommandRun run = await CommandRun.RunAsync(["inspect", trained.Checkpoint, "--histograms-image", file]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("histograms of 4 parameters", run.Error);
        using SKBitmap picture = SKBitmap.Decode(file);
        Assert.Equal((960, 520), (picture.Width, picture.Height));
        Assert.Contains(picture.Pixels, pixel => pixel == new SKColor(0x1d, 0x4e, 0xd8));

        // The titles: without a font the strip above the plots would be empty.
        Assert.Contains(Enumerable.Range(0, 960 * 24).Select(p => picture.GetPixel(p % 960, p / 960)), pixel => pixel.Red < 100);
    }

    [Fact]
    public async Task Inspect_BatchNormalisation_ItsStatisticsAreAveragesAndTooFewExamplesAreTold()
    {
        string run = _folder.File("normal");
        CommandRun training = await TinyRun.CoordinateAsync(
            "--data-dir", trained.Images, "--dataset", "mnist", "--batch-size", "8", "--shards", "4", "--epochs", "1",
            "--model", "784-4-bn-2", "--out", run);
        CommandRun inspection = await CommandRun.RunAsync(["inspect", run]);

        Assert.Contains("8 examples in 4 shards are as few as 2 in one", training.Error, StringComparison.Ordinal);
        Assert.Matches(@"norm0/scale +\[4\] +yes ", inspection.Out);
        Assert.Matches(@"norm0/mean +\[4\] +average ", inspection.Out);
        Assert.Matches(@"norm0/variance +\[4\] +average ", inspection.Out);
    }

    [Fact]
    public async Task Inspect_WeightsOnNoSquareImage_IsRefused()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["inspect", DigitModel.Save(_folder, "10-3"), "--weights-image", _folder.File("weights.png")]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("takes 10 values, which are no square image", run.Error);
        Assert.False(File.Exists(_folder.File("weights.png")));
    }
}
