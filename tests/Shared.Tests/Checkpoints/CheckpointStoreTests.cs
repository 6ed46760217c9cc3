using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Tests.Files;

namespace Lockstep.Shared.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CheckpointStore _store;

    public CheckpointStoreTests() => _store = new CheckpointStore(_directory.Path);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Save_ThenLoadNewest_GivesItBack()
    {
        string path = _store.Save(Samples.Checkpoint(123), keep: 3);

        LoadedCheckpoint loaded = _store.LoadNewest()!;
        Assert.Equal(_directory.File("step-000000123.ckpt"), path);
        Assert.Equal(path, loaded.Path);
        Assert.Equal(Samples.Checkpoint(123).WeightsSha256, loaded.Checkpoint.WeightsSha256);
        Assert.Empty(loaded.Refused);
    }

    [Fact]
    public void Save_MoreThanKept_RemovesTheOldestOnly()
    {
        foreach (long step in (long[])[1, 2, 3, 4])
            _store.Save(Samples.Checkpoint(step), keep: 2);

        Assert.Equal(["step-000000003.ckpt", "step-000000004.ckpt"], _directory.Files);
    }

    [Fact]
    public void SaveBest_ThenNewerOnes_KeepsItAndOnlyIt()
    {
        _store.SaveBest(Samples.Checkpoint(1));
        string best = _store.SaveBest(Samples.Checkpoint(2));
        foreach (long step in (long[])[2, 3, 4])
            _store.Save(Samples.Checkpoint(step), keep: 1);

        Assert.Equal(["best-000000002.ckpt", "step-000000004.ckpt"], _directory.Files);
        Assert.Equal((best, 2), (_store.LoadBest()!.Path, _store.LoadBest()!.Checkpoint.Step));
        Assert.Equal(2, CheckpointStore.Load(_directory.Path, best: true).Checkpoint.Step);
        Assert.Equal(4, _store.LoadNewest()!.Checkpoint.Step);
    }

    [Fact]
    public void Load_BestOfAFolderWithoutOne_SaysWhatMakesOne()
    {
        _store.Save(Samples.Checkpoint(1), keep: 1);

        Assert.Null(_store.LoadBest());
        var error = Assert.Throws<CheckpointException>(() => CheckpointStore.Load(_directory.Path, best: true));
        Assert.Contains("--keep-best", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_AfterResumingFromAnEarlierStep_NeverRemovesWhatItWrote()
    {
        foreach (long step in (long[])[7, 8, 9])
            _store.Save(Samples.Checkpoint(step), keep: 3);

        _store.Save(Samples.Checkpoint(2), keep: 1);
        _store.Save(Samples.Checkpoint(3), keep: 1);

        Assert.Equal(["step-000000003.ckpt", "step-000000007.ckpt", "step-000000008.ckpt", "step-000000009.ckpt"], _directory.Files);
    }

    [Fact]
    public void Save_TemporariesLeftBehind_RemovesThoseOfDeadWritersOnly()
    {
        string dead = $"step-000000001.ckpt.{Environment.MachineName}-{int.MaxValue}-0123abcd.tmp";
        string alive = $"step-000000001.ckpt.{Environment.MachineName}-{Environment.ProcessId}-0123abcd.tmp";
        string foreign = "step-000000001.ckpt.another-machine-1-0123abcd.tmp";
        string old = "step-000000001.ckpt.another-machine-2-0123abcd.tmp";
        foreach (string name in (string[])[dead, alive, foreign, old])
            File.WriteAllText(_directory.File(name), "half");
        File.SetLastWriteTimeUtc(_directory.File(old), DateTime.UtcNow.AddDays(-2));

        _store.Save(Samples.Checkpoint(1), keep: 1);

        Assert.Equal(new[] { alive, foreign, "step-000000001.ckpt" }.Order(StringComparer.Ordinal), _directory.Files);
    }

    [Fact]
    public async Task Save_TwoWritersOfOneFolder_LeaveWholeFilesOnly()
    {
        Task Write(long first) => Task.Run(() =>
        {
            var store = new CheckpointStore(_directory.Path);
            for (long step = first; step < 20; step++)
                store.Save(Samples.Checkpoint(step), keep: 3);
        });

        await Task.WhenAll(Write(0), Write(5));

        Assert.Equal(["step-000000017.ckpt", "step-000000018.ckpt", "step-000000019.ckpt"], _directory.Files);
        Assert.All(_directory.Files, file => CheckpointCodec.Read(_directory.File(file)));
    }

    [Fact]
    public void LoadNewest_DamagedAndTruncatedNewest_FallsBackAndReportsBoth()
    {
        foreach (long step in (long[])[1, 2, 3])
            _store.Save(Samples.Checkpoint(step), keep: 3);
        Flip(_directory.File("step-000000003.ckpt"));
        Cut(_directory.File("step-000000002.ckpt"));

        LoadedCheckpoint loaded = _store.LoadNewest()!;

        Assert.Equal(1, loaded.Checkpoint.Step);
        Assert.Equal([CheckpointError.Damaged, CheckpointError.Truncated], loaded.Refused.Select(refused => refused.Error));
        Assert.All(loaded.Warnings, warning => Assert.EndsWith(" Continuing from step 1 instead.", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void LoadNewest_NothingThere_IsNull()
    {
        File.WriteAllText(_directory.File("notes.txt"), "not a checkpoint");

        Assert.Null(_store.LoadNewest());
        Assert.Null(new CheckpointStore(_directory.File("missing")).LoadNewest());
    }

    [Fact]
    public void LoadNewest_NothingValid_SaysSo()
    {
        foreach (long step in (long[])[1, 2])
        {
            _store.Save(Samples.Checkpoint(step), keep: 3);
            Flip(_directory.File(CheckpointStore.FileName(step)));
        }

        var error = Assert.Throws<CheckpointException>(() => _store.LoadNewest());

        Assert.Equal(CheckpointError.Damaged, error.Error);
        Assert.Contains("The one before it cannot be used either", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DamagedFile_OffersTheOneBefore()
    {
        foreach (long step in (long[])[1, 2, 3])
            _store.Save(Samples.Checkpoint(step), keep: 3);
        Flip(_directory.File("step-000000002.ckpt"));

        var error = Assert.Throws<CheckpointException>(() => CheckpointStore.Load(_directory.File("step-000000002.ckpt")));

        Assert.Equal(CheckpointError.Damaged, error.Error);
        Assert.Contains("step-000000001.ckpt", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("step-000000003.ckpt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_RunFolderCheckpointFolderOrFile_FindsTheSame()
    {
        string checkpoints = Directory.CreateDirectory(_directory.File("checkpoints")).FullName;
        string path = new CheckpointStore(checkpoints).Save(Samples.Checkpoint(5), keep: 1);

        Assert.Equal(path, CheckpointStore.Load(_directory.Path).Path);
        Assert.Equal(path, CheckpointStore.Load(checkpoints).Path);
        Assert.Equal(path, CheckpointStore.Load(path).Path);
    }

    [Theory]
    [InlineData("missing.ckpt")]
    [InlineData(".")]
    public void Load_NothingThere_IsNotFound(string name) =>
        Assert.Equal(CheckpointError.NotFound, Assert.Throws<CheckpointException>(() => CheckpointStore.Load(_directory.File(name))).Error);

    [SkippableFact]
    public void Save_DiskFull_KeepsEarlierCheckpoints()
    {
        Skip.IfNot(File.Exists("/dev/full"), "The system has no /dev/full to stand in for a full disk.");
        _store.Save(Samples.Checkpoint(1), keep: 1);
        var full = new CheckpointStore(
            _directory.Path,
            new DelegatingDisk { Creates = _ => new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0) });

        var error = Assert.Throws<CheckpointException>(() => full.Save(Samples.Checkpoint(2), keep: 1));

        Assert.Equal(CheckpointError.Io, error.Error);
        Assert.Contains("step-000000002.ckpt", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, _store.LoadNewest()!.Checkpoint.Step);
        Assert.Equal(["step-000000001.ckpt"], _directory.Files);
    }

    [Fact]
    public void Save_CannotBeRenamed_RemovesItsTemporary()
    {
        Directory.CreateDirectory(Path.Combine(_directory.File("step-000000002.ckpt"), "in-the-way"));

        Assert.Equal(CheckpointError.Io, Assert.Throws<CheckpointException>(() => _store.Save(Samples.Checkpoint(2), keep: 1)).Error);

        Assert.Empty(_directory.Files);
    }

    [Fact]
    public void Save_FolderIsAFileOrMissing_IsAnIoError()
    {
        File.WriteAllText(_directory.File("file"), "");

        foreach (string folder in (string[])["file", "missing"])
        {
            var store = new CheckpointStore(_directory.File(folder));
            Assert.Equal(CheckpointError.Io, Assert.Throws<CheckpointException>(() => store.Save(Samples.Checkpoint(2), keep: 1)).Error);
        }
    }

    [SkippableFact]
    public void Save_ReadOnlyFolder_IsAnIoError()
    {
        Skip.If(Environment.IsPrivilegedProcess, "Permissions do not bind this user.");
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(CheckpointError.Io, Assert.Throws<CheckpointException>(() => _store.Save(Samples.Checkpoint(2), keep: 1)).Error);
        }
        finally
        {
            File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void Cut(string path)
    {
        using FileStream stream = File.OpenWrite(path);
        stream.SetLength(stream.Length / 2);
    }
}
