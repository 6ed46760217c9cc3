using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Cli.Reports;
using Lockstep.Model.Evaluation;

namespace Lockstep.Cli.Tests.Board;

/// <summary>What the board says of a run's newest checkpoint beside what the report says.</summary>
public sealed class BoardResultsTests(TrainedTinyRun tiny) : IClassFixture<TrainedTinyRun>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private string _run = null!;
    private ServedBoard _board = null!;

    public async Task InitializeAsync()
    {
        _run = tiny.CopyTo(_folder);
        _board = await ServedBoard.StartAsync(_folder.Path);
    }

    public async Task DisposeAsync()
    {
        await _board.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Parameters_OfAllCheckpointsThatCanBeRead_AreThoseOfTheReport()
    {
        string[] files = Directory.GetFiles(Path.Combine(_run, "checkpoints"), "step-*.ckpt");
        string all = await _board.Client.GetStringAsync("/api/runs/run/parameters");
        string report = await WriteReportAsync();
        await File.WriteAllTextAsync(files[0], "damaged");
        File.SetLastWriteTimeUtc(files[0], DateTime.UtcNow.AddSeconds(5));
        string readable = await _board.Client.GetStringAsync("/api/runs/run/parameters");

        Assert.Contains($"{files.Length} checkpoints, the oldest at the top", all, StringComparison.Ordinal);
        Assert.Equal(4, all.Split("<svg").Length - 1); // Weights and biases of two layers.
        Assert.Matches("layer1/biases \\[2\\]<span class=\"norm\">norm [0-9.E-]+ → [0-9.E-]+<", all);
        Assert.Contains(WithoutIds(all), WithoutIds(report), StringComparison.Ordinal);
        Assert.Contains($"{files.Length - 1} checkpoints, the oldest at the top", readable, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_WithoutAFiniteValue_AreDrawn()
    {
        var values = Histogram.Of([float.NaN, float.PositiveInfinity], 60);
        var snapshot = new ParameterHistory.Snapshot(1, [new ParameterHistory.Parameter("broken [2], 2 not finite", values, 0)], 1);

        Assert.Contains("broken [2], 2 not finite", ModelSections.Parameters([snapshot, snapshot]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluation_OfTheNewestCheckpoint_IsThatOfTheReportAndMadeOnce()
    {
        (HttpStatusCode status, string text) = await _board.PostAsync("/api/runs/run/evaluation");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Checkpoint of step 12.", text, StringComparison.Ordinal);
        Assert.Contains("<h2>Worst mistakes</h2>", text, StringComparison.Ordinal);
        Assert.Contains(text, await WriteReportAsync(), StringComparison.Ordinal);

        string config = Path.Combine(_run, "config.json"), empty = Directory.CreateDirectory(_folder.File("empty")).FullName;
        await File.WriteAllTextAsync(
            config, (await File.ReadAllTextAsync(config)).Replace(tiny.Images, empty, StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, text), await _board.PostAsync("/api/runs/run/evaluation"));
        Directory.SetLastWriteTimeUtc(Path.Combine(_run, "checkpoints"), DateTime.UtcNow.AddSeconds(5));
        (status, text) = await _board.PostAsync("/api/runs/run/evaluation");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("The test examples are not at hand: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inputs_OfANetworkOfPictures_AreAsked()
    {
        JsonElement inputs = await _board.JsonAsync("/api/runs/run/inputs");

        Assert.Equal(JsonValueKind.Null, inputs.GetProperty("problem").ValueKind);
        Assert.Equal(JsonValueKind.Null, inputs.GetProperty("columns").ValueKind);
        (HttpStatusCode status, string text) = await _board.PostAsync("/api/runs/run/rows", "a,b\n1,2\n");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("was trained on mnist, not on rows of a file", text, StringComparison.Ordinal);
    }

    private async Task<string> WriteReportAsync()
    {
        string file = _folder.File("report.html");
        CommandRun report = await CommandRun.RunAsync(["report", _run, "--out", file]);
        Assert.True(report.ExitCode == 0, report.Error);
        return await File.ReadAllTextAsync(file);
    }

    // Drawings number their parts from where the process is.
    private static string WithoutIds(string html) => Regex.Replace(html, "(cl|id|url\\(#)[_A-Za-z\"=]*[0-9a-f]+", "");
}
