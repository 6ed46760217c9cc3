using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
using Lockstep.Data.Describing;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Verification;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>Loads data sets for the commands, and shows how that goes.</summary>
internal static class DatasetAccess
{
    /// <summary>A data set's name given as an argument; null for none.</summary>
    /// <exception cref="RequestException">There is no such data set.</exception>
    public static string? Name(string? argument)
    {
        if (argument is null)
            return null;
        try
        {
            return DataOptions.Dataset.Read(argument);
        }
        catch (FormatException e)
        {
            throw new RequestException(DataOptions.Dataset.Mistake($"Data set '{argument}'", e.Message), e);
        }
    }

    /// <summary>The examples of a part: the set they are in, the first one and their number.</summary>
    public static (Examples Examples, int First, int Count) Split(Dataset data, string split) => split switch
    {
        "train" => (data.Training, 0, data.TrainingExamples),
        "validation" => (data.Training, data.TrainingExamples, data.ValidationExamples),
        _ => (data.Test, 0, data.Test.Count),
    };

    /// <summary>Examples as images.</summary>
    /// <param name="name">Name of the data set.</param>
    /// <param name="examples">Its examples.</param>
    /// <exception cref="RequestException">They are no images.</exception>
    public static ImageSet Images(string name, Examples examples) =>
        examples as ImageSet ?? throw new RequestException($"The data set {name} holds {examples.KindName}; this needs images.");

    /// <summary>Loads the data set that the options name.</summary>
    /// <param name="name">Given as an argument: a name or a path. Null takes <c>--dataset</c>, else MNIST where it can be had, else the
    /// synthetic digits.</param>
    /// <param name="settings">Where to look, whether to download, and how to prepare.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    /// <param name="stop">Gives up.</param>
    public static Task<LoadedDataset> LoadAsync(
        string? name, Settings settings, CommandIo io, RunDisplay display, CancellationToken stop)
    {
        name ??= settings.Find(DataOptions.Dataset);
        DatasetRequest request = name is not null && Kinds.IsPath(name)
            ? OwnFiles(name, PreparingOf(settings), settings)
            : InCatalogue(name, null, settings);
        return LoadAsync(request, io, display, stop);
    }

    /// <summary>Describes files of the user's.</summary>
    /// <param name="path">A file or folder.</param>
    /// <param name="settings">How they would be prepared.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    public static Task<DataDescription> DescribeAsync(string path, Settings settings, CommandIo io, RunDisplay display)
    {
        display.Working($"reading {path}");
        return LoaderOf(io, display).DescribeAsync(path, PreparingOf(settings), CancellationToken.None);
    }

    /// <summary>Loads the data set that a run was trained on, from where the options say, else from where the run had it.</summary>
    /// <param name="data">The data of the run.</param>
    /// <param name="run">Where the run had it; null where that is not known.</param>
    /// <param name="settings">May name another place.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="RequestException">The files of a data set that was prepared are not there.</exception>
    public static Task<LoadedDataset> LoadAsync(
        DataSpec data, RunConfiguration? run, Settings settings, CommandIo io, RunDisplay display, CancellationToken stop) =>
        LoadAsync(RequestOf(data, run, settings), io, display, stop);

    /// <summary>The request for the data set that a run was trained on.</summary>
    /// <param name="data">The data of the run.</param>
    /// <param name="run">Where the run had it; null where that is not known.</param>
    /// <param name="settings">May name another place.</param>
    /// <param name="mayBeOther">Whether files that the run was not trained on may be meant.</param>
    /// <exception cref="RequestException">The files of a data set that was prepared are not there.</exception>
    public static DatasetRequest RequestOf(DataSpec data, RunConfiguration? run, Settings settings, bool mayBeOther = false)
    {
        // What was saved with the run is no more than where its files were.
        string? given = settings.GivenNow(DataOptions.Dataset)?.Value is string name && Kinds.IsPath(name) ? name : null;
        string? path = given ?? (Path.Exists(run?.DatasetPath) ? run.DatasetPath : null);
        if (data.Preparation is null && path is null)
            return InCatalogue(data.Name, Directory.Exists(run?.DataDirectory) ? run.DataDirectory : null, settings);
        if (path is null)
        {
            throw new RequestException(
                $"The files of the data set {data.Name}, which the run was trained on, are not where they were. Say where they are now "
                    + $"with {DataOptions.Dataset.Name} PATH.{(run?.DatasetPath is { } was ? $" They were at {was}." : "")}");
        }

        PreparationOptions preparing = PreparingOf(settings) with
        {
            Validation = PlaceOf(ReplayedOptions.Validation, DataOptions.Validation, run?.ValidationPath, mayBeOther, settings),
            Test = PlaceOf(ReplayedOptions.Test, DataOptions.Test, run?.TestPath, mayBeOther, settings),
        };
        return OwnFiles(path, preparing, settings) with { Known = data.Preparation is null ? null : data };
    }

