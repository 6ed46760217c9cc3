using System.Globalization;
using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>What is in the user's files that may be meant otherwise than it is taken, or cannot be meant: it is told.</summary>
public sealed class OwnDataDoubtTests : IDisposable
{
    private readonly OwnDataFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("{0}%")]
    [InlineData("-${0}")]
    [InlineData("{0},5 kg")]
    public async Task Info_NumbersWithUnits_AreNamed(string form)
    {
        string table = _files.Table("rebate", row => $"\"{string.Format(CultureInfo.InvariantCulture, form, row % 15)}\"");
        string first = string.Format(CultureInfo.InvariantCulture, form, 0);
        string advice = $"'rebate' becomes 15 categories. If numbers such as '{first}' are meant";

        CommandRun run = await CommandRun.RunAsync(["data", "info", table]);
        CommandRun wanted = await CommandRun.RunAsync(["data", "info", table, "--categorical", "rebate"]);

        Assert.Contains(advice, run.Out);
        Assert.DoesNotContain("numbers such as", wanted.Out);
        Assert.Equal(ExitCode.Done, run.ExitCode);
    }

    [Fact]
    public async Task Info_TableThatCannotBeTrainedOn_SaysSoInItsExitCode()
    {
        CommandRun run = await CommandRun.RunAsync(["data", "info", _files.Table("name", row => $"n{row}")]);

        Assert.Contains("It cannot be trained on yet.", run.Out);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
    }

    [Fact]
    public async Task Predict_PartOfAFileWithoutParts_IsRefused()
    {
        string table = _files.Table(), run = _files.File("run");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(table, "--out", run)).ExitCode);
        string other = _files.Write("other.csv", "a,b,class\n0.1,0.2,right\n0.3,0.1,left\n");

        foreach (string[] command in new string[][] { ["predict", run, "--rows", table], ["evaluate", run, "--dataset", other] })
        {
            CommandRun refused = await CommandRun.RunAsync([.. command, "--split", "validation"]);
            Assert.Equal(ExitCode.BadInput, refused.ExitCode);
            Assert.Contains("has no part 'validation': its examples are not divided. Leave --split out for all of them.", refused.Error);
            Assert.Equal(ExitCode.Done, (await CommandRun.RunAsync(command)).ExitCode);
        }
    }

    /// <summary>Positions are those of the file, whatever is left out.</summary>
    [Theory]
    [InlineData("--target", "3", "target    b,")]
    [InlineData("--target", "-2", "target    b,")]
    [InlineData("--label", "4", "label     class")]
    public async Task Info_PositionBehindAnIgnoredColumn_IsThatOfTheFile(string option, string position, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(
            ["data", "info", _files.Table("id", row => $"n{row}"), option, position, "--ignore", "id"]);

        Assert.Contains(expected, run.Out);
    }

    [Theory]
    [InlineData(new[] { "--label", "1", "--ignore", "a,a" }, "--label '1' is the column 'a', which --ignore leaves out")]
    [InlineData(new[] { "--target", "a", "--categorical", "a" }, "--target and --categorical both have the column 'a'")]
    public async Task Info_ColumnThatIsWantedAndNot_IsRefused(string[] options, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(["data", "info", _files.Table(), .. options]);

        Assert.Contains(expected, run.Out);
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
    }

    [Theory]
    [InlineData("1,018", "920", true)]
    [InlineData("1.018", "920", true)]
    [InlineData("1,018", "2000", false)]
    [InlineData("0,018", "920", false)]
    [InlineData("1,018", "9,2", false)]
    public async Task Info_NumbersThatMayHaveSeparatorsOfThousands_AreToldOf(string first, string second, bool isTold)
    {
        string rows = string.Concat(Enumerable.Range(0, 60).Select(row => $"{(row % 3 == 0 ? first : second)}\t{row % 2}\n"));

        CommandRun run = await CommandRun.RunAsync(["data", "info", _files.Write("sums.tsv", "sum\tclass\n" + rows)]);

        Assert.Equal(isTold, run.Out.Contains($"'sum' has '{first}' in line 2, which is read with three decimals."));
    }

    [Fact]
    public async Task Train_TestedOnWhatItIsTrainedOn_SaysSo()
    {
        string table = _files.Table();

        CommandRun run = await _files.TrainAsync(table, "--test", table);

        Assert.Contains("60 of 60 test rows are also trained on or for validation; the test result will be too good.", run.Error);
    }

    [Fact]
    public async Task Predict_CategoriesWrittenAsOtherNumbers_AreTheSame()
    {
        string run = _files.File("run"), table = _files.Table("zone", row => $"{row % 3}");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(table, "--categorical", "zone", "--out", run)).ExitCode);

        CommandRun whole = await PredictAsync("zone,a,b\n0,0.1,0.2\n2,0.1,0.2\n");
        CommandRun written = await PredictAsync("zone,a,b\n0.0,0.1,0.2\n2.0,0.1,0.2\n");

        Assert.Equal(whole.Out, written.Out);
        Assert.DoesNotContain("did not occur", written.Error);

        Task<CommandRun> PredictAsync(string rows) => CommandRun.RunAsync(["predict", run, "--rows", _files.Write("new.csv", rows)]);
    }

    [Fact]
    public async Task Train_ColumnThatGivesTheClassAway_IsToldOf()
    {
        CommandRun run = await _files.TrainAsync(_files.Table("flag", row => row * 37 % 60 > row * 23 % 60 ? "1" : "0"));

        Assert.Contains("Leak? 'flag', 'a' alone tell the class of every row.", run.Error);
        Assert.Contains("leave them out with --ignore flag,a.", run.Error);
    }

    [Theory]
    [InlineData("same", "'more' has the same value in all rows, which tells nothing. Leave it out with --ignore more.")]
    [InlineData("days", "'more' becomes 12 categories. Of dates such as '2024-03-01', new rows have others")]
    [InlineData("case", "'more' has 'South', 'south', which differ only in upper and lower case or blanks.")]
    public async Task Info_ColumnOfLittleUse_IsToldOf(string kind, string expected)
    {
        Func<int, string> values = kind switch
        {
            "same" => _ => "7",
            "days" => row => $"2024-03-{1 + row % 12:00}",
            _ => row => row % 3 == 0 ? "South" : row % 3 == 1 ? "south" : "north",
        };

        CommandRun run = await CommandRun.RunAsync(["data", "info", _files.Table("more", values)]);

        Assert.Contains(expected, run.Out);
    }

    [Fact]
    public async Task Predict_FolderAsAPicture_NamesTheOptionForFolders()
    {
        string run = _files.File("run"), pictures = _files.Pictures();
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(pictures, "--out", run)).ExitCode);

        CommandRun refused = await CommandRun.RunAsync(["predict", run, "--image", pictures]);

        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains($"is a folder, which --rows takes: --rows {pictures}.", refused.Error);
    }

    [Fact]
    public async Task Predict_FolderOfPicturesWithoutClasses_AnswersToAll()
    {
        string run = _files.File("run"), pictures = _files.Pictures(), answers = _files.File("answers.csv");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(pictures, "--out", run)).ExitCode);

        CommandRun flat = await CommandRun.RunAsync(["predict", run, "--rows", Path.Combine(pictures, "left"), "--out", answers]);

        Assert.Equal(ExitCode.Done, flat.ExitCode);
        Assert.Equal(1 + 20, (await File.ReadAllLinesAsync(answers)).Length);
        Assert.Contains("10.png", await File.ReadAllTextAsync(answers));
    }

    [Fact]
    public async Task Sweep_OfTargets_IsRankedByR2()
    {
        string table = _files.Table(), sweep = _files.Write("sweep.json", $$"""
            { "options": { "dataset": "{{table}}", "target": "a", "epochs": 2 }, "grid": { "learning-rate": [0.001, 0.01] } }
            """);

        CommandRun run = await CommandRun.RunAsync(["sweep", sweep, "--out", _files.File("sweep"), "--json"]);
        string bad = (await File.ReadAllTextAsync(sweep)).Replace("\"grid\"", "\"metric\": \"accuracy\", \"grid\"");
        CommandRun refused = await CommandRun.RunAsync(["sweep", _files.Write("bad.json", bad)]);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        JsonElement json = JsonDocument.Parse(run.Out).RootElement;
        double[] r2 = [.. json.GetProperty("trials").EnumerateArray().Select(trial => trial.GetProperty("validationR2").GetDouble())];
        Assert.Equal("r2", json.GetProperty("metric").GetString());
        Assert.True(r2[0] > r2[1]);
        Assert.Contains("validation R", await File.ReadAllTextAsync(_files.File("sweep/sweep.svg")));
        Assert.Contains("A model of targets has no accuracy; expected r2 or loss.", refused.Error);
    }

    [Fact]
    public async Task Info_RowsOfSeparatorsOnly_AreToldWithTheirPlace()
    {
        string padded = _files.Write("padded.csv", await File.ReadAllTextAsync(_files.Table()) + ",,\n,,\n");

        CommandRun run = await CommandRun.RunAsync(["data", "info", padded]);

        Assert.Contains("has 2 examples without a class in the column 'class', the first in line 62;", run.Out);
    }

    [Theory]
    [InlineData("20", 8)]
    [InlineData("40", 8)]
    [InlineData("5", 5)]
    public async Task Train_FewOfTheExamples_HasABatchForThem(string examples, int batch)
    {
        string run = _files.File("run");

        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(_files.Table(), "--train-examples", examples, "--out", run)).ExitCode);

        Assert.Contains($"\"batchSize\": {batch},", await File.ReadAllTextAsync(Path.Combine(run, "config.json")));
    }

    [Fact]
    public async Task Verify_DamagedCheckpoint_IsADifference()
    {
        string run = _files.File("run");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(_files.Table(), "--out", run, "--checkpoint-every", "2steps")).ExitCode);
        string last = Directory.GetFiles(Path.Combine(run, "checkpoints"), "step-*.ckpt").Order(StringComparer.Ordinal).Last();
        byte[] bytes = await File.ReadAllBytesAsync(last);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(last, bytes);

        CommandRun verified = await CommandRun.RunAsync(["verify", run]);

        Assert.Equal(ExitCode.RunFailed, verified.ExitCode);
        Assert.Contains("different: step", verified.Out);
        Assert.Contains(Path.GetFileName(last), verified.Out);
    }

    /// <summary>The test result of a run that was extended is of another model than its newest checkpoint.</summary>
    [Fact]
    public async Task Runs_ExtendedAndInterrupted_HasNoTestResult()
    {
        string run = _files.File("runs/a");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(_files.Table(), "--out", run)).ExitCode);
        JsonElement before = await RunAsync();
        string metrics = Path.Combine(run, "metrics.jsonl"), last = (await File.ReadAllLinesAsync(metrics))[^1];
        await File.AppendAllTextAsync(metrics, last.Replace("\"step\":6,", "\"step\":12,") + "\n");

        JsonElement after = await RunAsync();

        Assert.Equal(JsonValueKind.Number, before.GetProperty("testAccuracy").ValueKind);
        Assert.Equal(JsonValueKind.Null, after.GetProperty("testAccuracy").ValueKind);

        async Task<JsonElement> RunAsync() => JsonDocument.Parse(
            (await CommandRun.RunAsync(["runs", _files.File("runs"), "--json"])).Out).RootElement.GetProperty("runs")[0];
    }

    [Fact]
    public async Task Import_OutputsInAnotherOrder_IsRefused()
    {
        string run = _files.File("run"), weights = _files.File("run.safetensors"), table = _files.Table("c", row => $"{row % 7}");
        Assert.Equal(ExitCode.Done, (await _files.TrainAsync(table, "--target", "a,b", "--ignore", "class", "--out", run)).ExitCode);
        Assert.Equal(ExitCode.Done, (await CommandRun.RunAsync(["export", run, "--to", "safetensors", "--out", weights])).ExitCode);

        CommandRun refused = await ImportAsync("b,a");

        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.Contains("says that its outputs are the targets [\"a\",\"b\"]; those of table are [\"b\",\"a\"].", refused.Error);
        Assert.Equal(ExitCode.Done, (await ImportAsync("a,b")).ExitCode);

        Task<CommandRun> ImportAsync(string targets) => CommandRun.RunAsync(
            ["import", weights, "--dataset", table, "--target", targets, "--ignore", "class", "--out", _files.File($"{targets}.ckpt")]);
    }

    [Theory]
    [InlineData("predict x --rows y --out answers.json", "--out answers.json: it is written as CSV; expected a path that ends with .csv.")]
    [InlineData("predict x --rows y --out -", "--out -: it is written as CSV; expected a path that ends with .csv.")]
    [InlineData("data show synthetic --out x.jpg", "--out x.jpg: it is written as PNG; expected a path that ends with .png.")]
    public async Task Command_FileOfAnotherFormat_IsRefused(string line, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error);
    }
}
