using System.Text;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>What a new user meets with files of their own: each message says what is wrong and what to do.</summary>
public sealed class OwnDataCommandTests : IDisposable
{
    private readonly OwnDataFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Train_ModelWithMoreOutputsThanClasses_SaysSo()
    {
        CommandRun wider = await _files.TrainAsync(_files.Table(), "--model", "in-8-7");
        CommandRun fitting = await _files.TrainAsync(_files.Table());

        Assert.Contains("warning: The model has 7 outputs, the data has 2 classes", wider.Error);
        Assert.DoesNotContain("outputs", fitting.Error);
    }

    [Fact]
    public async Task Train_NumberOfEachRow_IsToldWithTheOptionsThatLeaveItOut()
    {
        string table = _files.Table("id,code", row => $"{row + 1},{row % 7}");

        CommandRun run = await _files.TrainAsync(table, "--ignore", "code");

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("'id' numbers the rows and says nothing about new ones. Leave it out with --ignore code,id.", run.Error);
        Assert.DoesNotContain("numbers the rows", (await _files.TrainAsync(table, "--ignore", "code,id")).Error);
    }

    [Fact]
    public async Task Train_MistypedFile_NamesTheOneThatIsThere()
    {
        string table = _files.Table();

        CommandRun run = await _files.TrainAsync(table.Replace("table", "tabel", StringComparison.Ordinal));

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains($"does not exist; did you mean '{table}'?", run.Error);
    }

    [Fact]
    public async Task Train_NameWithoutExtension_NamesTheFileThatIsThere()
    {
        const string There = "own-data-near.csv";
        await File.WriteAllTextAsync(There, "a,class\n1,x\n2,y\n");
        try
        {
            CommandRun run = await CommandRun.RunAsync(["train", "--dataset", "own-data-near"]);

            Assert.Equal(ExitCode.BadInput, run.ExitCode);
            Assert.Contains($"neither a data set nor a file or folder of that name; did you mean {There}?", run.Error);
        }
        finally
        {
            File.Delete(There);
        }
    }

    [Theory]
    [InlineData("--label", "Class", "has no column 'Class'; did you mean 'class'? Give")]
    [InlineData("--ignore", "aa", "--ignore 'aa' is no column of")]
    [InlineData("--label", "a", "Quantities are predicted with --target a")]
    public async Task Train_ColumnThatCannotBeUsed_IsRefusedWithARemedy(string option, string column, string expected)
    {
        CommandRun run = await _files.TrainAsync(_files.Table(), option, column);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("?.", run.Error);
    }

    [Fact]
    public async Task Train_NumbersWithSeparatorsOfThousands_AreNamed()
    {
        string table = _files.Table("name,price", row => $"n{row},\"{1 + row},0{10 + row % 80}.{row % 10}\"");

        CommandRun run = await _files.TrainAsync(table, "--ignore", "b");

        Assert.Contains("Leave them out with --ignore b,name,price.", run.Error);
        Assert.Contains("If numbers such as '1,010.0' are meant, write them without units and separators of thousands.", run.Error);
    }

    [Fact]
    public async Task Train_TableThatIsNotUtf8_SaysHowToConvertIt()
    {
        string table = _files.File("latin.csv");
        await File.WriteAllBytesAsync(table, Encoding.Latin1.GetBytes("größe,class\n1,x\n2,y\n"));

        Assert.Contains($"iconv -f cp1252 -t utf-8 {table} > utf8.csv", (await _files.TrainAsync(table)).Error);
    }