    /// <summary>Where held-out examples of a run are that have a file of their own.</summary>
    /// <param name="place">The option that names their place where a run is only looked at.</param>
    /// <param name="option">The option that names it where the run is resumed; a share names none.</param>
    /// <param name="saved">Where the run had them; null where they have none.</param>
    /// <param name="mayLack">Whether other examples may be meant, which need none.</param>
    /// <param name="settings">May name another place.</param>
    /// <exception cref="RequestException">They are not there.</exception>
    private static HeldOut? PlaceOf(
        CliOption<string> place, CliOption<HeldOut> option, string? saved, bool mayLack, Settings settings)
    {
        if ((settings.GivenNow(place) ?? settings.GivenNow(option)) is { Value: not HeldOut { Path: null } } given)
            return new HeldOut(null, given.Text);
        if (saved is null || Path.Exists(saved))
            return saved is null ? null : new HeldOut(null, saved);
        return mayLack ? null : throw new RequestException(
            $"The file of {option.Name}, which the run was trained with, is not where it was. Say where it is now with "
                + $"{option.Name} PATH. It was at {saved}.");
    }

    /// <summary>Loads the examples that a model is to be evaluated on: a part of a data set, or all of a file that it was not trained
    /// on.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">May name the part, another data set or another place.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    public static async Task<ExamplesOfModel> LoadAsync(
        TrainedModel model, Settings settings, CommandIo io, RunDisplay display)
    {
        DataSpec trainedOn = model.Run.Data;
        RunConfiguration? own = ConfigurationOf(RunFolder.Of(model.Path));
        string? given = settings.Find(DataOptions.Dataset);
        bool isOther = given is not null && given != trainedOn.Name;
        LoadedDataset loaded;
        if (!isOther || (trainedOn.Preparation is not null && Kinds.IsPath(given!)))
        {
            DatasetRequest request = RequestOf(trainedOn, own, settings, isOther);
            if (isOther)
            {
                OtherExamples other = await OtherFileAsync(request, PartOf(settings), io, display);
                if (other.Examples is { } examples)
                    return new ExamplesOfModel(request.Path!, examples.Sha256(), other.Part, examples);
                loaded = other.Own!;
            }
            else
            {
                loaded = await LoadAsync(request, io, display, CancellationToken.None);
            }
        }
        else
        {
            loaded = await LoadAsync(given, settings, io, display, CancellationToken.None);
        }

        ModelAccess.CheckFits(model, loaded.Data);
        ModelAccess.WarnOfOtherExamples(model, loaded, display);
        string split = settings.Get(DataOptions.Split);
        (Examples all, int first, int count) = Split(loaded.Data, split);
        return new ExamplesOfModel(loaded.Data.Name, loaded.Data.Sha256, split, all.Slice(first, count));
    }

    /// <summary>Name of the part that is wanted; null where the user names none.</summary>
    public static string? PartOf(Settings settings) => settings.IsGiven(DataOptions.Split) ? settings.Get(DataOptions.Split) : null;

    /// <summary>The configuration of a run; null where it cannot be read, which is told of where it is needed.</summary>
    public static RunConfiguration? ConfigurationOf(string? runFolder)
    {
        try
        {
            return runFolder is null ? null : RunConfiguration.Read(runFolder);
        }
        catch (RequestException)
        {
            return null;
        }
    }

    /// <summary>Loads the data set of a run from where the options say, else from where the run had it.</summary>
    /// <exception cref="RequestException">It is not known what the run was, or the data set is another one.</exception>
    public static async Task<LoadedDataset> LoadAsync(RunHistory run, Settings settings, CommandIo io, RunDisplay display)
    {
        if (run.Spec is not { } spec)
            throw new RequestException(
                [$"No checkpoint in {run.Folder} tells the run spec of its trace, so the run cannot be trained again.", .. run.Notes]);
        LoadedDataset loaded = await LoadAsync(
            spec.Data, run.Configuration, settings, io, display, CancellationToken.None);
        CheckDigest(spec, loaded);
        return loaded;
    }

    private static DatasetRequest OwnFiles(string path, PreparationOptions preparing, Settings settings)
    {
        settings.RefuseWithoutEffect(
            [DataOptions.DataDir], $"{path} is read where it is; that option is for data sets that have a name. Leave it out.");
        return new DatasetRequest { Path = path, Preparing = preparing };
    }

    private static DatasetRequest InCatalogue(string? name, string? ownDirectory, Settings settings)
    {
        settings.RefuseWithoutEffect(
            [.. DataOptions.Preparing, ReplayedOptions.Validation, ReplayedOptions.Test],
            $"{name ?? "the default data set"} has examples for validation (the last twelfth of its training examples) and for the test, "
                + $"and needs no preparation. Leave it out, or give files of your own with {DataOptions.Dataset.Name} PATH.");
        if (name == DatasetCatalog.Synthetic)
            settings.RefuseWithoutEffect([DataOptions.DataDir], $"the {name} digits are built in. Leave it out, or give another data set.");
        return new DatasetRequest
        {
            Name = name,
            DataDirectory = settings.Find(DataOptions.DataDir) ?? ownDirectory,
            Offline = settings.FindValue(DataOptions.Offline) ?? false,
        };
    }

    private static PreparationOptions PreparingOf(Settings settings) => new()
    {
        Label = settings.Find(DataOptions.Label),
        Target = settings.Find(DataOptions.Target),
        Ignore = settings.Find(DataOptions.Ignore) ?? "",
        Categorical = settings.Find(DataOptions.Categorical) ?? "",
        FillsMissing = settings.Find(DataOptions.Missing) is null or DataOptions.Fill,
        Standardizes = settings.Find(DataOptions.Scale) is null or DataOptions.Standard,
        ImageSize = settings.Find(DataOptions.ImageSize),
        Validation = settings.Find(DataOptions.Validation),
        Test = settings.Find(DataOptions.Test),
        SplitKey = settings.FindValue(DataOptions.SplitKey) ?? new PreparationOptions().SplitKey,
        Name = settings.Find(DataOptions.Name),
    };

    private static async Task<OtherExamples> OtherFileAsync(DatasetRequest request, string? split, CommandIo io, RunDisplay display)
    {
        display.Working($"reading {request.Path}");
        OtherExamples other = await LoaderOf(io, display).LoadOtherAsync(request, split, CancellationToken.None);
        foreach (string notice in other.Own?.Notices ?? other.Notices)
            display.Warn(notice);
        return other;
    }

    private static DatasetLoader LoaderOf(CommandIo io, RunDisplay display) => new(new DatasetLoaderOptions
    {
        CacheDirectory = DatasetLoaderOptions.UserCache(io.Environment.GetValueOrDefault),
        Working = display.Working,
    });

    /// <summary>Loads a data set.</summary>
    /// <param name="request">Which, and from where.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LoadedDataset> LoadAsync(DatasetRequest request, CommandIo io, RunDisplay display, CancellationToken stop)
    {
        display.Working(request.Name == DatasetCatalog.Synthetic
            ? "drawing the synthetic digits"
            : $"reading {request.Path ?? request.Name ?? "the data set"}");
        LoadedDataset loaded = await LoaderOf(io, display).LoadAsync(request, new DownloadLines(display), stop);
        foreach (string notice in loaded.Notices)
            display.Warn(notice);
        return loaded;
    }

    /// <summary>Refuses a data set that is not the one of a run.</summary>
    /// <exception cref="RequestException">Its digest is another one.</exception>
    public static void CheckDigest(RunSpec spec, LoadedDataset loaded)
    {
        if (spec.Data.Sha256 != loaded.Data.Sha256)
        {
            throw new RequestException(
                $"The run was trained on {spec.Data.Name} with digest {spec.Data.Sha256}, but {loaded.Source} holds one with digest "
                + $"{loaded.Data.Sha256}. Give the original files with "
                + $"{(spec.Data.Preparation is null ? DataOptions.DataDir.Name : DataOptions.Dataset.Name)}.");
        }
    }

    /// <summary>One activity a file and tenth of it, so that plain output stays short.</summary>
    private sealed class DownloadLines(RunDisplay display) : IProgress<DownloadProgress>
    {
        private string? _last;

        public void Report(DownloadProgress value)
        {
            string share = value.Total is > 0
                ? $"{value.Received * 10 / value.Total.Value * 10}% of {Format.Bytes(value.Total.Value)}"
                : $"{value.Received / 1_000_000} MB";
            string line = $"downloading {value.File} from {value.From}: {share}";
            if (line == Interlocked.Exchange(ref _last, line))
                return;
            display.Working(line);
        }
    }
}
