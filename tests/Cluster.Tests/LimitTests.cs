namespace Lockstep.Cluster.Tests;

/// <summary>Limits of the system that are too narrow are named; nothing hangs, nothing has a stack trace.</summary>
public sealed class LimitTests(SmallRun run) : IClassFixture<SmallRun>
{
    [SkippableTheory]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(128)]
    public void Train_FewOpenFiles_NamesTheLimit(int files)
    {
        using LockstepProcess train = Start($"ulimit -n {files}; exec \"$@\"", out string folder);
        AssertRefused(train, folder, $"This process may have {files} files open (ulimit -n)");
    }

    [SkippableFact]
    public void Evaluate_FewOpenFiles_NamesTheLimit()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Limits are read on Linux only.");
        using LockstepProcess evaluate = LockstepProcess.StartInShell("ulimit -n 90; exec \"$@\"", ["evaluate", run.NewOut()]);
        Assert.Equal(2, evaluate.WaitForExit());
        Assert.StartsWith(
            "lockstep evaluate: This process may have 90 files open (ulimit -n), and this command needs 128.", evaluate.StandardError,
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Train_EnoughAddressSpace_Trains()
    {
        using LockstepProcess train = Start("ulimit -v 3000000; exec \"$@\"", out string folder);
        SmallRun.AssertEnded(train.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
    }

    [SkippableFact]
    public void Train_TwoGigabytesOfAddressSpace_NamesTheLimit()
    {
        using LockstepProcess train = Start("ulimit -v 2000000; exec \"$@\"", out string folder);
        AssertRefused(train, folder, "This process may have 2048 MB of address space (ulimit -v)");
    }

    [SkippableFact]
    public void Train_FewProcesses_NamesTheLimit()
    {
        Skip.IfNot(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess,
            "Root has no limit of processes, and only root can be another user.");
        using LockstepProcess train = Start(
            "HOME=/tmp exec prlimit --nproc=60 setpriv --reuid=54321 --clear-groups \"$@\"", out string folder);
        _ = train.WaitForExit();
        // In the words of the shell, or of the runtime that cannot look up its own place.
        Skip.If(
            train.StandardError.Contains("Permission denied", StringComparison.Ordinal)
            || train.StandardError.Contains("Failed to resolve full path of the current executable", StringComparison.Ordinal),
            "Another user cannot read the program where it lies.");
        AssertRefused(train, folder, "User 54321 may have 60 processes and threads (ulimit -u)");
    }

    private LockstepProcess Start(string script, out string folder)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Limits are read on Linux only.");
        folder = run.NewOut();
        return LockstepProcess.StartInShell(script, run.Train(folder, "--workers", "2", "--lanes", "1"));
    }

    private static void AssertRefused(LockstepProcess train, string folder, string message)
    {
        Assert.Equal(2, train.WaitForExit());
        Assert.Matches(
            $"^lockstep train: {System.Text.RegularExpressions.Regex.Escape(message)}, and .* needs .*\\. Raise the [^\n]*$",
            train.StandardError.Replace("; ", ", and ", StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder), "Something was started.");
    }
}
