using System.Globalization;
using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Shared.Tests.Interchange;

namespace Lockstep.Cli.Tests.Commands;

public sealed class MetricsCommandTests(TrainedTinyRun trained) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_OfARun_AreTheValuesOfItsFile()
    {
        CommandRun run = await CommandRun.RunAsync(["metrics", trained.Run]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        string[] lines = run.Out.TrimEnd().Split(Environment.NewLine);
        string[] names = lines[0].Split(',');
        string[] recorded = File.ReadAllLines(RunFolder.MetricsFileOf(trained.Run));
        Assert.Equal(4, recorded.Length);
        Assert.Equal(recorded.Length, lines.Length - 1);
        for (int i = 0; i < recorded.Length; i++)
        {
            JsonElement row = JsonDocument.Parse(recorded[i]).RootElement;
            string[] cells = lines[i + 1].Split(',');
            Assert.Equal(names.Length, cells.Length);
            Assert.All(row.EnumerateObject(), field => Assert.Contains(field.Name, names));
            for (int column = 0; column < names.Length; column++)
            {
                if (row.TryGetProperty(names[column], out JsonElement value) && value.ValueKind == JsonValueKind.Number)
                    Assert.Equal(value.GetDouble(), double.Parse(cells[column], CultureInfo.InvariantCulture));
                else
                    Assert.Equal("", cells[column]);
            }
        }
    }

    [Fact]
    public async Task Metrics_AsJson_HasTheLinesOfItsFile()
    {
        CommandRun run = await CommandRun.RunAsync(["metrics", trained.Run, "--json"]);

        using var document = JsonDocument.Parse(run.Out);
        Assert.Equal(trained.Run, document.RootElement.GetProperty("run").GetString());
        Assert.Equal(
            File.ReadAllLines(RunFolder.MetricsFileOf(trained.Run)),
            document.RootElement.GetProperty("metrics").EnumerateArray().Select(row => JsonSerializer.Serialize(row)));
    }

    [Fact]
    public async Task Metrics_ValuesThatAreNoNumbers_AreEmpty()
    {
        string run = trained.CopyTo(_folder);
        File.WriteAllText(RunFolder.MetricsFileOf(run),
            """{"step":3,"epoch":1,"trainLoss":1e-7,"trainAccuracy":null,"validationLoss":null,"validationAccuracy":null"""
            + ""","learningRate":0.5,"examplesPerSecond":10,"elapsedSeconds":2,"later":7,"validationR2":-0.25}"""
            + "\n{\"step\":6,\"epoch\":2,\"trainL");

        CommandRun metrics = await CommandRun.RunAsync(["metrics", run]);

        Assert.Equal("3,1,1E-07,,,,0.5,10,2,,-0.25", metrics.Out.TrimEnd().Split(Environment.NewLine)[1]);
        Assert.Contains("1 line cannot be read", metrics.Error);
    }

    [SkippableFact]
    public async Task ReadMetrics_BothForms_GiveTheSameTable()
    {
        Python.Require("csv", "json");
        string csv = _folder.File("metrics.csv"), script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "read_metrics.py"));
        File.WriteAllText(csv, (await CommandRun.RunAsync(["metrics", trained.Run])).Out);

        string[] ofLines = Python.Run(script, RunFolder.MetricsFileOf(trained.Run)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] ofCsv = Python.Run(script, csv).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(ofLines, ofCsv);
        Assert.Equal(5, ofLines.Length);
        Assert.Equal(["step", "epoch", "trainLoss"], ofLines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3]);
        Assert.Equal(["3", "6", "9", "12"], ofLines[1..].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]));
    }
}
