namespace Lockstep.Cli.Tests;

/// <summary>A complete run of a few steps for the tests of a class, which do not change it.</summary>
public sealed class TrainedTinyRun : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Folder of the images.</summary>
    public string Images { get; private set; } = "";

    /// <summary>The run folder.</summary>
    public string Run => _folder.File("run");

    /// <summary>The final checkpoint.</summary>
    public string Checkpoint => Directory.GetFiles(Path.Combine(Run, "checkpoints"), "*.ckpt").Max(StringComparer.Ordinal)!;

    public async Task InitializeAsync()
    {
        Images = TinyImages.Write(_folder);
        await TinyRun.TrainFourEpochsAsync(Images, Run, "--model", "784-5-2", "--learning-rate", "0.05");
    }

    /// <summary>A copy of the run folder that a test may damage.</summary>
    internal string CopyTo(TemporaryFolder folder)
    {
        string copy = folder.File("run");
        _ = Directory.CreateDirectory(Path.Combine(copy, "checkpoints"));
        foreach (string file in Directory.GetFiles(Run, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(Run, file)));
        return copy;
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
