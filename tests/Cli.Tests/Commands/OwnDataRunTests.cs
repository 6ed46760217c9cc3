using System.Globalization;
using Lockstep.Cli.Terminal;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>What can be done with a run on files of one's own after it was trained.</summary>
public sealed class OwnDataRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_TestInAFileOfItsOwn_IsFoundAgainByEveryCommand()
    {
        string data = _folder.Write("data.csv", Table(60)), test = _folder.Write("test.csv", Table(20, first: 60));
        await TrainAsync(data, "--test", test);

        CommandRun evaluated = await CommandRun.RunAsync(["evaluate", Run]);
        CommandRun verified = await CommandRun.RunAsync(["verify", Run]);
        CommandRun resumed = await TinyRun.CoordinateAsync("--resume", Run, "--epochs", "2");

        Assert.Contains("20 test rows of data", evaluated.Out);
        Assert.Contains("identical", verified.Out);
        Assert.Equal(ExitCode.Done, resumed.ExitCode);
    }

    [Fact]
    public async Task Train_TestInAFileThatHasMoved_IsAskedForAndTakenFromItsNewPlace()
    {
        string data = _folder.Write("data.csv", Table(60)), test = _folder.Write("test.csv", Table(20, first: 60));
        await TrainAsync(data, "--test", test);
        string moved = _folder.File("moved.csv");
        File.Move(test, moved);

        CommandRun lost = await CommandRun.RunAsync(["evaluate", Run]);
        CommandRun unverified = await CommandRun.RunAsync(["verify", Run, "--dataset", data]);
        CommandRun evaluated = await CommandRun.RunAsync(["evaluate", Run, "--test", moved]);
        CommandRun verified = await CommandRun.RunAsync(["verify", Run, "--test", moved]);
        CommandRun resumed = await TinyRun.CoordinateAsync("--resume", Run, "--epochs", "2", "--test", moved);

        Assert.Equal(ExitCode.BadInput, lost.ExitCode);
        Assert.All(
            [lost, unverified],
            refused => Assert.Contains($"Say where it is now with --test PATH. It was at {test}.", refused.Error));
        Assert.Contains("20 test rows of data", evaluated.Out);
        Assert.Contains("identical", verified.Out);
        Assert.Equal(ExitCode.Done, resumed.ExitCode);
    }

    /// <summary>A service gives the same command for the first start and every other.</summary>
    [Fact]
    public async Task Coordinator_SameCommandAgain_IsTheSameRunAndOtherOptionsAreRefusedWithBothValues()
    {
        string data = _folder.Write("data.csv", Table(60));
        string[] command =
            ["--dataset", data, "--label", "class", "--missing", "fill", "--validation", "0.2", "--out", Run, "--resume", "auto"];
        string config = _folder.Write("config.json", """{ "label": "class", "validation": 0.2, "splitKey": 1 }""");

        CommandRun first = await TinyRun.CoordinateAsync([.. command, "--epochs", "1"]);
        CommandRun again = await TinyRun.CoordinateAsync([.. command, "--epochs", "1"]);
        CommandRun longer = await TinyRun.CoordinateAsync([.. command, "--epochs", "2"]);
        CommandRun configured = await TinyRun.CoordinateAsync("--config", config, "--out", Run, "--resume", "auto");
        CommandRun other = await TinyRun.CoordinateAsync(
            "--out", Run, "--resume", "auto", "--label", "3", "--validation", "0.3", "--ignore", "a", "--scale", "none");

        Assert.True(first.ExitCode == ExitCode.Done, first.Error);
        Assert.Contains("is complete: all", again.Error);
        Assert.True(longer.ExitCode == ExitCode.Done, longer.Error);
        Assert.Contains("on from step", longer.Error);
        Assert.Contains("is complete: all", configured.Error);
        Assert.Equal(ExitCode.BadInput, other.ExitCode);
        Assert.Contains("--label 3 contradicts the run, which has --label class.", other.Error);
        Assert.Contains("--validation 0.3 contradicts the run, which has --validation 0.2.", other.Error);
        Assert.Contains("--ignore a contradicts the run, which has no --ignore.", other.Error);
        Assert.Contains("--scale none contradicts the run, which has --scale standard.", other.Error);
    }

    [Fact]
    public async Task Evaluate_TheRunsOwnFileUnderAnotherName_IsReadOnceAndSplitAsItWas()
    {
        string data = _folder.Write("data.csv", Table(60)), copy = _folder.Write("copy.csv", Table(60).ReplaceLineEndings("\r\n"));
        await TrainAsync(data);

        CommandRun own = await CommandRun.RunAsync(["evaluate", Run]);
        CommandRun same = await CommandRun.RunAsync(["evaluate", Run, "--dataset", copy]);

        Assert.Equal(own.Out, same.Out);
        Assert.Single(same.Error.Split('\n'), line => line.StartsWith("reading ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_FileThatHasChanged_WarnsThatItMayHaveBeenTrainedOn()
    {
        string data = _folder.Write("data.csv", Table(60));
        await TrainAsync(data);
        await File.AppendAllTextAsync(data, "0.5,0.25,left\n");

        CommandRun changed = await CommandRun.RunAsync(["evaluate", Run]);

        Assert.Equal(ExitCode.Done, changed.ExitCode);
        Assert.Contains(
            $"{data} has changed since, and the model may have been trained on some of what it is now asked.", changed.Error);
    }

    [Fact]
    public async Task PredictAndEvaluate_FolderWithParts_TakeThePartOfSplit()
    {
        await TrainAsync(_folder.Write("data.csv", Table(60)));
        string parts = Directory.CreateDirectory(_folder.File("parts")).FullName;
        await File.WriteAllTextAsync(Path.Combine(parts, "train.csv"), Table(30));
        await File.WriteAllTextAsync(Path.Combine(parts, "test.csv"), Table(7));

        CommandRun test = await CommandRun.RunAsync(["predict", Run, "--rows", parts]);
        CommandRun train = await CommandRun.RunAsync(["predict", Run, "--rows", parts, "--split", "train"]);
        CommandRun none = await CommandRun.RunAsync(["predict", Run, "--rows", parts, "--split", "validation"]);
        CommandRun evaluated = await CommandRun.RunAsync(["evaluate", Run, "--dataset", parts]);

        Assert.Contains($"'{parts}' has parts of its own: these are the examples of 'test'; --split names another one.", test.Error);
        Assert.Contains("looking at 7 examples", test.Error);
        Assert.Contains("looking at 30 examples", train.Error);
        Assert.Contains($"'{parts}' has no part 'validation'. It has train, test; name one of them with --split.", none.Error);
        Assert.Contains($"7 test rows of {parts}", evaluated.Out);
    }

    [Fact]
    public async Task Predict_Rows_CountFromZeroAsIndicesDo()
    {
        await TrainAsync(_folder.Write("data.csv", Table(60)));
        string rows = _folder.Write("new.csv", Table(3)), answers = _folder.File("answers.csv");

        CommandRun shown = await CommandRun.RunAsync(["predict", Run, "--rows", rows, "--out", answers]);
        CommandRun both = await CommandRun.RunAsync(["predict", Run, "--rows", rows, "--index", "0"]);

        Assert.StartsWith("0 ", shown.Out.Split('\n')[1], StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], File.ReadLines(answers).Skip(1).Select(line => line.Split(',')[0]));
        Assert.Contains("--rows cannot be given together with --image or --index", both.Error);
    }

    [Fact]
    public async Task Inspect_RunOnATable_SpeaksOfNoImages()
    {
        await TrainAsync(_folder.Write("data.csv", Table(60)));

        Assert.Contains("validation examples, sha256", (await CommandRun.RunAsync(["inspect", Run])).Out);
    }

    [Fact]
    public async Task Predict_FolderOfPictures_NamesTheFiles()
    {
        string pictures = Pictures(), answers = _folder.File("answers.csv");
        await TrainAsync(pictures);

        CommandRun shown = await CommandRun.RunAsync(["predict", Run, "--rows", pictures, "--out", answers]);

        string first = Path.Combine("left, far", "0.png");
        Assert.Contains($"0    {first}", shown.Out);
        Assert.Equal("row,file,answer,\"left, far\",right", File.ReadLines(answers).First());
        Assert.StartsWith($"0,\"{first}\",", File.ReadLines(answers).ElementAt(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_PictureOfAnotherSize_IsNotSentToAnOptionThatPredictLacks()
    {
        await TrainAsync(Pictures());
        string other = TestPictures.Write(_folder.File("other.png"), 9, 6, (_, _) => SKColors.Red);

        CommandRun refused = await CommandRun.RunAsync(["predict", Run, "--image", other]);

        Assert.Contains("has 6 x 9 pixels (height x width), but the model takes 6 x 6, as all had", refused.Error);
        Assert.DoesNotContain("Have all resized", refused.Error);
    }

    [Fact]
    public async Task Predict_TextThatDidNotOccur_IsNamedWithItsColumn()
    {
        await TrainAsync(_folder.Write("data.csv", Table(60)), "--categorical", "a");

        CommandRun answered = await CommandRun.RunAsync(["predict", Run, "--rows", _folder.Write("new.csv", "b,a\n0.5,new\n0.25,\n")]);

        Assert.Contains("1 text of '", answered.Error);
        Assert.Contains("did not occur in training: 'new' in 'a'; it counts as no category.", answered.Error);
    }

    private async Task TrainAsync(string data, params string[] more)
    {
        CommandRun trained = await TinyRun.CoordinateAsync(["--dataset", data, "--epochs", "1", "--out", Run, .. more]);
        Assert.True(trained.ExitCode == ExitCode.Done, trained.Error);
    }

    /// <summary>Rows of two numbers, of which the greater tells the class.</summary>
    private static string Table(int rows, int first = 0) => "a,b,class\n" + string.Concat(Enumerable.Range(first, rows).Select(row =>
    {
        (double a, double b) = (row * 37 % 20 / 20.0, row * 23 % 60 / 60.0);
        return string.Create(CultureInfo.InvariantCulture, $"{a:0.000},{b:0.000},{(a > b ? "left" : "right")}\n");
    }));

    private string Pictures()
    {
        foreach (string name in new[] { "left, far", "right" })
        {
            string folder = Directory.CreateDirectory(Path.Combine(_folder.File("pictures"), name)).FullName;
            for (int i = 0; i < 20; i++)
                _ = TestPictures.Write(
                    Path.Combine(folder, $"{i}.png"), 6, 6, (x, _) => x < 3 == (name == "right") ? SKColors.Blue : SKColors.Red);
        }

        return _folder.File("pictures");
    }
}
