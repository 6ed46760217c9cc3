using Lockstep.Runs;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Create_FolderThatHoldsARun_IsRefused()
    {
        string path = _temporary.File("run");
        using (RunFolder first = RunFolder.Create(path))
            SaveCheckpoint(first);

        var refused = Assert.Throws<RunFolderException>(() => RunFolder.Create(path));

        Assert.Contains($"--resume {path}", refused.Message);
    }

    [Fact]
    public void Create_FolderInWhichNothingWasTrained_IsUsedAgain()
    {
        string path = _temporary.File("run");
        using (RunFolder first = RunFolder.Create(path))
            File.WriteAllText(first.ConfigFile, "{}");

        using RunFolder second = RunFolder.Create(path);

        Assert.Equal(path, second.Path);
    }

    [Fact]
    public void Create_PathThroughAFile_SaysWhichFile()
    {
        string file = _temporary.Write("file", "");

        var refused = Assert.Throws<RunFolderException>(() => RunFolder.Create(Path.Combine(file, "run")));

        Assert.Contains($"{file} is a file, not a folder", refused.Message);
    }

    [Fact]
    public void Reopen_WhileAnotherHasIt_IsRefused()
    {
        using RunFolder first = RunFolder.Create(_temporary.File("run"));

        var refused = Assert.Throws<RunFolderException>(() => RunFolder.Reopen(first.Path));

        Assert.Contains("in use by another process", refused.Message);
    }

    [Fact]
    public void Reopen_AfterTheOtherIsDone_Succeeds()
    {
        using (RunFolder first = RunFolder.Create(_temporary.File("run")))
            SaveCheckpoint(first);

        using RunFolder second = RunFolder.Reopen(_temporary.File("run"));

        Assert.True(Directory.Exists(second.CheckpointDirectory));
    }

    [Fact]
    public void Discard_NewFolder_LeavesNothing()
    {
        RunFolder folder = RunFolder.Create(_temporary.File("deep/run"));
        File.WriteAllText(folder.ConfigFile, "{}");
        File.WriteAllText(folder.LogFile, "not started");

        folder.Discard();

        Assert.False(Directory.Exists(folder.Path));
    }

    [Fact]
    public void Discard_FolderOfTheUser_LeavesTheirFiles()
    {
        string notes = _temporary.Write("notes.txt", "mine");
        RunFolder folder = RunFolder.Create(_temporary.Path);

        folder.Discard();

        Assert.Equal([notes], Directory.GetFileSystemEntries(_temporary.Path));
    }

    [Fact]
    public void FindUnfinished_SeveralRuns_IsTheOneSavedToLastThatIsNotComplete()
    {
        DateTime saved = DateTime.UtcNow;
        foreach ((
            string name,
            string? outcome) in new[] { ("later-named", "stopped"), ("earlier-named", null), ("complete", "completed"), ("damaged", "\"") })
        {
            using RunFolder run = RunFolder.Create(_temporary.File(name));
            SaveCheckpoint(run);
            if (outcome is not null)
                File.WriteAllText(run.SummaryFile, $"{{\"outcome\": \"{outcome}\", \"steps\": 1}}");
        }

        // Begun last, but ended before its first checkpoint.
        using RunFolder empty = RunFolder.Create(_temporary.File("without-a-checkpoint"));
        foreach ((string name, int minutes) in new[] { ("later-named", 1), ("earlier-named", 3), ("complete", 4), ("damaged", 2) })
            File.SetLastWriteTimeUtc(
                Path.Combine(RunFolder.CheckpointDirectoryOf(_temporary.File(name)), "step-000000001.ckpt"), saved.AddMinutes(minutes));

        Assert.Equal("earlier-named", Path.GetFileName(RunFolder.FindUnfinished(_temporary.Path)));
    }

    /// <summary>A complete run that was made longer, and stopped before it wrote another summary.</summary>
    [Theory]
    [InlineData("{\"outcome\": \"completed\", \"steps\": 1}", true)]
    [InlineData("{\"outcome\": \"completed\", \"steps\": 0}", false)]
    public void FindUnfinished_CheckpointAfterTheStepsOfTheSummary_IsUnfinished(string summary, bool isComplete)
    {
        using var run = RunFolder.Create(_temporary.File("run"));
        SaveCheckpoint(run);
        File.WriteAllText(run.SummaryFile, summary);

        Assert.Equal(isComplete, RunFolder.FindUnfinished(_temporary.Path) is null);
    }

    [Fact]
    public void FindUnfinished_NoFolder_IsNull() => Assert.Null(RunFolder.FindUnfinished(_temporary.File("none")));

    [Fact]
    public void NewName_TwoTimes_SortByTime()
    {
        var noon = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.FromHours(2));

        string first = RunFolder.NewName(noon), second = RunFolder.NewName(noon.AddSeconds(1));

        Assert.StartsWith(Path.Combine("runs", "20260131T100000Z-"), first);
        Assert.True(string.CompareOrdinal(first, second) < 0);
    }

    private static void SaveCheckpoint(RunFolder folder) =>
        File.WriteAllText(Path.Combine(folder.CheckpointDirectory, "step-000000001.ckpt"), "");
}
