using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Lockstep.Coordinator.Tracing;
using Lockstep.Data;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Tls;

namespace Lockstep.Cluster.Tests;

/// <summary>
/// A data set small enough for many runs and a training long enough to be disturbed, with the weights it must end in,
/// computed in this process by <see cref="LocalTrainer"/>: no cluster, no sockets.
/// </summary>
public sealed class SmallRun : IDisposable
{
    public const int Epochs = 99;
    private const int TrainingFile = 1200, TestFile = 200, Side = 28;

    // The same for all runs of so many epochs and shards: trained once.
    private static readonly ConcurrentDictionary<(int Epochs, int Shards), Lazy<(string Trace, string WeightsSha256)>> Undisturbed = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-cluster-tests-");
    private readonly int _epochs;
    private int _outs;

    public SmallRun()
        : this(Epochs)
    {
    }

    internal SmallRun(int epochs, int shards = 8)
    {
        _epochs = epochs;
        DataDirectory = Directory.CreateDirectory(Path.Combine(_folder.FullName, "data")).FullName;
        Dataset data = Data = Write();
        Spec = new RunSpec
        {
            Model = ModelSpec.Parse("784-64-10", keepProb: 0.6),
            Seed = 11,
            BatchSize = 32,
            Shards = shards,
            TotalSteps = 0,
            Optimizer = new SgdSpec
            {
                LearningRate = 0.05, Schedule = LearningRateSchedule.Parse("cosine:0.1+warmup:20"), Momentum = 0.9, L2 = 0.0001,
            },
            Data = new DataSpec
            {
                Name = "mnist", Sha256 = data.Sha256,
                TrainingExamples = data.TrainingExamples, ValidationExamples = data.ValidationExamples,
            },
        };
        Spec = Spec with { TotalSteps = (long)epochs * Spec.StepsPerEpoch };
        (Trace, WeightsSha256) = Undisturbed.GetOrAdd((epochs, shards), _ => new Lazy<(string, string)>(() =>
        {
            var trainer = new LocalTrainer(Spec, data.Training);
            return (TraceOf(trainer, Spec, Spec.TotalSteps), trainer.WeightsSha256);
        })).Value;
    }

    public Dataset Data { get; }

    public RunSpec Spec { get; }

    public string DataDirectory { get; }

    /// <summary>What every cluster must end with.</summary>
    public string WeightsSha256 { get; }

    /// <summary>The trace that every cluster must leave, written here as docs/verify.md has it.</summary>
    public string Trace { get; }

    /// <summary>The options of the run, for <c>train</c> and <c>coordinator</c>.</summary>
    public IReadOnlyList<string> Options =>
    [
        "--dataset", "mnist", "--data-dir", DataDirectory, "--model", "784-64-10", "--keep-prob", "0.6", "--seed", "11",
        "--batch-size", "32", "--shards", $"{Spec.Shards}", "--epochs", $"{_epochs}", "--learning-rate", "0.05", "--lr-schedule", "cosine:0.1+warmup:20",
        "--momentum", "0.9", "--l2", "0.0001", "--checkpoint-every", "100steps", "--keep-checkpoints", "1000",
    ];

    /// <summary>A folder for a run that does not exist yet.</summary>
    public string NewOut() => Path.Combine(_folder.FullName, $"run{Interlocked.Increment(ref _outs)}");

    /// <summary>A file with a secret.</summary>
    public string NewSecret(string text)
    {
        string file = NewOut();
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }

    /// <summary>The folder of a new CA.</summary>
    public string NewAuthority()
    {
        string folder = NewOut();
        CertificateAuthority.Create(folder, days: 2, TimeProvider.System).Dispose();
        return folder;
    }

    /// <summary>The folder of a node with a certificate of a CA.</summary>
    public string NewNode(string authority, string name)
    {
        string folder = NewOut();
        CertificateAuthority.Issue(authority, [name], folder, days: 1, TimeProvider.System).Dispose();
        return folder;
    }

