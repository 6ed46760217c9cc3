using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Files;

namespace Lockstep.Runs;

/// <summary>
/// The folder of one run: <c>config.json</c>, <c>env.json</c>, <c>metrics.jsonl</c>, <c>events.jsonl</c>, <c>trace.txt</c>,
/// <c>summary.json</c>, <c>log.txt</c>, after a failure <c>failure.json</c>, <c>checkpoints/</c>, and if asked for
/// <c>tensorboard/</c>. One process at a time has it open.
/// </summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>Folder of runs for which no folder is given.</summary>
    public const string DefaultParent = "runs";

    /// <summary>The property of <c>config.json</c> that holds the run spec; all others are options.</summary>
    public const string RunSpecKey = "runSpec";

    private readonly FileStream _lock;
    private readonly bool _isNew;

    private RunFolder(string path, FileStream @lock, bool isNew) => (Path, _lock, _isNew) = (path, @lock, isNew);

    /// <summary>The folder, as the user gave it.</summary>
    public string Path { get; }

    /// <summary>The resolved options and the run spec.</summary>
    public string ConfigFile => ConfigFileOf(Path);

    /// <summary>The model; only there when its widths do not describe it.</summary>
    public string ModelFile => System.IO.Path.Combine(Path, "model.json");

    /// <summary>The machine and the versions.</summary>
    public string EnvironmentFile => EnvironmentFileOf(Path);

    /// <summary>One object a line.</summary>
    public string MetricsFile => MetricsFileOf(Path);

    /// <summary>What happened, one object a line.</summary>
    public string EventsFile => EventsFileOf(Path);

    /// <summary>Each step's hash of the weights, a line each.</summary>
    public string TraceFile => TraceFileOf(Path);

    /// <summary>How the run ended.</summary>
    public string SummaryFile => SummaryFileOf(Path);

    /// <summary>Why the run failed; absent otherwise.</summary>
    public string FailureFile => System.IO.Path.Combine(Path, "failure.json");

    /// <summary>What happened, with stack traces.</summary>
    public string LogFile => LogFileOf(Path);

    /// <summary>The checkpoints.</summary>
    public string CheckpointDirectory => CheckpointDirectoryOf(Path);

    /// <summary>Event files for TensorBoard; only there when they were asked for.</summary>
    public string TensorBoardDirectory => System.IO.Path.Combine(Path, "tensorboard");

    /// <summary>The configuration in a run folder.</summary>
    public static string ConfigFileOf(string directory) => System.IO.Path.Combine(directory, "config.json");

    /// <summary>The machine and the versions in a run folder.</summary>
    public static string EnvironmentFileOf(string directory) => System.IO.Path.Combine(directory, "env.json");

    /// <summary>The metrics in a run folder.</summary>
    public static string MetricsFileOf(string directory) => System.IO.Path.Combine(directory, "metrics.jsonl");

    /// <summary>The events in a run folder.</summary>
    public static string EventsFileOf(string directory) => System.IO.Path.Combine(directory, "events.jsonl");

    /// <summary>The trace in a run folder.</summary>
    public static string TraceFileOf(string directory) => System.IO.Path.Combine(directory, "trace.txt");

    /// <summary>The summary in a run folder.</summary>
    public static string SummaryFileOf(string directory) => System.IO.Path.Combine(directory, "summary.json");

    /// <summary>The log in a run folder.</summary>
    public static string LogFileOf(string directory) => System.IO.Path.Combine(directory, "log.txt");

    /// <summary>The checkpoints in a run folder.</summary>
    public static string CheckpointDirectoryOf(string directory) => System.IO.Path.Combine(directory, "checkpoints");

    /// <summary>Whether a folder holds a run in which something was trained: a checkpoint or a line of metrics.</summary>
    public static bool HoldsRun(string directory) =>
        HoldsCheckpoint(directory) || new FileInfo(MetricsFileOf(directory)) is { Exists: true, Length: > 0 };

    /// <summary>The run folder that a checkpoint lies in; null for one that is elsewhere, or has no file.</summary>
    public static string? Of(string? checkpoint) =>
        System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(checkpoint)) is { Length: > 0 } folder && Holds(folder, checkpoint)
            && File.Exists(ConfigFileOf(folder))
            ? folder
            : null;

    /// <summary>Whether a checkpoint lies among those of a run folder.</summary>
    /// <param name="directory">The run folder.</param>
    /// <param name="checkpoint">The file; null for one that was read from nowhere.</param>
    public static bool Holds(string directory, string? checkpoint) => checkpoint is not null
        && System.IO.Path.GetFullPath(CheckpointDirectoryOf(directory))
            == System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(checkpoint));

    /// <summary>Whether a folder is that of a run, whether or not anything was trained in it.</summary>
    public static bool IsRun(string directory) => File.Exists(ConfigFileOf(directory)) || HoldsRun(directory);

    /// <summary>A name for a run that starts now, such as <c>runs/20260131T235959Z-1f3a5c</c>; names sort by time.</summary>
    public static string NewName(DateTimeOffset now)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return System.IO.Path.Combine(DefaultParent, $"{time}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
    }

    /// <summary>Finds the unfinished run with a checkpoint in a folder of runs that was saved to last; null for none.</summary>
    public static string? FindUnfinished(string parent) =>
        List(parent).Where(directory => HoldsCheckpoint(directory) && !IsComplete(directory)).MaxBy(SavedAt);

    /// <summary>The run folders in a folder, in no order; none where there is no such folder.</summary>
    public static IReadOnlyList<string> List(string parent) =>
        Directory.Exists(parent) ? [.. Directory.GetDirectories(parent).Where(IsRun)] : [];

    /// <summary>Creates the folder of a new run.</summary>
    /// <exception cref="RunFolderException">It already holds a run, or cannot be created or written to.</exception>
    public static RunFolder Create(string path)
    {
        RefuseRun(path);
        return Open(path, isNew: !Directory.Exists(path));
    }

    /// <summary>Refuses a folder that a new run cannot have.</summary>
    /// <exception cref="RunFolderException">It already holds a run.</exception>
    public static void RefuseRun(string path)
    {
        if (HoldsRun(path))
        {
            throw new RunFolderException(
                $"{path} already holds a run. Resume it with --resume {ShellWord.OfPath(path)}, or give another folder to --out.");
        }
    }

    /// <summary>Refuses a path that is no folder.</summary>
    /// <exception cref="RequestException">It is a file, or does not exist.</exception>
    internal static void RefuseMissing(string path)
    {
        if (Directory.Exists(path))
            return;
        string found = File.Exists(path) ? "is a file" : "does not exist";
        throw new RequestException($"The run folder {path} {found}. Give the folder that a training printed as 'run folder'.");
    }

    /// <summary>Opens the folder of a run that is resumed or begun again; creates it if need be.</summary>
    /// <exception cref="RunFolderException">It cannot be written to, or another process has it open.</exception>
    public static RunFolder Reopen(string path) => Open(path, isNew: !Directory.Exists(path));

    /// <summary>
    /// Writes <c>config.json</c>: settings as properties, and the run spec. A model that its widths do not describe goes into
    /// <c>model.json</c>, which the configuration then names.
    /// </summary>
    /// <param name="settings">Names and values: texts, numbers and truth values.</param>
    /// <param name="spec">The run.</param>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public void WriteConfiguration(IEnumerable<KeyValuePair<string, object>> settings, RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(settings);
        bool isPlain = SpecSettings.IsPlain(spec.Model);
        if (!isPlain)
            Try(Path, () => JsonFile.Write(ModelFile, writer => Model.Specs.ModelFile.Write(writer, spec.Model)));
        Try(Path, () => JsonFile.Write(ConfigFile, writer =>
        {
            writer.WriteStartObject();
            foreach ((string key, object value) in settings)
                Write(writer, key, key == SpecSettings.ModelKey && !isPlain ? System.IO.Path.GetFullPath(ModelFile) : value);
            writer.WritePropertyName(RunSpecKey);
            RunSpecJson.Write(writer, spec);
            writer.WriteEndObject();
        }));
    }

    /// <summary>Writes <c>env.json</c>.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public void WriteEnvironment(DateTimeOffset started, IReadOnlyList<string> arguments) =>
        Try(Path, () => JsonFile.Write(EnvironmentFile, writer => RunEnvironment.Write(writer, started, arguments)));

    /// <summary>Opens <c>metrics.jsonl</c> to continue after a step; 0 for a new run.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public MetricsFile OpenMetrics(long step) => Try(Path, () => Runs.MetricsFile.Open(MetricsFile, step));

    /// <summary>Opens <c>events.jsonl</c> to append to it.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public EventsFile OpenEvents(TimeProvider clock) => Try(Path, () => Runs.EventsFile.Open(EventsFile, clock));

    /// <summary>Removes the files of a run that did not begin.</summary>
    public void Discard()
    {
        Dispose();
        if (HoldsRun(Path) || !Directory.Exists(CheckpointDirectory))
            return;
        foreach (string file in new[] { ConfigFile, ModelFile, EnvironmentFile, MetricsFile, EventsFile, TraceFile, LogFile })
            File.Delete(file);
        if (Directory.Exists(TensorBoardDirectory))
            Directory.Delete(TensorBoardDirectory, recursive: true);
        Directory.Delete(CheckpointDirectory);
        if (_isNew)
            Directory.Delete(Path);
    }

    /// <summary>Releases the folder for other processes.</summary>
    public void Dispose() => _lock.Dispose();

    private static bool HoldsCheckpoint(string directory) =>
        Directory.Exists(CheckpointDirectoryOf(directory)) && Directory.EnumerateFiles(CheckpointDirectoryOf(directory)).Any();

    private static void Write(Utf8JsonWriter writer, string key, object value)
    {
        switch (value)
        {
            case bool flag:
                writer.WriteBoolean(key, flag);
                break;
            case long number:
                writer.WriteNumber(key, number);
                break;
            case ulong number:
                writer.WriteNumber(key, number);
                break;
            case double number:
                writer.WriteNumber(key, number);
                break;
            default:
                writer.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static DateTime SavedAt(string directory) =>
        Directory.EnumerateFiles(CheckpointDirectoryOf(directory)).Max(File.GetLastWriteTimeUtc);

    /// <summary>Whether the summary says completed, and no later step was saved: a run may have been made longer since.</summary>
    private static bool IsComplete(string directory)
    {
        try
        {
            using JsonDocument summary = JsonDocument.Parse(
                JsonInput.WithoutByteOrderMark(BoundedFile.ReadAllBytes(SummaryFileOf(directory), BoundedFile.MaxTextBytes)));
            return summary.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("outcome", out JsonElement outcome)
                && outcome.ValueKind == JsonValueKind.String && outcome.ValueEquals("completed")
                && root.TryGetProperty("steps", out JsonElement steps) && steps.TryGetInt64(out long ended)
                && new CheckpointStore(CheckpointDirectoryOf(directory)).List().All(file => file.Step <= ended);
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or CheckpointException)
        {
            return false;
        }
    }

    private static RunFolder Open(string path, bool isNew) => Try(path, () =>
    {
        _ = Directory.CreateDirectory(CheckpointDirectoryOf(path));
        return new RunFolder(path, Lock(path), isNew);
    });

    private static void Try(string path, Action action) => Try(path, () =>
    {
        action();
        return true;
    });

    private static T Try<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            string reason = FindFile(path) is { } file ? $"{file} is a file, not a folder" : e.Message.TrimEnd('.');
            throw new RunFolderException($"The run folder {path} cannot be written: {reason}. "
                + "Give a folder that you may write to with --out.", e);
        }
    }

    // For a path through a file, the system only says that something was not found.
    private static string? FindFile(string path)
    {
        for (string? part = path; !string.IsNullOrEmpty(part); part = System.IO.Path.GetDirectoryName(part))
        {
            if (File.Exists(part))
                return part;
        }

        return null;
    }

    // Two processes that write the same metrics and rotate each other's checkpoints would ruin both runs. The lock is the
    // operating system's, which releases it when the process ends.
    private static FileStream Lock(string path)
    {
        string file = System.IO.Path.Combine(path, ".lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new RunFolderException($"The run in {path} is in use by another process. Wait for it to end, or stop it first.", e);
        }
    }
}
