using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

public class BenchCommandTests
{
    private static readonly string[] Small =
        ["bench", "--dataset", "synthetic", "--model", "784-16-10", "--batch-size", "32", "--shards", "6"];

    [Fact]
    public async Task Bench_Json_ForetellsFromWhatItMeasured()
    {
        CommandRun run = await CommandRun.RunAsync([.. Small, "--json", "--quiet"]);

        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        using var document = JsonDocument.Parse(run.Out);
        JsonElement result = document.RootElement;
        double gradient = Number("gradientSeconds"), update = Number("updateSeconds"), trip = Number("roundTripSeconds"),
            shared = Number("sharedTripSeconds");
        Assert.All([gradient, update, trip, shared, Number("hashSeconds"), Number("peakFlops")], value => Assert.True(value > 0));
        Assert.Equal(32 / (gradient + update), Number("examplesPerSecond"), tolerance: 1e-6 * Number("examplesPerSecond"));
        // 784-16-10: forward and weight gradients of both layers, data gradients of the upper.
        double flops = 4 * 784 * 16 + 6 * 16 * 10;
        Assert.Equal(Number("examplesPerSecond") * flops / Number("peakFlops"), Number("shareOfRoofline"), tolerance: 1e-9);
        JsonElement[] forecast = [.. result.GetProperty("forecast").EnumerateArray()];
        Assert.Equal([1, 2, 4, 6], forecast.Select(step => step.GetProperty("workers").GetInt32()));
        Assert.Equal(gradient / 2 + update + 2 * trip, forecast[1].GetProperty("stepSeconds").GetDouble(), tolerance: 1e-9);
        Assert.Equal(gradient + update + shared, forecast[0].GetProperty("stepSecondsHere").GetDouble(), tolerance: 1e-9);
        Assert.All(forecast, step => Assert.Equal(
            step.GetProperty("workers").GetInt32() <= Environment.ProcessorCount,
            step.GetProperty("stepSecondsHere").ValueKind == JsonValueKind.Number));
        Assert.InRange(result.GetProperty("workersHere").GetInt32(), 1, Math.Min(6, Environment.ProcessorCount));
        Assert.InRange(result.GetProperty("workersElsewhere").GetInt32(), 1, 6);

        double Number(string name) => result.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task Bench_Text_SaysWhatIsMeasuredAndWhatIsWorthWhile()
    {
        CommandRun run = await CommandRun.RunAsync(Small);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.All(["784-16-10", "gradient ", "round trip ", "step here ", "worth while here "], part => Assert.Contains(part, run.Out));
        Assert.Contains("training on one core", run.Error);
    }

    [Fact]
    public async Task Bench_ModelThatDoesNotFitTheImages_IsRefused()
    {
        CommandRun run = await CommandRun.RunAsync(["bench", "--dataset", "synthetic", "--model", "100-10"]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("784 pixels", run.Error);
        Assert.Empty(run.Out);
    }
}
