using Lockstep.Cli.Terminal;
using Lockstep.Shared.Tests.Files;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>
/// A pipe in the place of each file that a command takes or that a run folder holds. No command waits for it: one that does, does not end
/// within the time of a <see cref="CommandRun"/>.
/// </summary>
public sealed class SpecialFileTests(TrainedTinyRun run) : IClassFixture<TrainedTinyRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("train --init-from PIPE --model 784-2 --steps 1 --out OUT --dataset mnist --data-dir IMAGES")]
    [InlineData("train --resume PIPE")]
    [InlineData("train --config PIPE")]
    [InlineData("train --model PIPE.json --out OUT --dataset mnist --data-dir IMAGES")]
    [InlineData("train --dataset PIPE --out OUT")]
    [InlineData("train --dataset mnist --data-dir PIPE --out OUT")]
    [InlineData("coordinator --secret-file PIPE --out OUT --dataset mnist --data-dir IMAGES")]
    [InlineData("worker --join 127.0.0.1:1 --secret-file PIPE")]
    [InlineData("worker --join 127.0.0.1:1 --tls-dir PIPES")]
    [InlineData("coordinator --tls-dir PIPES --out OUT --dataset mnist --data-dir IMAGES")]
    [InlineData("evaluate PIPE")]
    [InlineData("inspect PIPE")]
    [InlineData("predict PIPE --index 0")]
    [InlineData("predict RUN --image PIPE")]
    [InlineData("export PIPE --to npz --out OUT")]
    [InlineData("import PIPE --out OUT")]
    [InlineData("import PIPE.npz --out OUT")]
    [InlineData("import PIPE.safetensors --out OUT")]
    [InlineData("import PIPES --out OUT")]
    [InlineData("verify PIPE")]
    [InlineData("replay PIPE --to 1 --out OUT")]
    [InlineData("diff RUN PIPE")]
    [InlineData("compare RUN PIPE")]
    [InlineData("report PIPE")]
    [InlineData("sweep PIPE")]
    [InlineData("chaos --plan PIPE --out OUT")]
    [InlineData("data info PIPE")]
    [InlineData("data info PIPE.parquet")]
    [InlineData("data info PIPE.npz")]
    [InlineData("data show PIPES")]
    public async Task Command_OnAPipe_RefusesIt(string line)
    {
        foreach (string name in new[] { "pipe", "pipe.json", "pipe.npz", "pipe.safetensors", "pipe.parquet" })
            NamedPipe.Make(_folder.File(name));
        foreach (string name in new[] { "ca.crt", "node.crt", "node.key", "a.csv", "a.png" })
            NamedPipe.Make(Path.Combine(Directory.CreateDirectory(_folder.File("pipes")).FullName, name));
        string[] arguments = [.. line.Split(' ').Select(word => word.Replace("PIPES", _folder.File("pipes"), StringComparison.Ordinal)
            .Replace("PIPE", _folder.File("pipe"), StringComparison.Ordinal).Replace("OUT", _folder.File("out"), StringComparison.Ordinal)
            .Replace("RUN", run.Run, StringComparison.Ordinal).Replace("IMAGES", run.Images, StringComparison.Ordinal))];

        CommandRun refused = await CommandRun.RunAsync(arguments);

        Assert.Equal(ExitCode.BadInput, refused.ExitCode);
        Assert.DoesNotContain("unexpectedly", refused.Error);
        Assert.Contains("pipe", refused.Error);
    }

    [SkippableTheory]
    [InlineData("config.json")]
    [InlineData("metrics.jsonl")]
    [InlineData("events.jsonl")]
    [InlineData("summary.json")]
    [InlineData("trace.txt")]
    [InlineData("log.txt")]
    [InlineData("checkpoints/pipe")]
    public async Task Command_OnARunFolderWithAPipe_Ends(string file)
    {
        string folder = _folder.File("run");
        foreach (string path in Directory.GetFiles(run.Run, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(run.Run, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        string replaced = file == "checkpoints/pipe"
            ? Directory.GetFiles(Path.Combine(folder, "checkpoints")).Max()!
            : Path.Combine(folder, file);
        File.Delete(replaced);
        NamedPipe.Make(replaced);

        foreach (string command in new[] { "evaluate", "inspect", "compare", "report", "verify" })
            Assert.DoesNotContain("unexpectedly", (await CommandRun.RunAsync([command, folder])).Error);
        Assert.DoesNotContain("unexpectedly", (await CommandRun.RunAsync(["runs", _folder.Path])).Error);
        CommandRun resumed = await CommandRun.RunAsync(
            ["coordinator", "--resume", folder, "--epochs", "9", "--data-dir", run.Images, "--worker-timeout", "1"]);
        Assert.DoesNotContain("unexpectedly", resumed.Error);
    }
}
