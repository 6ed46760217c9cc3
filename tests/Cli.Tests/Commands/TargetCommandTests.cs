using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>What the commands say of targets: R² and errors in their units, never accuracy or classes.</summary>
public sealed class TargetCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AllCommands_OfAModelOfTargets_SpeakOfTargets()
    {
        string table = Table(), run = _folder.File("run"), rows = _folder.File("rows.csv");
        await File.WriteAllTextAsync(rows, "b,a\nyes,10\nno,20\n");

        CommandRun train = await TinyRun.CoordinateAsync(
            "--dataset", table, "--target", "c", "--ignore", "d", "--epochs", "30", "--out", run, "--keep-best", "r2",
            "--stop-when", "r2>=2e-1");
        CommandRun evaluate = await CommandRun.RunAsync(["evaluate", run]), json = await CommandRun.RunAsync(["evaluate", run, "--json"]);
        CommandRun predict = await CommandRun.RunAsync(["predict", run, "--rows", rows, "--out", _folder.File("answers.csv")]);
        CommandRun compare = await CommandRun.RunAsync(["compare", run, run]), inspect = await CommandRun.RunAsync(["inspect", run]);
        CommandRun info = await CommandRun.RunAsync(["data", "info", table, "--target", "c,d"]);
        CommandRun export = await CommandRun.RunAsync(["export", run, "--to", "onnx", "--out", _folder.File("m.onnx")]);
        CommandRun report = await CommandRun.RunAsync(["report", run]);

        CommandRun[] all = [train, evaluate, json, predict, compare, inspect, info, export, report];
        Assert.All(all, one => Assert.True(one.ExitCode == 0, one.Error));
        Assert.All(all, one => Assert.DoesNotContain("accuracy", one.Out, StringComparison.Ordinal));
        Assert.Contains("the validation R² reached r2>=0.2", train.Out, StringComparison.Ordinal);
        Assert.Contains("target      R²", evaluate.Out, StringComparison.Ordinal);
        JsonElement scores = JsonDocument.Parse(json.Out).RootElement;
        Assert.False(scores.TryGetProperty("confusion", out _));
        JsonElement target = scores.GetProperty("targets")[0];
        Assert.Equal(scores.GetProperty("r2").GetDouble(), target.GetProperty("r2").GetDouble());
        Assert.InRange(target.GetProperty("rmse").GetDouble(), 100, 10_000); // the column is in thousands
        Assert.Contains("row", predict.Out, StringComparison.Ordinal);
        string[] answers = await File.ReadAllLinesAsync(_folder.File("answers.csv"));
        Assert.Equal("row,c", answers[0]);
        Assert.InRange(double.Parse(answers[1].Split(',')[1], CultureInfo.InvariantCulture), -4000, 14_000);
        Assert.Contains("R² ", compare.Out, StringComparison.Ordinal);
        Assert.Contains("output", inspect.Out, StringComparison.Ordinal);
        Assert.Contains("predictions float32 [batch, 1], c in their own units", export.Out, StringComparison.Ordinal);
        string page = await File.ReadAllTextAsync(Path.Combine(run, "report.html"));
        Assert.Contains("target by target", page, StringComparison.Ordinal);
        Assert.Contains("best validation R&#178;, step", page, StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy", page.Replace("validationAccuracy", "", StringComparison.Ordinal), StringComparison.Ordinal);
        JsonElement row = JsonDocument.Parse((await File.ReadAllLinesAsync(Path.Combine(run, "metrics.jsonl")))[^1]).RootElement;
        Assert.Equal(JsonValueKind.Null, row.GetProperty("validationAccuracy").ValueKind);
        Assert.InRange(row.GetProperty("validationR2").GetDouble(), -10, 1);
        Assert.Equal(1 - row.GetProperty("trainLoss").GetDouble(), row.GetProperty("trainR2").GetDouble());
    }

    [Theory]
    [InlineData("--class-weights is for classes", "--class-weights", "balanced")]
    [InlineData("--label-smoothing is for classes", "--label-smoothing", "0.1")]
    [InlineData("has 3 outputs, but table has 1 target; the last width must be 1.", "--model", "in-3")]
    [InlineData("A model of targets has no accuracy; expected r2 or loss.", "--stop-when", "accuracy>=0.5")]
    [InlineData("A model of targets has no accuracy; expected r2 or loss.", "--patience", "accuracy:3")]
    [InlineData("--keep-best accuracy: A model of targets has no accuracy", "--keep-best", "accuracy")]
    [InlineData("--label and --target contradict each other", "--label", "d")]
    public async Task Train_OptionOfClasses_IsRefusedWithOneMessage(string expected, string option, string value)
    {
        CommandRun run = await CommandRun.RunAsync(
            ["train", "--dataset", Table(), "--target", "c", "--out", _folder.File("no"), option, value]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("mistakes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_R2OfClasses_IsRefused()
    {
        CommandRun run = await CommandRun.RunAsync(["train", "--dataset", Table(), "--label", "b", "--stop-when", "r2>=0.5"]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("A model of classes has no r2; expected accuracy or loss.", run.Error, StringComparison.Ordinal);
    }

    private string Table()
    {
        var text = new StringBuilder("a,b,c,d\n");
        for (int row = 0; row < 100; row++)
            _ = text.Append(
                CultureInfo.InvariantCulture, $"{row * 37 % 100},{(row % 3 == 0 ? "yes" : "no")},{100 * (row * 37 % 100)},{row % 7}\n");
        string path = _folder.File("table.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
