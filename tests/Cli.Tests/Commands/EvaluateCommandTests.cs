using System.Text.Json;
using Lockstep.Cli.Terminal;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Commands;

public sealed class EvaluateCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Evaluate_Json_HasConsistentNumbers()
    {
        CommandRun run = await CommandRun.RunAsync(["evaluate", trained.Run, "--data-dir", trained.Images, "--split", "train", "--json"]);

        using var result = JsonDocument.Parse(run.Out);
        JsonElement root = result.RootElement;
        int[][] confusion = [.. root.GetProperty("confusion").EnumerateArray().Select(
            row => row.EnumerateArray().Select(count => count.GetInt32()).ToArray())];
        int examples = root.GetProperty("examples").GetInt32();
        Assert.Equal(TinyImages.TrainingImages * 11 / 12, examples);
        Assert.Equal(examples, confusion.Sum(row => row.Sum()));
        Assert.Equal((double)(confusion[0][0] + confusion[1][1]) / examples, root.GetProperty("accuracy").GetDouble(), 1e-9);
        JsonElement first = root.GetProperty("classes")[0];
        Assert.Equal(confusion[0].Sum(), first.GetProperty("images").GetInt32());
        Assert.Equal(confusion[0][0] + confusion[1][0], first.GetProperty("answers").GetInt32());
        Assert.Equal((double)confusion[0][0] / confusion[0].Sum(), first.GetProperty("recall").GetDouble(), 1e-9);
        Assert.Equal(confusion[0][1] + confusion[1][0], root.GetProperty("worstMistakes").GetArrayLength());
    }

    [Fact]
    public async Task Evaluate_Text_HasBothTables()
    {
        CommandRun run = await CommandRun.RunAsync(["evaluate", trained.Run, "--data-dir", trained.Images]);

        Assert.Contains("6 test images of mnist", run.Out);
        Assert.Matches(@"(?m)^class +precision +recall +F1 +examples +said\r?$", run.Out);
        Assert.Matches(@"(?m)^is \\ said +0 +1\r?$", run.Out);
    }

    [Fact]
    public async Task Evaluate_Pictures_AreDrawn()
    {
        // A network that has learned nothing is often wrong about digits.
        string checkpoint = DigitModel.Save(_folder, "784-10"), confusion = _folder.File("confusion.png"),
        mistakes = _folder.File("mistakes.png");

        CommandRun run = await CommandRun.RunAsync(
            ["evaluate", checkpoint, "--dataset", "synthetic", "--confusion-image", confusion, "--mistakes-image", mistakes, "--mistakes", "13"]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All([confusion, mistakes], file => Assert.Contains(file, run.Out));
        using SKBitmap matrix = SKBitmap.Decode(confusion), sheet = SKBitmap.Decode(mistakes);
        Assert.True(matrix.Width > 10 * 40 && matrix.Width == matrix.Height);

        // Ten in a row, so two rows of images of 84 pixels.
        Assert.InRange(sheet.Width, 10 * 84, 10 * 110);
        Assert.InRange(sheet.Height, 2 * 84, 2 * 160);
        Assert.Contains(sheet.Pixels, pixel => pixel is { Red: < 30, Green: < 30, Blue: < 30 });
        Assert.Contains(sheet.Pixels, pixel => pixel is { Red: > 150, Green: < 80, Blue: < 80 });
        Assert.Contains(sheet.Pixels, pixel => pixel.Green > pixel.Red + 40 && pixel.Green > pixel.Blue + 25);
    }

    [Fact]
    public async Task Evaluate_PictureIntoNoFolder_IsBadInput()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["evaluate", trained.Run, "--data-dir", trained.Images, "--confusion-image", _folder.File("none/a.png")]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("the folder does not exist", run.Error);
    }
}
