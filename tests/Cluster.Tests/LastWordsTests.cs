namespace Lockstep.Cluster.Tests;

/// <summary>What is said at the end is true of what is on the disk, and works when pasted.</summary>
public sealed class LastWordsTests(LongRun longRun) : IClassFixture<LongRun>
{
    private readonly SmallRun _run = longRun.Run;

    [Fact]
    public void ResumedCoordinator_StoppedBeforeItTrained_NamesTheCheckpointThatIsThere()
    {
        string folder = $"{_run.NewOut()} with blanks";
        using (LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "1", "--checkpoint-every", "10steps")))
        {
            train.WaitForCheckpoints(folder);
            train.Terminate();
            Assert.Equal(0, train.WaitForExit());
        }

        string saved = Directory.GetFiles(Path.Combine(folder, "checkpoints")).Order(StringComparer.Ordinal).Last();
        using LockstepProcess coordinator = LockstepProcess.Start(["coordinator", "--resume", folder]);
        coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        coordinator.Terminate();
        Assert.Equal(0, coordinator.WaitForExit());
        string last = coordinator.StandardError.Split('\n')[^1];
        Assert.Contains($"Go on with: lockstep coordinator --listen 127.0.0.1:0 --resume '{folder}'", last, StringComparison.Ordinal);
        Assert.Contains($"\"checkpoint\": \"{saved}\"", File.ReadAllText(Path.Combine(folder, "summary.json")), StringComparison.Ordinal);

        string[] arguments = last[(last.IndexOf("lockstep coordinator", StringComparison.Ordinal) + 9)..].Split(' ', 5);
        using LockstepProcess pasted = LockstepProcess.StartInShell($"exec \"$@\" --resume {arguments[4]}", arguments[..3]);
        pasted.WaitForLine("the address to join", line => line.Contains("--join"));
        pasted.Terminate();
        Assert.Equal(0, pasted.WaitForExit());
    }

    [Fact]
    public void DeleteRunFolder_MidRun_LastWordsDoNotSendThere()
    {
        string folder = _run.NewOut();
        using LockstepProcess train = LockstepProcess.Start(_run.Train(folder, "--workers", "1"));
        train.WaitForCheckpoints(folder);
        // It may write one more file while it is removed.
        SpinWait.SpinUntil(() => Remove(folder), LockstepProcess.Deadline);
        train.Terminate();
        Assert.Equal(1, train.WaitForExit());
        string last = train.StandardError.Split('\n')[^1];
        Assert.EndsWith($"The run folder {folder} was deleted meanwhile.", last, StringComparison.Ordinal);
        Assert.DoesNotContain("log.txt", train.StandardError, StringComparison.Ordinal);
        Assert.DoesNotContain("Go on with", train.StandardError, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    private static bool Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
