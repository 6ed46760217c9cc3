using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Terminal;

/// <summary>
/// Records for programs: one JSON object a line, with <c>time</c>, <c>level</c>, <c>message</c>, and what is known of the place in the run.
/// </summary>
/// <param name="error">Standard error.</param>
/// <param name="clock">Tells the time of each record.</param>
internal sealed class JsonMessages(TextWriter error, TimeProvider clock) : Messages
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();

    public override void Say(LogLevel level, string line, RunPlace about = default, MetricsRow? metrics = null) =>
        Write(level, line, about, metrics: metrics);

    public override void Log(LogLevel level, string source, string message, Exception? exception) =>
        Write(level, message, default, source, exception);

    public override void Refuse(string command, IReadOnlyList<string> mistakes)
    {
        foreach (string mistake in mistakes)
            Write(LogLevel.Error, $"{command}: {mistake}", default);
    }

    private void Write(
        LogLevel level, string message, RunPlace about, string? source = null, Exception? exception = null, MetricsRow? metrics = null)
    {
        RunPlace here = Place();
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line, Compact))
        {
            writer.WriteStartObject();
            writer.WriteString(
                "time", clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("level", level.ToString().ToLowerInvariant());
            writer.WriteString("message", message);
            if ((about.Run ?? here.Run) is { } run)
                writer.WriteString("run", run);
            if ((about.Term ?? here.Term) is { } term)
                writer.WriteNumber("term", term);
            if ((about.Step ?? here.Step) is { } step)
                writer.WriteNumber("step", step);
            if ((about.Worker ?? here.Worker) is { } worker)
                writer.WriteString("worker", worker);
            if (metrics is not null)
                WriteMetrics(writer, metrics);
            if (source is not null)
                writer.WriteString("source", source);
            if (exception is not null)
                writer.WriteString("exception", exception.ToString());
            writer.WriteEndObject();
        }

        string text = Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length);
        lock (_lock)
            error.WriteLine(text);
    }

    // Under the names that they have in metrics.jsonl; the step is there already.
    private static void WriteMetrics(Utf8JsonWriter writer, MetricsRow metrics)
    {
        JsonElement row = JsonSerializer.SerializeToElement(metrics, RunFilesContext.Default.MetricsRow);
        foreach (JsonProperty figure in row.EnumerateObject().Where(figure => !figure.NameEquals("step")))
            figure.WriteTo(writer);
    }
}
