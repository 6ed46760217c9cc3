using System.Text.Json;
using Lockstep.Cli.Reports;
using Lockstep.Runs;
using Lockstep.Shared.Checkpoints;

namespace Lockstep.Cli.Board;

/// <summary>The runs that a board shows. Only small files are read, and those of a run that has not changed only once.</summary>
/// <param name="parent">Folder that holds run folders.</param>
/// <param name="live">The run that this process trains; null for none.</param>
internal sealed class RunShelf(string parent, LiveRun? live)
{
    private const int MostCheckpoints = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Stamp, BoardRow Row)> _rows = [];

    /// <summary>Folder that holds run folders.</summary>
    public string Parent => parent;

    /// <summary>The run that this process trains; null for none.</summary>
    public LiveRun? Live => live;

    /// <summary>All runs, the newest first.</summary>
    public IReadOnlyList<BoardRow> List()
    {
        lock (_lock)
            return [.. RunFolder.List(parent).Select(RowOf).OrderByDescending(row => row.Changed)];
    }

    /// <summary>The folder of a run; null if there is none of this name.</summary>
    public string? Find(string name) => RunFolder.List(parent).FirstOrDefault(folder => Path.GetFileName(folder) == name);

    /// <summary>All of a run but its checkpoints.</summary>
    public BoardRun Read(string folder)
    {
        // Lines that come in between are sent twice rather than never: the page knows their steps.
        long metricsBytes = LengthOf(RunFolder.MetricsFileOf(folder)), eventsBytes = LengthOf(RunFolder.EventsFileOf(folder));
        RunOverview run = RunOverview.Read(folder);
        RunStatus status = StatusOf(run);
        return new BoardRun(
            RowOf(folder, run, status), status.Text, run.Record.SummaryText("weightsSha256"),
            TraceTail.Read(RunFolder.TraceFileOf(folder)), CheckpointsOf(folder), run.Record.Metrics, metricsBytes, run.Record.Events ?? [],
            eventsBytes, run.Record.Notes, IsLive(folder) ? live!.Moments : []);
    }

    /// <summary>The newest checkpoints of a run that are on the disk, by step.</summary>
    public static IReadOnlyList<BoardCheckpoint> CheckpointsOf(string folder) =>
    [
        .. new CheckpointStore(RunFolder.CheckpointDirectoryOf(folder)).List().OrderBy(file => file.Step).TakeLast(MostCheckpoints)
            .Where(file => File.Exists(file.Path)).Select(file => new BoardCheckpoint(file.Step, File.GetLastWriteTimeUtc(file.Path))),
    ];

    /// <summary>Whether this process trains the run of a folder.</summary>
    public bool IsLive(string folder) => live?.Folder == Path.GetFullPath(folder);

    private BoardRow RowOf(string folder)
    {
        long stamp = Stamp(folder);
        if (_rows.TryGetValue(folder, out (long Stamp, BoardRow Row) known) && known.Stamp == stamp)
            return known.Row;
        RunOverview run = RunOverview.Read(folder);
        BoardRow row = RowOf(folder, run, StatusOf(run));
        _rows[folder] = (stamp, row);
        return row;
    }

    private static RunStatus StatusOf(RunOverview run) => RunStatus.Of(run.Record, run.Step, run.TotalSteps);

    private BoardRow RowOf(string folder, RunOverview run, RunStatus status)
    {
        bool isLive = IsLive(folder) && run.Record.SummaryText("outcome") is null;
        return new BoardRow(
            Path.GetFileName(folder), isLive ? "training" : status.Word, isLive ? "good" : status.Kind, IsLive(folder), run.Model,
            run.Dataset, run.Step, run.TotalSteps, run.Changed, run.Record.ValidationR2 ?? run.Record.ValidationAccuracy,
            run.Record.TestR2 ?? run.Record.TestAccuracy, run.Record.ValidationR2 is not null || run.Record.TestR2 is not null,
            OptionsOf(run.Record.Configuration));
    }

    private static Dictionary<string, string> OptionsOf(JsonElement? configuration) => configuration is not { } options
        ? []
        : options.EnumerateObject().Where(option => option.Name != RunFolder.RunSpecKey && option.Value.ValueKind != JsonValueKind.Null)
            .ToDictionary(
                option => option.Name,
                option => option.Value.ValueKind == JsonValueKind.String ? option.Value.GetString()! : option.Value.GetRawText());

    // Changes with every file that a row is read from.
    private static long Stamp(string folder) => new[]
    {
        RunFolder.MetricsFileOf(folder), RunFolder.ConfigFileOf(folder), RunFolder.SummaryFileOf(folder),
        RunFolder.CheckpointDirectoryOf(folder),
    }.Aggregate(0L, (stamp, path) => HashCode.Combine(stamp, File.GetLastWriteTimeUtc(path).Ticks, LengthOf(path)));

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
