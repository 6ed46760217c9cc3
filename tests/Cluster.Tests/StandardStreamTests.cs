using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>Training with a standard stream that leads nowhere: a full disk, a pipe without a reader, none at all.</summary>
public sealed class StandardStreamTests(SmallRun run) : IClassFixture<SmallRun>
{
    [SkippableTheory]
    [InlineData("exec \"$@\" 2>/dev/full")]
    [InlineData("exec \"$@\" 2>&-")]
    [InlineData("exec \"$@\" 2>&- <&-")]
    public void Train_WithoutStandardError_TrainsAndPrintsItsResult(string script)
    {
        using LockstepProcess train = Start(script, out string folder);
        SmallRun.AssertEnded(train.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
    }

    [SkippableTheory]
    [InlineData("exec \"$@\" >/dev/full", "No space left on device")]
    [InlineData("exec \"$@\" >&-", "it is closed")]
    [InlineData("exec \"$@\" >&- 2>&- <&-", "it is closed")]
    [InlineData("mkfifo \"$PIPE\"; : <\"$PIPE\" & exec \"$@\" >\"$PIPE\"", "its reader has left")]
    public void Train_WithoutStandardOutput_TrainsAndEndsWithAnError(string script, string reason)
    {
        using LockstepProcess train = Start(script, out string folder);
        Assert.Equal(1, train.WaitForExit());
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")));
        SmallRun.AssertEnded(summary.RootElement, run.WeightsSha256);
        run.AssertTrace(folder);
        Assert.Contains(
            $"could not be written to standard output: {reason}", File.ReadAllText(Path.Combine(folder, "log.txt")),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Worker_WithoutStandardStreams_Works()
    {
        string folder = run.NewOut();
        using LockstepProcess coordinator = LockstepProcess.Start(["coordinator", .. run.Options, "--out", folder, "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess worker = LockstepProcess.StartInShell("exec \"$@\" >&- 2>&- <&-", ["worker", "--join", address, "--verbose"]);
        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal(0, worker.WaitForExit());
    }

    [SkippableTheory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("bench --help")]
    public void Command_OutputToAFullDisk_SaysSo(string arguments)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full is of Linux.");
        using LockstepProcess command = LockstepProcess.StartInShell("exec \"$@\" >/dev/full", arguments.Split(' '));
        Assert.Equal(1, command.WaitForExit());
        Assert.Equal(
            "lockstep: the result could not be written to standard output: No space left on device.",
            command.StandardError.Replace(" bench", "", StringComparison.Ordinal));
    }

    private LockstepProcess Start(string script, out string folder)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full is of Linux.");
        folder = run.NewOut();
        return LockstepProcess.StartInShell(script, run.Train(folder, "--workers", "2"), ("PIPE", $"{folder}.pipe"));
    }
}
