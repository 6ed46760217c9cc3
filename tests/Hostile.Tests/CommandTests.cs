using Lockstep.Cluster.Tests;
using Lockstep.Model.Data;
using Xunit.Abstractions;

namespace Lockstep.Hostile.Tests;

/// <summary>
/// The real command, in a process of its own, on files that were made to fill its memory: it says what is wrong, and exits with 2.
/// </summary>
/// <remarks>
/// The managed heap of each is held to 64 MB: more of it, and the command ends with exit code 1 for want of memory. What it takes beside
/// that heap is looked at when it has ended, and must not be more than what the same commands take on good input, and those 64 MB.
/// </remarks>
public sealed class CommandTests(GoodCommands good, ITestOutputHelper output) : IClassFixture<GoodCommands>, IDisposable
{
    private const long MostBytes = 64_000_000;

    private static readonly Dictionary<string, Func<HostileFiles, string[]>> Cases = new()
    {
        ["zeros without an end as a checkpoint"] = _ => ["inspect", "/dev/zero"],
        ["a hole of 8 GiB as a checkpoint"] = files => ["inspect", files.Sparse("a.ckpt", [], 8L << 30)],
        ["a checkpoint with a hole of 8 GiB"] = files => ["inspect", files.SparseCheckpoint()],
        ["a signed checkpoint that overstates its model"] = files => ["inspect", files.OverstatedCheckpoint()],
        ["half a checkpoint"] = files => ["evaluate", files.Bytes("half.ckpt", Corpus.Read("checkpoint", "golden-v1.ckpt")[..900])],
        ["a checkpoint with one bit changed"] = files =>
            ["inspect", files.Bytes("bit.ckpt", Changed(Corpus.Read("checkpoint", "golden-v1.ckpt"), 1000))],
        ["images that announce two billion"] = files =>
            ["data", "info", "mnist", "--data-dir", files.Mnist([.. HostileFiles.Idx(IdxFile.ImagesMagic, int.MaxValue, 28, 28)])],
        ["labels that announce all there may be"] = files => ["data", "info", "mnist", "--data-dir", files.Mnist(
            trainLabels: [.. HostileFiles.Idx(IdxFile.LabelsMagic, IdxFile.MaxContentBytes)])],
        ["images in a gzip bomb"] = files =>
            ["data", "info", "mnist", "--data-dir", files.Mnist(HostileFiles.ImagesBomb(), HostileFiles.LabelsOfBomb())],
        ["labels in a gzip bomb"] = files =>
            ["train", "--dataset", "mnist", "--data-dir", files.Mnist(trainLabels: HostileFiles.LabelsBomb())],
        ["JSON nested a million deep"] = files => ["train", "--config", files.Text("deep.json", new string('[', 1_000_000))],
        ["objects nested a hundred thousand deep"] = files =>
            ["train", "--config", files.Text("deep.json", string.Concat(Enumerable.Repeat("{\"model\":", 100_000)))],
        ["a number of a million digits"] = files =>
            ["train", "--config", files.Text("digits.json", $"{{\"batchSize\":{new string('9', 1_000_000)}}}")],
        ["numbers beyond all ranges"] = files => ["train", "--config", files.Text(
            "numbers.json",
            "{\"batchSize\":1e999,\"epochs\":-99999999999999999999,\"learningRate\":1e-999,\"l2\":1e400,\"seed\":1.5e308}")],
        ["a name of a million letters"] = files =>
            ["train", "--config", files.Text("name.json", $"{{\"{new string('b', 1_000_000)}\":1}}")],
        ["forty thousand names"] = files => ["train", "--config", files.Text(
            "names.json", $"{{{string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"batchSise{i}\":1"))}}}")],
        ["zeros without an end as a plan"] = _ => ["chaos", "--plan", "/dev/zero"],
        ["half a character"] = files => ["train", "--config", files.Text("half.json", "{\"model\":\"\\ud800\"}")],
        ["zeros without an end as a configuration"] = _ => ["train", "--config", "/dev/zero"],
        ["a hole of 8 GiB as a configuration"] = files => ["train", "--config", files.Sparse("hole.json", "{"u8.ToArray(), 8L << 30)],
        ["a model of three hundred thousand layers"] = files => ["train", "--model", files.Text(
            "layers.json", $"{{\"inputs\":784,\"layers\":[{string.Join(',', Enumerable.Repeat("{}", 300_000))}]}}")],
        ["a model of eighty thousand unknown names"] = files =>
            ["train", "--model", files.Text("keys.json", $"{{{string.Join(',', Enumerable.Range(0, 80_000).Select(i => $"\"{i}\":1"))}}}")],
        ["a model nested ninety thousand deep"] = files =>
            ["train", "--model", files.Text("deep.json", string.Concat(Enumerable.Repeat("{\"layers\":[", 90_000)))],
        ["a model of absurd widths"] = files => ["train", "--model", files.Text(
            "wide.json", "{\"inputs\":1e99,\"layers\":[{\"units\":99999999999999999999},{\"units\":-1,\"keepProb\":1e999}]}")],
        ["arrays in a zip bomb"] = files => ["import", files.NpzBomb(), "--model", "784-10", "--out", files.Path("out.ckpt")],
        ["a safetensors header of a hundred megabytes"] = files => ["import", files.Sparse(
            "header.safetensors", [0xff, 0xe0, 0xf5, 5, 0, 0, 0, 0], 100_000_000), "--model", "784-10", "--out", files.Path("out.ckpt")],
        ["a CSV line without an end"] = files => ["import", Path.GetDirectoryName(
            files.Sparse("a.csv", "1,"u8.ToArray(), 1L << 30))!, "--model", "784-10", "--out", files.Path("out.ckpt")],
        ["a map of names nested a million deep"] = files => ["import", files.Path("none.npz"), "--model", "784-10", "--map", files.Text(
            "map.json", new string('{', 1_000_000)), "--out", files.Path("out.ckpt")],
        ["a picture of twelve million pixels of one colour"] = files =>
            ["predict", files.Checkpoint, "--image", files.PngBomb("a.png", 3500, 3500, interlaced: false)],
        ["an interlaced picture of four million"] = files =>
            ["predict", files.Checkpoint, "--image", files.PngBomb("a.png", 2000, 2000, interlaced: true)],
        ["a picture of ten billion pixels"] = files =>
            ["predict", files.Checkpoint, "--image", files.PngBomb("a.png", 100_000, 100_000, interlaced: false)],
        ["a trace of one long line"] = files =>
            ["verify", Path.GetDirectoryName(files.Sparse("trace.txt", "lockstep-trace 1\n"u8.ToArray(), 1L << 30))!],
    };

    private readonly HostileFiles _files = new(good.Checkpoint);

    public static TheoryData<string> Names => [.. Cases.Keys];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Command_OnHostileFile_SaysSoWithinItsMemory(string name)
    {
        long before = GoodCommands.PeakOfChildren();
        using LockstepProcess command = LockstepProcess.Start(Cases[name](_files), ("DOTNET_GCHeapHardLimit", $"{MostBytes:x}"));

        int code = command.WaitForExit();

        output.WriteLine($"{name}: most memory of all commands so far {GoodCommands.PeakOfChildren():N0}, on good input {good.Peak:N0}. "
            + $"It said: {command.StandardError}");
        Assert.True(code == 2, $"Exit code {code}: {command.StandardError}");
        Assert.InRange(command.StandardError.Length, 10, 5000);
        Assert.DoesNotContain("   at ", command.StandardError);
        Assert.DoesNotContain("unexpectedly", command.StandardError);
        Assert.DoesNotContain(command.StandardError, letter => char.IsControl(letter) && letter != '\n');
        // Where another command took too much before, that one has failed.
        // A child begins as a copy of this process, whose memory the system counts as the child's: less than that cannot be seen.
        long least = Math.Max(before, ProcFiles.PeakMemory(Environment.ProcessId));
        Assert.InRange(GoodCommands.PeakOfChildren(), 1, Math.Max(least, good.Peak + MostBytes));
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }
}
