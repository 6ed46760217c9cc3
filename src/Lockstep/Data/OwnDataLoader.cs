using Lockstep.Data.Describing;
using Lockstep.Data.Preparing;
using Lockstep.Data.Raw;
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
        string? files = _cache is null ? null : PreparedCache.DigestOf(
            [path, .. new[] { _options.Validation?.Path, _options.Test?.Path }.OfType<string>()], _progress, cancellationToken);
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
        if (_known is null && _options.Validation is null && CatalogueMatch.Of(parts, path, NewPreparer(path)) is { } match)
            return match;
        Preparer preparer = NewPreparer(path);
        Dataset data = preparer.Prepare(parts);
        return new LoadedDataset(data, Path.GetFullPath(path), preparer.Notices);
    }

    /// <summary>Reads examples for the model of a run, all of them.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The examples, all of class 0, and what the user should know.</returns>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public (Examples Examples, IReadOnlyList<string> Notices) LoadUnlabelled(string path, CancellationToken cancellationToken)
    {
        Preparation preparation = _known?.Preparation ?? throw new InvalidOperationException("The run has no data of its own.");
        RawExamples raw = NewReader(cancellationToken).ReadOne(path, areLabelled: false);
        Preparer preparer = NewPreparer(path);
        return (preparer.Apply(raw, preparation, areLabelled: false), preparer.Notices);
    }

    /// <summary>Reads all examples of a file that is not the one that the run was trained on.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The examples, or null if they are the data of the run; and what the user should know.</returns>
    /// <exception cref="DatasetException">They do not fit the model; the message says why and what to do.</exception>
    public (Examples? Examples, IReadOnlyList<string> Notices) LoadOther(string path, CancellationToken cancellationToken)
    {
        RawParts parts = NewReader(cancellationToken).Read(path);
        if (NewPreparer(path).TryPrepare(parts)?.Sha256 == _known!.Sha256)
            return (null, []);
        if (parts.Validation is not null || parts.Test is not null)
            throw new DatasetException(
                $"'{path}' has parts of its own and is not what the model was trained on. Give the file or folder of one part.");
        Preparer preparer = NewPreparer(path);
        return (preparer.Apply(parts.Training, _known.Preparation!, areLabelled: true), preparer.Notices);
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
        IReadOnlyList<string> leaks = [];
        Preparer preparer = NewPreparer(path);
        try
        {
            loaded = new LoadedDataset(preparer.Prepare(parts), Path.GetFullPath(path), preparer.Notices);
            if (table is not null && loaded.Data.Preparation is { Inputs: TableSpec, Label: { } label } preparation)
                leaks = Leaks.In(table, new ClassTable(preparation.Classes).NumbersOf(
                    table.Columns.First(c => c.Name == label), table), label);
        }
        catch (DatasetException e)
        {
            problem = e.Message;
        }

        string kind = table is null
            ? Format.Plural(parts.Training.Count, "image")
            : $"{Format.Plural(table.Count, "row")} of {Format.Plural(table.Columns.Count, "column")}";
        return new DataDescription(
            Path.GetFullPath(path), kind, columns, loaded, problem, leaks,
            [.. (table?.Columns ?? []).Where(RowNumbers.Are).Select(column => column.Name)],
            loaded is null ? null : RepeatedExamples.In(loaded.Data))
        {
            Ignored = _options.Ignore,
        };
    }

    private RawDataReader NewReader(CancellationToken cancellationToken) => new(
        _known?.Preparation is { } preparation
            ? new ColumnKinds(ColumnNames.KindsOf(preparation), preparation.Label)
            : new ColumnKinds(
                name => ColumnNames.KindOf(name, _options), _options.Label, (path, names) =>
                    ColumnNames.RefuseUnknown(path, names, _options)),
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
