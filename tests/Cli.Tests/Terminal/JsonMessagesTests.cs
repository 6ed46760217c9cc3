using System.Text.Json;
using Lockstep.Cli.Terminal;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Tests.Terminal;

public class JsonMessagesTests
{
    private readonly StringWriter _error = new();
    private readonly JsonMessages _messages;

    public JsonMessagesTests() => _messages = new JsonMessages(_error, new FixedClock());

    [Fact]
    public void Say_WithNothingKnown_HasTimeLevelAndMessage()
    {
        _messages.Say(LogLevel.Warning, "two\nlines, \"ünd\" \u001b[2J");

        Assert.Equal("""{"time":"2026-01-31T12:00:00.250Z","level":"warning","message":"two\nlines, \"ünd\" \u001B[2J"}""" + Environment.NewLine, _error.ToString());
    }

    [Fact]
    public void Say_InARun_HasItsPlaceAndWhatIsKnownBetter()
    {
        _messages.Place = () => new RunPlace("00000000000004d2", 2, 75, "127.0.0.1:1");
        _messages.Say(LogLevel.Information, "a");
        _messages.Say(LogLevel.Information, "b", new RunPlace(Step: 50, Worker: "127.0.0.1:2"));

        Assert.Equal([("00000000000004d2", 2, 75, "127.0.0.1:1"), ("00000000000004d2", 2, 50, "127.0.0.1:2")], Records().Select(record =>
            (
                record.GetProperty("run").GetString()!, record.GetProperty("term").GetInt32(), record.GetProperty("step").GetInt32(),
                record.GetProperty("worker").GetString()!)));
    }

    [Fact]
    public void Say_Metrics_HasThemAsNumbersUnderTheNamesOfTheirFile()
    {
        var row = new MetricsRow(860, 2, 0.25, 0.925, 0.3, 0.97, 0.05, 51_000.5, 3.25);
        _messages.Say(LogLevel.Information, "epoch 2", new RunPlace(Step: 860), row);

        JsonElement record = Assert.Single(Records());
        Assert.Equal(
            (860, 0.25, 0.97, 0.05),
            (record.GetProperty("step").GetInt64(), record.GetProperty("trainLoss").GetDouble(),
                record.GetProperty("validationAccuracy").GetDouble(), record.GetProperty("learningRate").GetDouble()));
        Assert.Single(record.EnumerateObject(), property => property.NameEquals("step"));
    }

    [Fact]
    public void Log_WithException_HasSourceAndException()
    {
        _messages.Log(LogLevel.Critical, "Akka", "It failed", new InvalidOperationException("because"));

        JsonElement record = Assert.Single(Records());
        Assert.Equal(
            ("critical", "Akka", "It failed"),
            (record.GetProperty("level").GetString(), record.GetProperty("source").GetString(), record.GetProperty("message").GetString()));
        Assert.Contains("InvalidOperationException: because", record.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Refuse_Mistakes_AreARecordEach()
    {
        _messages.Refuse("lockstep train", ["First.", "Second."]);

        Assert.Equal([("error", "lockstep train: First."), ("error", "lockstep train: Second.")],
            Records().Select(record => (record.GetProperty("level").GetString(), record.GetProperty("message").GetString())));
    }

    [Fact]
    public void Show_RecordedRun_HasLevelsStepsAndWorkers()
    {
        var display = new PlainDisplay(_messages, quiet: false);
        foreach (RunEvent happened in RecordedRun.Events)
            display.Show(happened, Samples.Spec);

        JsonElement[] records = Records();
        Assert.Equal(9, records.Length);
        Assert.Equal(
            ("warning", "127.0.0.1:5002"), (records[6].GetProperty("level").GetString(), records[6].GetProperty("worker").GetString()));
        Assert.Equal(("information", 50), (records[5].GetProperty("level").GetString(), records[5].GetProperty("step").GetInt32()));
    }

    private JsonElement[] Records() => [.. _error.ToString().Split(
        Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 31, 13, 0, 0, 250, TimeSpan.FromHours(1));
    }
}
