using System.Text.Json;
using Lockstep.Cli.Terminal;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Commands;

public sealed class PredictCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Predict_Pictures_ShowsEachWithAllProbabilities()
    {
        string first = TestPictures.WriteBar(_folder.File("first.png")),
        second = TestPictures.WriteBar(_folder.File("second.png"), 500, 200);

        CommandRun run = await CommandRun.RunAsync(["predict", trained.Run, "--image", first, second]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        string[] lines = run.Out.Split(Environment.NewLine);
        Assert.Matches(@"^.*first\.png: [01], \d+\.\d\d%$", lines[0]);
        Assert.Contains(lines, line => line.StartsWith(second + ": ", StringComparison.Ordinal));
        Assert.Contains("@@", run.Out);
        Assert.All(run.Out, character => Assert.True(character < 128, "plain ASCII where nobody looks"));
        Assert.All(["  0  ", "  1  "], label => Assert.Equal(2, lines.Count(line => line.Contains(label) && line.Contains('%'))));
    }

    [Fact]
    public async Task Predict_FileWithoutAnOption_IsSentToTheOptionForItsKind()
    {
        string picture = TestPictures.WriteBar(_folder.File("first.png")), table = _folder.Write("new.csv", "a,b\n1,2\n");

        CommandRun pictures = await CommandRun.RunAsync(["predict", trained.Run, picture]);
        CommandRun rows = await CommandRun.RunAsync(["predict", trained.Run, table]);

        Assert.Contains($"'{picture}' is not expected here; did you mean --image {picture}?", pictures.Error);
        Assert.Contains($"'{table}' is not expected here; did you mean --rows {table}?", rows.Error);
    }

    [Fact]
    public async Task Predict_OnATerminal_ShowsGreysUnlessUnwanted()
    {
        string picture = TestPictures.WriteBar(_folder.File("a.png"));

        string colours = await OnTerminalAsync("predict", trained.Run, "--image", picture);
        string plain = await OnTerminalAsync("predict", trained.Run, "--image", picture, "--no-color");

        Assert.Contains("\e[38;5;", colours);
        Assert.Contains('▀', colours);
        Assert.DoesNotContain('\e', plain);
        Assert.Contains('█', plain);
    }

    [Fact]
    public async Task Predict_Json_HasTheProbabilitiesOfEveryImage()
    {
        string picture = TestPictures.WriteBar(_folder.File("a.png"));

        CommandRun run = await CommandRun.RunAsync(
            ["predict", trained.Checkpoint, "--image", picture, "--index", "1,4", "--index", "0", "--data-dir", trained.Images, "--json"]);

        using var result = JsonDocument.Parse(run.Out);
        JsonElement[] predictions = [.. result.RootElement.GetProperty("predictions").EnumerateArray()];
        Assert.Equal(4, predictions.Length);
        Assert.Equal(picture, predictions[0].GetProperty("image").GetString());
        Assert.Equal([1, 4, 0], predictions[1..].Select(prediction => prediction.GetProperty("index").GetInt32()));
        Assert.Equal([1, 0, 0], predictions[1..].Select(prediction => prediction.GetProperty("label").GetInt32()));
        Assert.All(predictions, prediction =>
        {
            double[] probabilities =
                [.. prediction.GetProperty("probabilities").EnumerateArray().Select(probability => probability.GetDouble())];
            Assert.Equal(2, probabilities.Length);
            Assert.Equal(1, probabilities.Sum(), 1e-5);
            Assert.Equal(Array.IndexOf(probabilities, probabilities.Max()), prediction.GetProperty("answer").GetInt32());
        });
    }

    [Fact]
    public async Task Predict_Index_SaysWhatItIs()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["predict", trained.Run, "--index", "3", "--split", "train", "--data-dir", trained.Images]);

        Assert.Matches(@"^train image 3 of mnist: [01], .*; it is a 1: (right|wrong)", run.Out);
    }

    [Fact]
    public async Task Predict_AnImageOfTheDataSetAsAPicture_SeesTheSame()
    {
        // What a tiny test image of class 0 holds: the first 100 pixels.
        string picture = TestPictures.Write(
            _folder.File("a.png"), 28, 28, (x, y) => y * 28 + x < 100 ? new SKColor(200, 200, 200) : SKColors.Black);

        CommandRun file = await CommandRun.RunAsync(["predict", trained.Run, "--image", picture, "--as-is", "--json"]);
        CommandRun index = await CommandRun.RunAsync(["predict", trained.Run, "--index", "0", "--data-dir", trained.Images, "--json"]);

        Assert.Equal(Probabilities(index), Probabilities(file));
    }

    [Fact]
    public async Task Predict_ManyMistakes_AreReportedTogether()
    {
        string blank = TestPictures.Write(_folder.File("blank.png"), 10, 10, (_, _) => SKColors.White);

        CommandRun run = await CommandRun.RunAsync(
            ["predict", trained.Run, "--image", blank, "--image", _folder.File("none.png"), _folder.Write("text.png", "no"), "--index", "6,1", "--data-dir", trained.Images]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("4 mistakes, nothing was started", run.Error);
        Assert.All(
            ["blank.png' is blank", "none.png does not exist", "text.png' is not a PNG, JPEG, GIF, WebP or BMP file",
                "--index 6: there are 6 test images of mnist; expected a number from 0 to 5"],
            part => Assert.Contains(part, run.Error));
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Predict_DoubtfulPictures_WarnsOfWhatWasFound()
    {
        string two = TestPictures.Write(
            _folder.File("two.png"), 120, 90,
            (x, y) => y is > 20 and < 70 && x is (> 20 and < 30) or (> 80 and < 90) ? SKColors.Black : SKColors.White);
        string cut = TestPictures.Write(
            _folder.File("cut.png"), 120, 90, (x, y) => y > 20 && x is > 50 and < 60 ? SKColors.Black : SKColors.White);
        string faint = TestPictures.Write(
            _folder.File("faint.png"), 120, 90,
            (x, y) => y is > 20 and < 70 && x is > 50 and < 60 ? new SKColor(220, 220, 220) : SKColors.White);
        string good = TestPictures.WriteBar(_folder.File("good.png"));

        CommandRun text = await CommandRun.RunAsync(["predict", trained.Run, "--image", two, cut, faint, good]);
        CommandRun json = await CommandRun.RunAsync(["predict", trained.Run, "--json", "--image", two, cut, faint, good]);

        Assert.Contains("two.png' has 2 separate drawings", text.Error);
        Assert.Contains("cut.png' has ink that goes on to its border", text.Error);
        Assert.Contains("faint.png' has little contrast: its ink differs from the paper by 14", text.Error);
        Assert.DoesNotContain("good.png", text.Error);
        using var result = JsonDocument.Parse(json.Out);
        int[] warnings = [.. result.RootElement.GetProperty("predictions").EnumerateArray().Select(
            prediction => prediction.TryGetProperty("warnings", out JsonElement found) ? found.GetArrayLength() : 0)];
        Assert.Equal([1, 1, 1, 0], warnings);
        Assert.Empty(json.Error);
    }

    [Theory]
    [InlineData("there is nothing to look at")]
    [InlineData("--index -1: out of range", "--index", "-1")]
    [InlineData("--index 1 x: 'x': not a whole number", "--index", "1", "x")]
    [InlineData("'1,': not a whole number", "--index", "0", "1,")]
    [InlineData("--image needs a value", "--image")]
    public async Task Predict_Mistake_IsExplained(string expected, params string[] options)
    {
        CommandRun run = await CommandRun.RunAsync(["predict", trained.Run, .. options]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Predict_PictureOfAnotherSizeAsIs_IsRefused()
    {
        CommandRun run = await CommandRun.RunAsync(
            ["predict", trained.Run, "--as-is", "--image", TestPictures.WriteBar(_folder.File("a.png"))]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("has 90 x 60 pixels (height x width); --as-is takes pictures of 28 x 28", run.Error);
    }

    [Fact]
    public async Task Predict_ModelOfOtherInputs_IsRefused()
    {
        string checkpoint = DigitModel.Save(_folder, "100-10");

        CommandRun run = await CommandRun.RunAsync(["predict", checkpoint, "--image", TestPictures.WriteBar(_folder.File("a.png"))]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("takes 100 values; pictures are made into 28 x 28 = 784 pixels", run.Error);
    }

    private static string Probabilities(CommandRun run) =>
        JsonDocument.Parse(run.Out).RootElement.GetProperty("predictions")[0].GetProperty("probabilities").ToString();

    private static async Task<string> OnTerminalAsync(params string[] args)
    {
        var output = new StringWriter();
        var io = new CommandIo(
            output, TextWriter.Null, TextReader.Null, new Dictionary<string, string>(),
            ErrorIsTerminal: false)
        { OutIsTerminal = true, OutIsUnicode = true };
        Assert.Equal(ExitCode.Done, await LockstepCommand.RunAsync(args, io));
        return output.ToString();
    }
}
