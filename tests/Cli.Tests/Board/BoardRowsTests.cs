using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lockstep.Cli.Tests.Board;

/// <summary>What the board says of networks that were trained on tables.</summary>
public sealed class BoardRowsTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ServedBoard _board = null!;

    public async Task InitializeAsync()
    {
        var text = new StringBuilder("size,colour,price,kind\n");
        for (int row = 0; row < 60; row++)
        {
            // Nothing tells the kinds apart, so that some are told wrong.
            string colour = row % 3 == 0 ? "red, light" : "blue", kind = row / 15 % 2 == 0 ? "small" : "large";
            _ = text.Append(CultureInfo.InvariantCulture, $"{row % 15},\"{colour}\",{1000 + row % 15},{kind}\n");
        }

        await File.WriteAllTextAsync(_folder.File("table.csv"), text.ToString());
        await TrainAsync("classes", "--label", "kind", "--ignore", "price");
        await TrainAsync("targets", "--target", "price", "--ignore", "kind");
        _board = await ServedBoard.StartAsync(_folder.Path);
    }

    public async Task DisposeAsync()
    {
        await _board.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Inputs_OfATable_AreItsColumnsWithWhatIsUsual()
    {
        JsonElement inputs = await _board.JsonAsync("/api/runs/classes/inputs");
        JsonElement[] columns = [.. inputs.GetProperty("columns").EnumerateArray()];

        Assert.True(inputs.GetProperty("mayBeMissing").GetBoolean());
        Assert.Equal(["size", "colour"], columns.Select(column => column.GetProperty("name").GetString()));
        Assert.InRange(double.Parse(columns[0].GetProperty("usual").GetString()!, CultureInfo.InvariantCulture), 5, 15);
        Assert.Equal(["blue", "red, light"], columns[1].GetProperty("categories").EnumerateArray().Select(text => text.GetString()));
    }

    [Theory]
    [InlineData("classes")]
    [InlineData("targets")]
    public async Task Rows_OfATable_AreAnsweredAsPredictDoes(string run)
    {
        const string rows = "size,colour\n3,blue\n,\"red, light\"\n";
        await File.WriteAllTextAsync(_folder.File("rows.csv"), rows);
        CommandRun predict = await CommandRun.RunAsync(["predict", _folder.File(run), "--rows", _folder.File("rows.csv"), "--json"]);
        (HttpStatusCode status, string text) = await _board.PostAsync($"/api/runs/{run}/rows", rows);
        JsonElement answer = JsonDocument.Parse(text).RootElement;

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(answer.GetProperty("warnings").EnumerateArray());
        Assert.True(JsonElement.DeepEquals(
            JsonDocument.Parse(predict.Out).RootElement.GetProperty("predictions"), answer.GetProperty(run).GetProperty("predictions")));
        Assert.Equal("", answer.GetProperty(run).GetProperty("file").GetString()); // That it was one is nobody's matter.
    }

    [Theory]
    [InlineData("size,colour\nabc,blue\n", "The table has a mistake:\n  column 'size' has texts, the first 'abc' in line 2.")]
    [InlineData("width,colour\n1,blue\n", "The table lacks 1 column that the model takes: 'size'.")]
    [InlineData("", "The table is empty")]
    public async Task Rows_ThatDoNotFit_AreRefusedWithoutTheNameOfAFile(string rows, string expected)
    {
        (HttpStatusCode status, string text) = await _board.PostAsync("/api/runs/classes/rows", rows);
        string problem = JsonDocument.Parse(text).RootElement.GetProperty("problem").GetString()!;

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(expected, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_OfAnUnknownCategory_AreAnsweredWithAWarning()
    {
        (_, string text) = await _board.PostAsync("/api/runs/targets/rows", "size,colour\n3,green\n");

        Assert.Equal(
            ["1 text of the table did not occur in training: 'green' in 'colour'; it counts as no category."],
            JsonDocument.Parse(text).RootElement.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));
    }

    [Fact]
    public async Task Rows_MoreThanAPageShows_AreLeftToTheCommand()
    {
        (HttpStatusCode status, string text) = await _board.PostAsync(
            "/api/runs/classes/rows", "size,colour\n" + string.Concat(Enumerable.Repeat("3,blue\n", 1001)));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("The table has 1,001 rows; this page answers 1,000 at most.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_OfClasses_ShowsTheRowsThatWereToldWrong()
    {
        (HttpStatusCode status, string text) = await _board.PostAsync("/api/runs/classes/evaluation");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("class by class", text, StringComparison.Ordinal);
        string heads = "<th>row</th><th>is</th><th>said</th><th>how surely</th><th>size</th><th>colour</th>";
        Assert.Contains(heads, text, StringComparison.Ordinal);
        string row = text[text.IndexOf(heads, StringComparison.Ordinal)..];
        int wrong = Regex.Count(row, "<tr><td>");
        Assert.InRange(wrong, 1, 6);
        Assert.Equal(wrong, Regex.Count(
            row, "<tr><td>[0-9]</td><td>(small</td><td>large|large</td><td>small)</td><td>[0-9.]+%</td><td>[0-9]+</td>"
            + "<td>(blue|red, light)</td></tr>"));
    }

    [Fact]
    public async Task Evaluation_OfTargets_IsTargetByTarget()
    {
        (HttpStatusCode status, string text) = await _board.PostAsync("/api/runs/targets/evaluation");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("target by target", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Worst mistakes", text, StringComparison.Ordinal);
    }

    private async Task TrainAsync(string run, params string[] options)
    {
        CommandRun train = await TinyRun.CoordinateAsync(
            ["--dataset", _folder.File("table.csv"), "--out", _folder.File(run), "--epochs", "2", .. options]);
        Assert.True(train.ExitCode == 0, train.Error);
    }
}
