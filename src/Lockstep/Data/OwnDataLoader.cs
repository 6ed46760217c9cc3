using Lockstep.Data.Describing;
using Lockstep.Data.Preparing;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Wording;

namespace Lockstep.Data;

/// <summary>Reads the user's own files.</summary>
internal sealed class OwnDataLoader
{
    private const long ReportEveryMilliseconds = 2000;

    private readonly PreparationOptions _options;
    private readonly DataSpec? _known;
    private readonly Action<string>? _progress;
    private readonly PreparedCache? _cache;

    /// <summary>A loader.</summary>
    /// <param name="options">How files are prepared, and what is held out.</param>
    /// <param name="known">The data of a run that used such files before; null prepares them anew.</param>
    /// <param name="progress">Told what is read, every two seconds; on any thread.</param>
    /// <param name="cache">Keeps prepared data sets; null for none.</param>
    public OwnDataLoader(PreparationOptions options, DataSpec? known, Action<string>? progress, PreparedCache? cache = null)
    {
        _options = options;
        _known = known;
        _cache = cache;
        if (progress is null)
            return;
        long last = Environment.TickCount64;
        _progress = text =>
        {
            long now = Environment.TickCount64, before = Interlocked.Read(ref last);
            if (now - before >= ReportEveryMilliseconds && Interlocked.CompareExchange(ref last, now, before) == before)
                progress(text);
        };
    }

    /// <summary>Reads and prepares a data set.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">It cannot be used; the message says why and what to do.</exception>
    public LoadedDataset Load(string path, CancellationToken cancellationToken)
    {
        string? files = _cache is null ? null : PreparedCache.DigestOf(FilesOf(path), _progress, cancellationToken);
        if (files is null)
            return Prepare(path, cancellationToken);
        // A run that read them before wants the examples that it had, whatever was asked for then.
        string asked = _known is null ? $"{NameOf(path)} {_options}" : "";
        if (_cache!.Find(files, _known is null ? asked : null, _known?.Sha256) is { } kept)
            return kept.ToLoaded(path);
        LoadedDataset loaded = Prepare(path, cancellationToken);
        _progress?.Invoke($"keeping the prepared '{path}' in the cache");
        _cache.Keep(files, asked, PreparedData.Of(loaded));
        return loaded;
    }

    private LoadedDataset Prepare(string path, CancellationToken cancellationToken)
    {
        RawParts parts = NewReader(cancellationToken).Read(path, _options.Validation?.Path, _options.Test?.Path);
        if (_known is null && _options is { Validation: null, Target: null }
            && CatalogueMatch.Of(parts, path, NewPreparer(path)) is { } match)
            return match;
        Preparer preparer = NewPreparer(path);
        Dataset data = preparer.Prepare(parts);
        return new LoadedDataset(data, Path.GetFullPath(path), preparer.Notices);
    }

    /// <summary>Reads examples for the model of a run: all of a file, or a part of one that has parts.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="split">Name of the part; null for the one for the test where there are parts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public UnlabelledExamples LoadUnlabelled(string path, string? split, CancellationToken cancellationToken)
    {
        Preparation preparation = _known?.Preparation ?? throw new InvalidOperationException("The run has no data of its own.");
        RawParts parts = NewReader(cancellationToken).Read(path, areLabelled: false);
        RawExamples raw = PartOf(parts, split, path);
        Preparer preparer = NewPreparer(path);
        Examples examples = preparer.Apply(raw, preparation, areLabelled: false);
        string[] part = parts.AreSeveral
            ? [$"'{path}' has parts of its own: these are the examples of '{split ?? RawParts.TestName}'; --split names another one."]
            : [];
        return new UnlabelledExamples(examples, (raw as ImageFolder)?.Files, [.. part, .. preparer.Notices]);
    }

