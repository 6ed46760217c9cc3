namespace Lockstep.Cluster.Tests;

/// <summary>The port for tools of .NET is there for those who ask for it, and leaves nothing behind otherwise.</summary>
public sealed class DiagnosticsPortTests(SmallRun run) : IClassFixture<SmallRun>
{
    [SkippableTheory]
    [InlineData(null)]
    [InlineData("1")]
    public void KillTrain_TemporaryFolder_HasThePortOnlyIfAsked(string? asked)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Elsewhere the runtime keeps its port at other places.");
        string temporary = Directory.CreateDirectory(run.NewOut()).FullName, folder = run.NewOut();
        (string, string)[] environment = [("TMPDIR", temporary), .. asked is null ? [] : new[] { ("DOTNET_EnableDiagnostics", asked) }];
        using LockstepProcess train = LockstepProcess.Start(run.Train(folder, "--workers", "2"), environment);
        train.WaitForStep(folder, 10);
        IReadOnlyList<int> workers = train.Children();
        foreach (int process in workers.Prepend(train.Id))
            LockstepProcess.Signal(process, 9);
        _ = train.WaitForExit();
        string[] left = Directory.GetFiles(temporary, "*-pipe-*").Concat(Directory.GetFiles(temporary, "dotnet-diagnostic-*")).ToArray();
        if (asked is null)
            Assert.Empty(left);
        else
            Assert.Equal(3, left.Count(file => file.EndsWith("-socket", StringComparison.Ordinal)));
    }
}
