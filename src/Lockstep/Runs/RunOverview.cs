using System.Text.Json;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Runs;

/// <summary>A run in one line of a list, from the small files of its folder: no checkpoint is read.</summary>
/// <param name="Record">What its files say, without a checkpoint.</param>
/// <param name="Step">The last step that its metrics, its summary or the name of a checkpoint tell of.</param>
/// <param name="Changed">When it last saved or recorded anything, in UTC.</param>
internal sealed record RunOverview(RunRecord Record, long Step, DateTime Changed)
{
    /// <summary>Widths of the network; null where the configuration does not say.</summary>
    public string? Model => Spec.Text(SpecSettings.ModelKey);

    /// <summary>Name of the data set; null where the configuration does not say.</summary>
    public string? Dataset => Spec.Object("data").Text("name") ?? Record.Configuration.Text(RunConfiguration.DatasetKey);

    /// <summary>Length of the run in steps; null where the configuration does not say.</summary>
    public long? TotalSteps => Spec.WholeNumber("totalSteps");

    private JsonElement? Spec => Record.Configuration.Object(RunFolder.RunSpecKey);

    /// <summary>Reads a run folder.</summary>
    /// <exception cref="RequestException">It is no run folder.</exception>
    public static RunOverview Read(string folder)
    {
        var record = RunRecord.Read(folder, withCheckpoint: false);
        (string Path, long Step)[] files = ListCheckpoints(folder);
        long step = Math.Max(record.Metrics.Count == 0 ? 0 : record.Metrics[^1].Step, record.SummarySteps ?? 0);
        DateTime changed = files.Select(file => file.Path).Append(RunFolder.MetricsFileOf(folder)).Append(RunFolder.ConfigFileOf(folder))
            .Append(RunFolder.SummaryFileOf(folder)).Where(File.Exists).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max();
        return new RunOverview(record, Math.Max(step, files.Select(file => file.Step).DefaultIfEmpty().Max()), changed);
    }

    /// <summary>The files of a run's checkpoints, unordered and unread; none where they cannot be listed.</summary>
    public static (string Path, long Step)[] ListCheckpoints(string folder)
    {
        try
        {
            return [.. new CheckpointStore(RunFolder.CheckpointDirectoryOf(folder)).List()];
        }
        catch (CheckpointException)
        {
            return [];
        }
    }
}
