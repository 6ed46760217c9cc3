using System.Text;
using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Shared.Files;

namespace Lockstep.Runs;

/// <summary><c>metrics.jsonl</c>: one <see cref="MetricsRow"/> a line, in the order of the steps, no step twice.</summary>
public sealed class MetricsFile : IDisposable
{
    private readonly LineFile _file;
    private readonly double _elapsedBefore;
    private long _lastStep;

    private MetricsFile(LineFile file, long lastStep, double elapsedBefore) =>
        (_file, _lastStep, _elapsedBefore) = (file, lastStep, elapsedBefore);

    /// <summary>Opens the file to continue after a step. Drops lines of later steps, which are trained again.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="step">The step that the run continues from; 0 for a new run.</param>
    /// <param name="disk">The disk; null is this machine's.</param>
    public static MetricsFile Open(string path, long step, Disk? disk = null)
    {
        disk ??= Disk.OfThisMachine;
        (long Step, double Elapsed) last = (0, 0);
        if (disk.Exists(path))
        {
            var kept = new StringBuilder();
            using (var reader = new StreamReader(disk.OpenToRead(path)))
            {
                foreach ((string line, MetricsRow row) in LinesUpTo(reader, step))
                {
                    kept.Append(line).Append('\n');
                    last = (row.Step, row.ElapsedSeconds);
                }
            }

            disk.WriteWhole(path, file => file.Write(Encoding.UTF8.GetBytes(kept.ToString())));
        }

        return new MetricsFile(new LineFile(path, disk), last.Step, last.Elapsed);
    }

    /// <summary>Reads the lines up to a step, also while the file grows.</summary>
    internal static IReadOnlyList<MetricsRow> ReadUpTo(string path, long step)
    {
        using var reader = new StreamReader(Disk.OfThisMachine.OpenToRead(path));
        return [.. LinesUpTo(reader, step).Select(line => line.Row)];
    }

    /// <summary>Appends a line. The seconds before a resume are added to its <see cref="MetricsRow.ElapsedSeconds"/>.</summary>
    /// <exception cref="IOException">It cannot be written now; it is written with the next one.</exception>
    public void Append(MetricsRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Step <= _lastStep)
            return;
        MetricsRow written = row with
        {
            Epoch = Math.Round(row.Epoch, 6),
            ExamplesPerSecond = Math.Round(row.ExamplesPerSecond, 1),
            ElapsedSeconds = Math.Round(_elapsedBefore + row.ElapsedSeconds, 3),
        };
        _lastStep = row.Step;
        _file.Append(JsonFile.Line(written, RunFilesContext.Default.MetricsRow));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    // A line that a crash cut short is the last one, and its step is trained again.
    private static IEnumerable<(string Line, MetricsRow Row)> LinesUpTo(StreamReader reader, long step)
    {
        while (reader.ReadLine() is { } line && Read(line) is { } row && row.Step <= step)
            yield return (line, row);
    }

    // Null for a line that a crash cut short, or that another program wrote.
    private static MetricsRow? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RunFilesContext.Default.MetricsRow);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
