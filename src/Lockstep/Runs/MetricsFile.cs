using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Files;

namespace Lockstep.Runs;

/// <summary><c>metrics.jsonl</c>: one <see cref="MetricsRow"/> a line, in the order of the steps, no step twice.</summary>
public sealed class MetricsFile : IDisposable
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LineFile _file;
    private readonly double _elapsedBefore;
    private long _lastStep;

    private MetricsFile(LineFile file, long lastStep, double elapsedBefore) =>
        (_file, _lastStep, _elapsedBefore) = (file, lastStep, elapsedBefore);

    /// <summary>Opens the file to go on after a step. Lines of later steps, which will be trained again, are dropped.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="step">The step that the run continues from; 0 for a new run.</param>
    /// <param name="disk">Where; null is this machine's disk.</param>
    public static MetricsFile Open(string path, long step, Disk? disk = null)
    {
        disk ??= Disk.OfThisMachine;
        (long Step, double Elapsed) last = (0, 0);
        if (disk.Exists(path))
        {
            var kept = new StringBuilder();
            using (var reader = new StreamReader(disk.OpenToRead(path)))
            {
                // A line that a crash cut short is the last one, and its step is trained again.
                while (reader.ReadLine() is { } line && Read(line) is { } row && row.Step <= step)
                {
                    kept.Append(line).Append('\n');
                    last = row;
                }
            }

            disk.WriteWhole(path, file => file.Write(Encoding.UTF8.GetBytes(kept.ToString())));
        }

        return new MetricsFile(new LineFile(path, disk), last.Step, last.Elapsed);
    }

    /// <summary>Appends a line. The seconds before a resume are added to its <see cref="MetricsRow.ElapsedSeconds"/>.</summary>
    /// <exception cref="IOException">It cannot be written yet; it goes with the next one.</exception>
    public void Append(MetricsRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Step <= _lastStep)
            return;
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line, Compact))
            Write(writer, row with { ElapsedSeconds = _elapsedBefore + row.ElapsedSeconds });
        _lastStep = row.Step;
        _file.Append(line.GetBuffer().AsSpan(0, (int)line.Length));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static void Write(Utf8JsonWriter writer, MetricsRow row)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", row.Step);
        writer.WriteFinite("epoch", Math.Round(row.Epoch, 6));
        writer.WriteFinite("trainLoss", row.TrainLoss);
        writer.WriteFinite("trainAccuracy", row.TrainAccuracy);
        writer.WriteFinite("validationLoss", row.ValidationLoss);
        writer.WriteFinite("validationAccuracy", row.ValidationAccuracy);
        writer.WriteFinite("learningRate", row.LearningRate);
        writer.WriteFinite("examplesPerSecond", Math.Round(row.ExamplesPerSecond, 1));
        writer.WriteFinite("elapsedSeconds", Math.Round(row.ElapsedSeconds, 3));
        writer.WriteEndObject();
    }

    private static (long Step, double Elapsed)? Read(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return (document.RootElement.GetProperty("step").GetInt64(), document.RootElement.GetProperty("elapsedSeconds").GetDouble());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
