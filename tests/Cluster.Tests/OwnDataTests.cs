using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>
/// The promise holds for data of the user's own: a table with texts and gaps, also with targets, RGB images, and convolutions on augmented
/// ones.
/// </summary>
public sealed class OwnDataTests(OwnDataTests.Files files) : IClassFixture<OwnDataTests.Files>
{
    public static TheoryData<string> Kinds => ["table", "images", "maps", "targets"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_AnyClusterAndKernels_EndsWithTheSameBytes(string kind)
    {
        string[] expected = [files.Train(kind, [], "--workers", "1", "--lanes", "1", "--transport", "stream")];

        string[] others =
        [
            files.Train(kind, [], "--workers", "3", "--lanes", "2"),
            files.Train(kind, [("LOCKSTEP_KERNELS", "scalar")], "--workers", "2"),
            files.Train(kind, [("DOTNET_PROCESSOR_COUNT", "1")], "--workers", "2"),
        ];

        Assert.Equal(["sha256 " + expected[0]], others.Select(sha256 => "sha256 " + sha256).Distinct());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_KilledAndResumed_EndsWithTheSameBytes(string kind)
    {
        string folder = files.NewOut();
        string expected = files.Train(kind, [], "--workers", "2", "--epochs", "400");
        using (LockstepProcess first = LockstepProcess.Start(
            ["train", .. files.Options(kind), "--workers", "2", "--epochs", "400", "--checkpoint-every", "20steps", "--out", folder]))
        {
            first.WaitForCheckpoints(folder);
            first.Kill();
            first.WaitForExit();
        }

        // From another folder than the first one: the run knows where its data are, and how they were prepared.
        using LockstepProcess second = LockstepProcess.Start(["train", "--resume", folder, "--workers", "1", "--json"]);

        Assert.Equal(expected, Files.Sha256Of(second.WaitForSummary()));
    }

    /// <summary>The data, in a folder that is gone after the tests.</summary>
    public sealed class Files : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-own-data-");
        private int _runs;

        // Every kind.
        private const string Augmentation = "shift:1,rotate:20,scale:0.2,elastic:0.5,flip,vflip:0.1,noise:0.02,cutout:1";

        public Files()
        {
            var random = new Random(5);
            var table = new StringBuilder("length;colour;weight;kind\n");
            var images = new StringBuilder(string.Join(',', Enumerable.Range(0, 48).Select(p => $"v{p}")) + ",label\n");
            string[] kinds = ["ant", "bee", "wasp"], colours = ["black", "gelb, schwarz", "red"];
            for (int i = 0; i < 300; i++)
            {
                int kind = i % 3;
                double length = kind + random.NextDouble(), weight = 1e6 * (kind + 2 * random.NextDouble());
                string colour = random.Next(10) == 0 ? "" : colours[random.Next(4) == 0 ? 2 : kind];
                string number = length.ToString("0.000", CultureInfo.InvariantCulture).Replace('.', ',');
                _ = table.Append(CultureInfo.InvariantCulture, $"{number};{colour};{weight:0};{kinds[kind]}\n");
                int[] values = [.. Enumerable.Range(0, 48).Select(p => p % 3 == kind ? random.Next(100, 256) : random.Next(0, 120))];
                _ = images.AppendJoin(',', values).Append(CultureInfo.InvariantCulture, $",{kinds[kind]}\n");
            }

            File.WriteAllText(PathOf("table"), table.ToString());
            File.WriteAllText(PathOf("images"), images.ToString());
        }

        public string[] Options(string kind) =>
        [
            "--dataset", PathOf(kind == "maps" ? "images" : kind == "targets" ? "table" : kind), "--keep-prob", "0.7",
            .. kind == "table" ? new[] { "--label", "kind" }
            : kind == "targets" ? new[] { "--target", "length,weight" }
            : ["--image-size", "4x4x3"],
            .. kind == "maps"
                ? new[] { "--model", "conv:5x2p1-bn-pool2-conv:17x2-bn-8-out", "--augment", Augmentation, "--patience", "100", "--keep-best", "loss" }
                : [],
        ];

        public string NewOut() => Path.Combine(_folder.FullName, $"run{Interlocked.Increment(ref _runs)}");

        public string Train(string kind, (string, string)[] environment, params string[] more)
        {
            using LockstepProcess train = LockstepProcess.Start(
                ["train", .. Options(kind), .. more, "--out", NewOut(), "--json"], environment);
            return Sha256Of(train.WaitForSummary());
        }

        public static string Sha256Of(JsonElement summary)
        {
            Assert.Equal("completed", summary.GetProperty("outcome").GetString());
            return summary.GetProperty("weightsSha256").GetString()!;
        }

        public void Dispose() => _folder.Delete(recursive: true);

        private string PathOf(string kind) => Path.Combine(_folder.FullName, $"{kind}.csv");
    }
}