    /// <summary>Reads a file that may not be the one that the run was trained on.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="split">Name of the part that is wanted; null for the one for the test where there are parts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public OtherExamples LoadOther(string path, string? split, CancellationToken cancellationToken)
    {
        if (_cache is not null && PreparedCache.DigestOf(FilesOf(path), _progress, cancellationToken) is { } files
            && _cache.Find(files, asked: null, _known!.Sha256) is { } kept)
            return new OtherExamples(kept.ToLoaded(path), null, null, []);
        RawDataReader reader = NewReader(cancellationToken);
        RawParts parts = reader.Read(path);
        Preparer own = NewPreparer(path);
        if (own.TryPrepare(reader.Complete(parts, _options.Validation?.Path, _options.Test?.Path), _known!) is { } data)
            return new OtherExamples(new LoadedDataset(data, Path.GetFullPath(path), own.Notices), null, null, []);
        Preparer preparer = NewPreparer(path);
        Examples examples = preparer.Apply(PartOf(parts, split, path), _known!.Preparation!, areLabelled: true);
        return new OtherExamples(null, examples, parts.AreSeveral ? split ?? RawParts.TestName : null, preparer.Notices);
    }

    private string[] FilesOf(string path) =>
        [path, .. new[] { _options.Validation?.Path, _options.Test?.Path }.OfType<string>()];

    private static RawExamples PartOf(RawParts parts, string? split, string path)
    {
        if (parts.AreSeveral)
            return parts.Find(split ?? RawParts.TestName) ?? throw new DatasetException(
                $"'{path}' has no part '{split ?? RawParts.TestName}'. It has {string.Join(", ", parts.Names)}; name one of them with "
                    + "--split.");
        return split is null ? parts.Training : throw new DatasetException(
            $"'{path}' has no part '{split}': its examples are not divided. Leave --split out for all of them.");
    }

    /// <summary>Describes files, whether they can be trained on or not.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DatasetException">They cannot be read.</exception>
    public DataDescription Describe(string path, CancellationToken cancellationToken)
    {
        RawParts parts = NewReader(cancellationToken).Read(path, _options.Validation?.Path, _options.Test?.Path);
        var table = parts.Training as RawTable;
        _progress?.Invoke($"looking at '{path}'");
        ColumnDescription[] columns = new ColumnDescription[table?.Columns.Count ?? 0];
        _ = Parallel.For(0, columns.Length, i => columns[i] = ColumnDescription.Of(table!.Columns[i]));
        LoadedDataset? loaded = null;
        string? problem = null;
        Preparer preparer = NewPreparer(path);
        try
        {
            loaded = new LoadedDataset(preparer.Prepare(parts), Path.GetFullPath(path), preparer.Notices);
        }
        catch (DatasetException e)
        {
            problem = e.Message;
        }

        string kind = table is null
            ? Format.Plural(parts.Training.Count, "image")
            : $"{Format.Plural(table.Count, "row")} of {Format.Plural(table.Columns.Count, "column")}";
        return new DataDescription(
            Path.GetFullPath(path), kind, columns, loaded, problem, preparer.Leaks,
            table?.Numbering ?? [],
            loaded is null ? null : RepeatedExamples.In(loaded.Data))
        {
            Ignored = _options.Ignore,
        };
    }

    private RawDataReader NewReader(CancellationToken cancellationToken) => new(
        _known?.Preparation is { } preparation
            ? new ColumnKinds(ColumnNames.KindsOf(preparation), preparation.Label)
            {
                HasTargets = preparation.Targets.Count > 0,
                Wanted = (preparation.Inputs as TableSpec)?.Columns.Select(column => column.Name).ToArray(),
            }
            : new ColumnKinds(
                name => ColumnNames.KindOf(name, _options), _options.Label, (path, names) =>
                    ColumnNames.RefuseUnknown(path, names, _options))
            {
                HasTargets = _options.Target is not null,
            },
        _progress,
        cancellationToken);

    private Preparer NewPreparer(string path) =>
        new(_known?.Name ?? _options.Name ?? NameOf(path), path, _options, _known?.Preparation, _progress);

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        string plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Path.GetFileNameWithoutExtension(plain) is { Length: > 0 } stem ? stem : "data";
    }
}
