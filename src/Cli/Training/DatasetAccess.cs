using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Data;
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

    /// <summary>The images of a part: the set they are in, the first one and their number.</summary>
    public static (ImageSet Images, int First, int Count) Split(Dataset data, string split) => split switch
    {
        "train" => (Images(data, data.Training), 0, data.TrainingExamples),
        "validation" => (Images(data, data.Training), data.TrainingExamples, data.ValidationExamples),
        _ => (Images(data, data.Test), 0, data.Test.Count),
    };

    /// <summary>The images of a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="part">Its training or test file.</param>
    /// <exception cref="RequestException">It holds no images.</exception>
    public static ImageSet Images(Dataset data, Examples part) =>
        part as ImageSet ?? throw new RequestException($"The data set {data.Name} holds {part.KindName}; this needs images.");

    /// <summary>Loads a data set from where the options say.</summary>
    /// <param name="name">Its name; null for MNIST where it can be had, else the synthetic digits.</param>
    /// <param name="settings">Where to look, and whether to download.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    /// <param name="stop">Gives up.</param>
    public static Task<LoadedDataset> LoadAsync(
        string? name, Settings settings, CommandIo io, RunDisplay display, CancellationToken stop) =>
        LoadAsync(name, ownDirectory: null, settings, io, display, stop);

    /// <summary>Loads the data set that the options name, else the one that a model was trained on, from where its run had it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">May name another data set or another folder.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    public static Task<LoadedDataset> LoadAsync(TrainedModel model, Settings settings, CommandIo io, RunDisplay display)
    {
        string name = settings.Find(DataOptions.Dataset) ?? model.Run.Data.Name;
        string? own = name == model.Run.Data.Name && RunFolder.Of(model.Path) is { } run ? DirectoryOf(run) : null;
        return LoadAsync(name, own, settings, io, display, CancellationToken.None);
    }

    /// <summary>The folder where a run found its data set, if it is still there; null for the usual places.</summary>
    public static string? DirectoryOf(string runFolder)
    {
        try
        {
            return WhereThere(RunConfiguration.Read(runFolder));
        }
        catch (RequestException)
        {
            return null; // A configuration that cannot be read is told of where it is needed.
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
            spec.Data.Name, WhereThere(run.Configuration), settings, io, display, CancellationToken.None);
        CheckDigest(spec, loaded);
        return loaded;
    }

    private static string? WhereThere(RunConfiguration run) =>
        run.DataDirectory is { } directory && Directory.Exists(directory) ? directory : null;

    private static Task<LoadedDataset> LoadAsync(
        string? name, string? ownDirectory, Settings settings, CommandIo io, RunDisplay display, CancellationToken stop)
    {
        var request = new DatasetRequest
        {
            Name = name,
            DataDirectory = settings.Find(DataOptions.DataDir) ?? ownDirectory,
            Offline = settings.Get(DataOptions.Offline),
        };
        return LoadAsync(request, io, display, stop);
    }

    /// <summary>Loads a data set.</summary>
    /// <param name="request">Which, and from where.</param>
    /// <param name="io">The environment names the cache.</param>
    /// <param name="display">Shows progress.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<LoadedDataset> LoadAsync(DatasetRequest request, CommandIo io, RunDisplay display, CancellationToken stop)
    {
        var loader = new DatasetLoader(
            new DatasetLoaderOptions { CacheDirectory = DatasetLoaderOptions.UserCache(io.Environment.GetValueOrDefault) });
        display.Working(
            request.Name == DatasetCatalog.Synthetic ? "drawing the synthetic digits" : $"reading {request.Name ?? "the data set"}");
        LoadedDataset loaded = await loader.LoadAsync(request, new DownloadLines(display), stop);
        if (loaded.Notice is not null)
            display.Warn(loaded.Notice);
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
                + $"{loaded.Data.Sha256}. Give the folder with the original files with --data-dir.");
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