    [Fact]
    public async Task Resume_FilesMoved_AsksForThemAndTakesThemFromTheirNewPlace()
    {
        string table = _files.Table(), run = _files.File("run"), moved = _files.File("moved.csv");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(table, "--out", run)).ExitCode);
        File.Move(table, moved);

        CommandRun lost = await CommandRun.RunAsync(["train", "--resume", run, "--epochs", "2"]);
        CommandRun unverified = await CommandRun.RunAsync(["verify", run]);
        CommandRun verified = await CommandRun.RunAsync(["verify", run, "--dataset", moved]);
        CommandRun resumed = await TinyRun.CoordinateAsync("--resume", run, "--epochs", "2", "--dataset", moved);

        Assert.All(
            [lost, unverified],
            refused => Assert.Contains("are not where they were. Say where they are now with --dataset PATH.", refused.Error));
        Assert.Contains("identical", verified.Out);
        Assert.Equal(ExitCode.Done, resumed.ExitCode);
    }

    [Fact]
    public async Task Predict_RowsThatDoNotFit_SaysWhatTheModelTakes()
    {
        string run = _files.File("run");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(_files.Table(), "--out", run)).ExitCode);

        Assert.Contains("lacks 1 column that the model takes: 'b'", await RefusalAsync("a,c\n1,2\n"));
        Assert.Contains("numbers are needed here", await RefusalAsync("a,b\n1,x\n"));
        Assert.Contains(
            "has no column of those that the model was trained on: 'a', 'b'. It has 'c', 'd'.", await RefusalAsync("c,d\n1,2\n"));
        Assert.Contains("'column2', for want of a header; add one as the first line.", await RefusalAsync("1,2\n3,4\n"));
        Assert.Contains("It has 'A', 'B'; write them in the same upper and lower case.", await RefusalAsync("A,B\n1,2\n"));
        Assert.Contains("looks like a JSON document", await RefusalAsync("{\"a\": 1, \"b\": 2}"));

        CommandRun other = await CommandRun.RunAsync(["predict", run, "--rows", _files.Write("new.csv", "b,new,a\n0.5,x,0.25\n")]);
        Assert.Equal(ExitCode.Done, other.ExitCode);
        Assert.Contains("looking at 1 example\n", other.Error.ReplaceLineEndings("\n"));

        async Task<string> RefusalAsync(string content)
        {
            CommandRun refused = await CommandRun.RunAsync(["predict", run, "--rows", _files.Write("bad.csv", content)]);
            Assert.Equal(ExitCode.BadInput, refused.ExitCode);
            Assert.DoesNotContain("--ignore", refused.Error);
            return refused.Error;
        }
    }

    [Fact]
    public async Task Predict_OtherKindOfExamples_IsRefusedInWords()
    {
        string pictures = _files.Pictures(), ofPictures = _files.File("pictures-run"), ofRows = _files.File("rows-run"), table = _files.Table();
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(pictures, "--out", ofPictures)).ExitCode);
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(table, "--out", ofRows)).ExitCode);

        CommandRun rows = await CommandRun.RunAsync(["predict", ofPictures, "--rows", table]);
        CommandRun images = await CommandRun.RunAsync(["evaluate", ofRows, "--dataset", pictures]);

        Assert.Contains("but the model was trained on images of 6 x 6 x 3. Give it pictures", rows.Error);
        Assert.Contains("holds images, but the model was trained on rows of a table with 'a', 'b'", images.Error);
        Assert.All([rows, images], run => Assert.Equal(ExitCode.BadInput, run.ExitCode));
    }

    [Fact]
    public async Task Predict_PixelsWithoutLabels_AreRead()
    {
        string run = _files.File("run");
        string names = string.Join(',', Enumerable.Range(0, 16).Select(i => $"pixel{i}"));
        IEnumerable<string> rows = Enumerable.Range(0, 60)
            .Select(row => string.Join(',', Enumerable.Range(0, 16).Select(i => row % 2 == i / 8 ? 200 : row % 5)));
        string train = _files.Write("train.csv", $"label,{names}\n{string.Concat(rows.Select((row, i) => $"{i % 2},{row}\n"))}");
        string test = _files.Write("test.csv", $"{names}\n{string.Concat(rows.Select(row => row + "\n"))}");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(train, "--out", run)).ExitCode);

        CommandRun labelled = await CommandRun.RunAsync(["predict", run, "--rows", train, "--json"]);
        CommandRun unlabelled = await CommandRun.RunAsync(["predict", run, "--rows", test, "--json"]);

        Assert.Equal(ExitCode.Done, unlabelled.ExitCode);
        Assert.Equal(labelled.Out.Replace(train, test, StringComparison.Ordinal), unlabelled.Out);
    }

    [Fact]
    public async Task Train_Pictures_HaveALowerRateUnlessOneIsGiven()
    {
        string pictures = _files.Pictures(), run = _files.File("run"), given = _files.File("given");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(pictures, "--out", run)).ExitCode);
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(pictures, "--out", given, "--learning-rate", "0.1")).ExitCode);

        Assert.Contains("\"learningRate\": 0.02,", await File.ReadAllTextAsync(Path.Combine(run, "config.json")));
        Assert.Contains("\"learningRate\": 0.1,", await File.ReadAllTextAsync(Path.Combine(given, "config.json")));
    }
}
