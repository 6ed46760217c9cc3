using System.Globalization;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Bench.Compare;

/// <summary>What rows share: the data, the published build, the peers. Made when first asked for.</summary>
internal sealed class BenchContext : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-compare-");
    private readonly Lazy<PublishedBuild> _published;
    private readonly Lazy<TorchPeer> _torch, _torchPair;
    private int _runs;

    private BenchContext(Dataset data, string? dataDirectory, int rounds)
    {
        (Data, DataDirectory, Rounds) = (data, dataDirectory, rounds);
        _published = new(() => PublishedBuild.Make(Path.Combine(_folder.FullName, "published")));
        _torch = new(() => TorchPeer.Start(TorchFolder, ranks: 1));
        _torchPair = new(() => TorchPeer.Start(TorchFolder, ranks: 2));
    }

    public Dataset Data { get; }

    public string? DataDirectory { get; }

    public int Rounds { get; }

    public PublishedBuild Published => _published.Value;

    /// <summary>PyTorch on one thread.</summary>
    public TorchPeer Torch => _torch.Value;

    /// <summary>PyTorch DDP over gloo, two processes of one thread each.</summary>
    public TorchPeer TorchPair => _torchPair.Value;

    /// <summary>The folder of IDX files, which the peers read themselves.</summary>
    public string TorchFolder => DataDirectory
        ?? throw new RowSkippedException(
        "the peers read MNIST from its four IDX files: name their folder with --data-dir or LOCKSTEP_DATA_DIR.");

    /// <summary>Options of <c>lockstep</c> that name the data.</summary>
    public IReadOnlyList<string> DataOptions =>
        DataDirectory is null ? ["--dataset", Data.Name, "--offline"] : ["--dataset", Data.Name, "--offline", "--data-dir", DataDirectory];

    public static async Task<BenchContext> CreateAsync(string? dataDirectory, int rounds)
    {
        var loader = new DatasetLoader(
            new DatasetLoaderOptions { CacheDirectory = DatasetLoaderOptions.UserCache(Environment.GetEnvironmentVariable) });
        LoadedDataset loaded = await loader.LoadAsync(new DatasetRequest { DataDirectory = dataDirectory, Offline = true });
        return new BenchContext(loaded.Data, dataDirectory, rounds);
    }

    /// <summary>The training that is compared: dropout 0.5, momentum, L2, shards as by default.</summary>
    public RunSpec Spec(string model, int batch, long steps = 1_000_000) => new()
    {
        Model = ModelSpec.Parse(model, keepProb: 0.5),
        Seed = 1,
        BatchSize = batch,
        Shards = 8,
        TotalSteps = steps,
        Optimizer = new SgdSpec { LearningRate = 0.1, Schedule = new LearningRateSchedule(), Momentum = 0.9, L2 = 1e-4 },
        Data = new DataSpec { Name = Data.Name, Sha256 = Data.Sha256, TrainingExamples = Data.TrainingExamples, ValidationExamples = Data.ValidationExamples },
    };

    /// <summary>The same as options of <c>lockstep train</c>.</summary>
    public static IReadOnlyList<string> SpecOptions(int batch) =>
        ["--batch-size", batch.ToString(
            CultureInfo.InvariantCulture), "--keep-prob", "0.5", "--l2", "0.0001", "--shards", "8", "--seed", "1"];

    /// <summary>A folder for a run, which does not exist yet.</summary>
    public string NewRunFolder() => Path.Combine(_folder.FullName, $"run-{++_runs}");

    public void Dispose()
    {
        foreach (Lazy<TorchPeer> peer in new[] { _torch, _torchPair })
        {
            if (peer.IsValueCreated)
                peer.Value.Dispose();
        }

        _folder.Delete(recursive: true);
    }
}
