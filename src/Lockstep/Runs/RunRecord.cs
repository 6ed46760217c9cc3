using System.Text.Json;
using Lockstep.Coordinator.Runs;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;
using Lockstep.Wording;

namespace Lockstep.Runs;

/// <summary>Content of a run folder. Everything may be missing: the run may be under way, or have failed early.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Configuration">Content of <c>config.json</c>.</param>
/// <param name="Environment">Content of <c>env.json</c>.</param>
/// <param name="Summary">Content of <c>summary.json</c>.</param>
/// <param name="Metrics">Lines of <c>metrics.jsonl</c>; numbers that were null are NaN.</param>
/// <param name="Events">Lines of <c>events.jsonl</c>; null where there is no such file.</param>
/// <param name="Checkpoint">The newest valid checkpoint.</param>
/// <param name="Notes">What could not be read, and why.</param>
internal sealed record RunRecord(
    string Folder, JsonElement? Configuration, JsonElement? Environment, JsonElement? Summary, IReadOnlyList<MetricsRow> Metrics,
    IReadOnlyList<RecordedEvent>? Events, LoadedCheckpoint? Checkpoint, IReadOnlyList<string> Notes)
{
    // Far more than a run writes.
    private const int MaxLinesBytes = 64_000_000;

    /// <summary>What was trained; null without a checkpoint.</summary>
    public RunSpec? Spec => Checkpoint?.Checkpoint.Spec;

    /// <summary>The network of the newest checkpoint; null without one.</summary>
    public TrainedModel? ReadModel() => Checkpoint is { } found ? new TrainedModel(found.Checkpoint, found.Path) : null;

    /// <summary>Steps that the summary says were completed; null where it does not say.</summary>
    public long? SummarySteps => Summary.WholeNumber("steps");

    /// <summary>The best validation result that the summary tells of; null for none.</summary>
    public (string Metric, string Text, long Step)? Best => Summary.Object("best") is { } best
        && ((JsonElement?)best).Text("metric") is { } metric && ((JsonElement?)best).Number("value") is { } value
        && ((JsonElement?)best).WholeNumber("step") is { } step
            ? (StopSpec.WordOf(MetricOf(metric)), Format.Metric(MetricOf(metric), value), step)
            : null;

    /// <summary>A text of the summary; null if it has none.</summary>
    public string? SummaryText(string name) => Summary.Text(name);

    /// <summary>That of the last evaluation; NaN without one.</summary>
    public double ValidationAccuracy => Metrics.Count == 0 ? double.NaN : Metrics[^1].ValidationAccuracy;

    /// <summary>That at the end of the run; NaN before, also where a run that had ended was extended.</summary>
    public double TestAccuracy => HasGoneOn ? double.NaN : Summary.Number("testAccuracy") ?? double.NaN;

    /// <summary>R² of the last evaluation; null without one, or for classes.</summary>
    public double? ValidationR2 => Metrics.Count == 0 ? null : Metrics[^1].ValidationR2;

    /// <summary>R² at the end of the run; null before, or for classes.</summary>
    public double? TestR2 => HasGoneOn ? null : Summary.Number("testR2");

    // The summary is of an earlier part of the run.
    private bool HasGoneOn => Metrics.Count > 0 && Metrics[^1].Step > SummarySteps;

    /// <summary>Reads a run folder.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="withCheckpoint">Whether the newest checkpoint is read as well.</param>
    /// <exception cref="RequestException">It is not a run folder.</exception>
    public static RunRecord Read(string folder, bool withCheckpoint = true)
    {
        RunFolder.RefuseMissing(folder);
        if (!RunFolder.IsRun(folder))
            throw new RequestException($"{folder} holds no run: there is neither a config.json nor a checkpoint in it. "
                + "Give the folder that a training printed as 'run folder'.");

        var notes = new List<string>();
        var metrics = new List<MetricsRow>();
        ReadLines(RunFolder.MetricsFileOf(folder), notes, line =>
            metrics.Add(line.Deserialize(RunFilesContext.Default.MetricsRow) ?? throw new JsonException()));
        List<RecordedEvent>? events = File.Exists(RunFolder.EventsFileOf(folder)) ? [] : null;
        ReadLines(RunFolder.EventsFileOf(folder), notes, line =>
            events!.Add(new RecordedEvent(Text(line, "time"), Text(line, "kind"), Text(line, "text"))));
        return new RunRecord(
            folder, ReadObject(RunFolder.ConfigFileOf(folder), notes), ReadObject(RunFolder.EnvironmentFileOf(folder), notes),
            ReadObject(RunFolder.SummaryFileOf(folder), notes), metrics, events, withCheckpoint ? ReadCheckpoint(folder, notes) : null,
            notes);
    }

    // A summary may be of another version, or damaged.
    private static ValidationMetric MetricOf(string name) => name switch
    {
        "accuracy" => ValidationMetric.Accuracy,
        "r2" => ValidationMetric.R2,
        _ => ValidationMetric.Loss,
    };

    private static LoadedCheckpoint? ReadCheckpoint(string folder, List<string> notes)
    {
        try
        {
            LoadedCheckpoint found = CheckpointStore.Load(folder, mayBeNonFinite: true);
            notes.AddRange(found.Warnings);
            return found;
        }
        catch (CheckpointException e)
        {
            notes.Add(e.Message);
            return null;
        }
    }

    private static JsonElement? ReadObject(string path, List<string> notes)
    {
        if (ReadBytes(path, BoundedFile.MaxTextBytes, notes) is not { } bytes)
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(JsonInput.WithoutByteOrderMark(bytes));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                notes.Add($"{path} holds no JSON object.");
            else if (!JsonInput.IsUnicode(document.RootElement))
                notes.Add($"{path} holds a text that is not Unicode.");
            else
                return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            notes.Add($"{path} is not JSON: {e.Message}");
        }

        return null;
    }

    private static void ReadLines(string path, List<string> notes, Action<JsonElement> add)
    {
        if (ReadBytes(path, MaxLinesBytes, notes) is not { } bytes)
            return;
        int unreadable = 0;
        using var reader = new StreamReader(new MemoryStream(bytes));
        while (reader.ReadLine() is { } line)
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                add(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                unreadable++;
            }
        }

        if (unreadable > 0)
            notes.Add($"{path}: {Format.Plural(unreadable, "line")} cannot be read and {(unreadable == 1 ? "is" : "are")} left out.");
    }

    private static byte[]? ReadBytes(string path, int maxBytes, List<string> notes)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return BoundedFile.ReadAllBytes(path, maxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            notes.Add($"{path} cannot be read: {e.Message}");
            return null;
        }
    }

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? "";
}
