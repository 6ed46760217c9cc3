using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Runs;

public sealed class MetricsFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Path => _temporary.File("metrics.jsonl");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Append_Row_HasTheDocumentedFields()
    {
        using (var metrics = MetricsFile.Open(Path, step: 0))
            metrics.Append(Row(430, elapsed: 2.5));

        using JsonDocument line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(Path)));

        Assert.Equal(
            ["step", "epoch", "trainLoss", "trainAccuracy", "validationLoss", "validationAccuracy", "learningRate", "examplesPerSecond", "elapsedSeconds"],
            line.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(430, line.RootElement.GetProperty("step").GetInt64());
        Assert.Equal(2.5, line.RootElement.GetProperty("elapsedSeconds").GetDouble());
    }

    [Fact]
    public void Append_LossThatIsNotFinite_IsNull()
    {
        using (var metrics = MetricsFile.Open(Path, step: 0))
            metrics.Append(Row(1, elapsed: 1) with { TrainLoss = double.NaN });

        Assert.Contains("\"trainLoss\":null", File.ReadAllText(Path));
    }

    [Fact]
    public void Append_WhileOpen_CanBeRead()
    {
        using var metrics = MetricsFile.Open(Path, step: 0);
        metrics.Append(Row(1, elapsed: 1));

        using var reader = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

        Assert.EndsWith("}\n", reader.ReadToEnd());
    }

    [Theory]
    [InlineData(0, new long[] { })]
    [InlineData(250, new long[] { 100, 200 })]
    [InlineData(300, new long[] { 100, 200, 300 })]
    public void Open_ResumedStep_DropsLaterLines(long step, long[] kept)
    {
        Fill(100, 200, 300, 400);

        using (MetricsFile.Open(Path, step))
        {
        }

        Assert.Equal(kept, Steps());
    }

    [Fact]
    public void Open_LineCutShortByACrash_IsDropped()
    {
        Fill(100, 200);
        File.AppendAllText(Path, "{\"step\":300,\"epo");

        using (var metrics = MetricsFile.Open(Path, step: 350))
            metrics.Append(Row(300, elapsed: 1));

        Assert.Equal([100, 200, 300], Steps());
    }

    [Fact]
    public void Append_StepThatIsThereAlready_IsNotRepeated()
    {
        Fill(100, 200);

        using (var metrics = MetricsFile.Open(Path, step: 200))
        {
            metrics.Append(Row(200, elapsed: 0.1));
            metrics.Append(Row(300, elapsed: 0.2));
        }

        Assert.Equal([100, 200, 300], Steps());
    }

    [Fact]
    public void Append_AfterAResume_ElapsedGoesOn()
    {
        using (var metrics = MetricsFile.Open(Path, step: 0))
            metrics.Append(Row(100, elapsed: 10));
        using (var metrics = MetricsFile.Open(Path, step: 100))
            metrics.Append(Row(200, elapsed: 4));

        Assert.Contains("\"elapsedSeconds\":14", File.ReadAllLines(Path)[1]);
    }

    private void Fill(params long[] steps)
    {
        using var metrics = MetricsFile.Open(Path, step: 0);
        foreach (long step in steps)
            metrics.Append(Row(step, elapsed: step / 100.0));
    }

    private IEnumerable<long> Steps() =>
        File.ReadAllLines(Path).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64());

    private static MetricsRow Row(long step, double elapsed) => new(step, step / 430.0, 0.3, 0.9, 0.2, 0.95, 0.1, 30_000, elapsed);
}