    /// <summary>
    /// <c>train</c> with the options of the run and more, some of which may take the place of the run's. It waits for its workers, so that
    /// these compute all steps.
    /// </summary>
    public IEnumerable<string> Train(string outFolder, params string[] more) => TrainAtOnce(
        outFolder, Array.IndexOf(more, "--workers") is var at and >= 0 ? [.. more, "--min-workers", more[at + 1]] : more);

    /// <summary>The same without waiting for workers.</summary>
    public IEnumerable<string> TrainAtOnce(string outFolder, params string[] more) =>
        ["train", .. Options.Chunk(2).Where(
            option => !more.Contains(option[0])).SelectMany(option => option), "--out", outFolder, "--json", .. more];

    /// <summary>Checks that a run folder has the trace of an undisturbed run, byte for byte.</summary>
    public void AssertTrace(string folder) => Assert.Equal(Trace, File.ReadAllText(Path.Combine(folder, "trace.txt")));

    public static void AssertEnded(JsonElement summary, string weightsSha256) =>
        Assert.Equal(weightsSha256, summary.GetProperty("weightsSha256").GetString());

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Trains so many steps, and returns the trace that they leave.</summary>
    internal static string TraceOf(LocalTrainer trainer, RunSpec run, long steps)
    {
        Hash128 spec = TraceChain.HashOf(run), first = WeightsHash.Of(trainer.Weights), chain = TraceChain.Begin(spec, first);
        var trace = new StringBuilder($"lockstep-trace 1\nspec {spec}\nfrom 0 {first}\n");
        for (long step = 1; step <= steps; step++)
        {
            trainer.Step();
            Hash128 weights = WeightsHash.Of(trainer.Weights);
            chain = TraceChain.Next(chain, weights);
            trace.Append($"{step} {weights} {chain}\n");
        }

        return trace.ToString();
    }

    private Dataset Write()
    {
        var random = new Random(5);
        (byte[] trainPixels, byte[] trainLabels) = Images(random, TrainingFile);
        (byte[] testPixels, byte[] testLabels) = Images(random, TestFile);
        WriteIdx(DatasetCatalog.Mnist.TrainingImages.Name, trainPixels, TrainingFile, Side, Side);
        WriteIdx(DatasetCatalog.Mnist.TrainingLabels.Name, trainLabels, TrainingFile);
        WriteIdx(DatasetCatalog.Mnist.TestImages.Name, testPixels, TestFile, Side, Side);
        WriteIdx(DatasetCatalog.Mnist.TestLabels.Name, testLabels, TestFile);
        return new Dataset(
            "mnist", ImageSet.FromDense(trainPixels, trainLabels, Side, Side), ImageSet.FromDense(testPixels, testLabels, Side, Side));
    }

    /// <summary>Each class is a bar at a place of its own, under noise: learnable, not trivial, about as sparse as digits.</summary>
    private static (byte[] Pixels, byte[] Labels) Images(Random random, int count)
    {
        byte[] pixels = new byte[count * Side * Side], labels = new byte[count];
        for (int image = 0; image < count; image++)
        {
            int label = labels[image] = (byte)random.Next(10);
            int shift = random.Next(-2, 3);
            for (int y = 4; y < 24; y++)
            {
                for (int x = 4; x < 24; x++)
                {
                    bool bar = Math.Abs(y - 5 - 2 * label - shift) <= 1;
                    if (random.Next(100) < (bar ? 60 : 20))
                        pixels[(image * Side + y) * Side + x] = (byte)random.Next(1, 256);
                }
            }
        }

        return (pixels, labels);
    }

    private void WriteIdx(string name, byte[] content, params int[] dimensions)
    {
        // Names in the catalog are those of the packed files.
        using FileStream file = File.Create(Path.Combine(DataDirectory, Path.GetFileNameWithoutExtension(name)));
        Span<byte> word = stackalloc byte[4];
        file.Write([0, 0, 8, (byte)dimensions.Length]);
        foreach (int dimension in dimensions)
        {
            BinaryPrimitives.WriteInt32BigEndian(word, dimension);
            file.Write(word);
        }

        file.Write(content);
    }
}
