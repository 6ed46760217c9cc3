using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Training;

/// <summary>What commands do with <c>--augment</c>.</summary>
public sealed class AugmentedRunTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly string _images;
    private readonly string _run;

    public AugmentedRunTests()
    {
        _images = TinyImages.Write(_temporary);
        _run = _temporary.File("run");
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Coordinator_Augmented_TrainsAgainFromItsConfigurationResumesAndIsVerified()
    {
        const string augmentation = "shift:1,rotate:10,flip";
        string[] words = ["--model", "784-8-2", "--augment", "flip:0.50, rotate:10,shift:1"];
        CommandRun run = await TinyRun.TrainAsync(_images, ["--out", _run, "--steps", "5", "--json", .. words]);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        string digest = DigestIn(run)!;
        CommandRun again = await TinyRun.TrainAsync(_images, "--config", Path.Combine(_run, "config.json"), "--out", _temporary.File("again"), "--json");
        CommandRun first = await TinyRun.TrainAsync(_images, ["--out", _temporary.File("parts"), "--steps", "2", .. words]);
        CommandRun resumed = await TinyRun.TrainAsync(_images, ["--resume", _temporary.File("parts"), "--steps", "5", "--json", .. words]);
        CommandRun plain = await TinyRun.TrainAsync(_images, "--out", _temporary.File("plain"), "--steps", "5", "--model", "784-8-2", "--json");
        CommandRun inspected = await CommandRun.RunAsync(["inspect", _run]);
        CommandRun verified = await CommandRun.RunAsync(["verify", _run, "--data-dir", _images]);
        CommandRun other = await CommandRun.RunAsync(
            ["coordinator", "--resume", _run, "--augment", "digits", "--data-dir", _images]);

        foreach (CommandRun same in new[] { again, resumed })
            Assert.Equal(digest, DigestIn(same));
        Assert.NotEqual(digest, DigestIn(plain));
        Assert.Equal(ExitCode.Done, first.ExitCode);
        using var configuration = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_run, "config.json")));
        Assert.Equal(augmentation, configuration.RootElement.GetProperty("augment").GetString());
        Assert.Matches($"--augment +{augmentation}", inspected.Out);
        Assert.True(verified.ExitCode == ExitCode.Done, verified.Error);
        Assert.Contains(
            $"contradicts the checkpoint, whose run has --augment {augmentation}. ", other.Error, StringComparison.Ordinal);

        static string? DigestIn(CommandRun trained)
        {
            using var summary = JsonDocument.Parse(trained.Out);
            return summary.RootElement.GetProperty("weightsSha256").GetString();
        }
    }

    [Fact]
    public async Task Train_AugmentedTable_IsRefused()
    {
        string table = _temporary.Write(
            "table.csv", "a,label\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{i % 2}\n")));

        CommandRun run = await CommandRun.RunAsync(["train", "--dataset", table, "--out", _run, "--augment", "shift:2"]);

        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains(
            "The augmentation shift:2 is for images, and these examples are rows of numbers. Leave it out.", run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataShow_Augmented_DrawsTheFirstImageOfEachClassAgainAndAgain()
    {
        string[] sheet = ["data", "show", "mnist", "--data-dir", _images, "--count", "6", "--augment", "shift:2,noise:0.1", "--out"];
        string[] files = [.. new[] { "one.png", "two.png", "other.png", "plain.png" }.Select(_temporary.File)];

        CommandRun[] runs =
        [
            await CommandRun.RunAsync([.. sheet, files[0]]),
            await CommandRun.RunAsync([.. sheet, files[1], "--split", "train", "--seed", "1"]),
            await CommandRun.RunAsync([.. sheet, files[2], "--seed", "2"]),
            await CommandRun.RunAsync(["data", "show", "mnist", "--data-dir", _images, "--split", "train", "--count", "6", "--out", files[3]]),
        ];
        CommandRun ofTest = await CommandRun.RunAsync([.. sheet, files[0], "--split", "test"]);

        Assert.All(runs, run => Assert.True(run.ExitCode == ExitCode.Done, run.Error));
        Assert.Equal(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[1]));
        Assert.NotEqual(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[2]));
        Assert.NotEqual(File.ReadAllBytes(files[0]), File.ReadAllBytes(files[3]));
        Assert.Contains("only training images are augmented; leave --split out.", ofTest.Error, StringComparison.Ordinal);
    }
}
