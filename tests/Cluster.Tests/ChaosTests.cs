using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>The command that breaks a training from outside, at work on a small one.</summary>
public sealed class ChaosTests(SmallRun run) : IClassFixture<SmallRun>
{
    private static readonly TimeSpan NobodySurvives = TimeSpan.FromSeconds(10);

    [SkippableFact]
    public void Chaos_FaultsOfManyKinds_EndsWithTheBytesOfTheUndisturbedRun()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chaos needs Linux.");
        string folder = run.NewOut();
        using LockstepProcess chaos = Start(folder, """
            { "workers": 3, "faults": [
              { "at": 0.2, "fault": "kill", "worker": 1 },
              { "at": 0.5, "fault": "pause", "worker": 2, "seconds": 0.5 },
              { "at": 0.7, "fault": "cut", "worker": 3 },
              { "at": 0.9, "fault": "disk", "seconds": 0.5 },
              { "at": 1.6, "fault": "kill", "coordinator": "leader", "seconds": 0.1 },
              { "at": 1.8, "fault": "join" },
              { "at": 2.5, "fault": "partition", "worker": 2, "seconds": 0.5 },
              { "at": 2.6, "fault": "leave", "worker": 3 },
              { "at": 3, "fault": "partition", "coordinator": "standby", "seconds": 2 },
              { "at": 3.5, "fault": "leave", "coordinator": "leader", "seconds": 0.1 },
              { "at": 5, "fault": "kill", "coordinator": "standby", "seconds": 0.1 },
              { "at": 6, "fault": "pause", "coordinator": "leader", "seconds": 3 }
            ] }
            """, "--model", "conv:4x5s3-bn-pool2-12-bn-out");

        JsonElement result = chaos.WaitForSummary();

        Assert.Equal("same", result.GetProperty("outcome").GetString());
        Assert.Equal(result.GetProperty("undisturbedSha256").GetString(), result.GetProperty("weightsSha256").GetString());
        Assert.Equal(12, result.GetProperty("faults").GetArrayLength());
        Assert.All(result.GetProperty("faults").EnumerateArray(), fault =>
        {
            Assert.True(fault.GetProperty("weightsEqual").GetBoolean());
            Assert.Equal(JsonValueKind.Number, fault.GetProperty("secondsToRecover").ValueKind);
        });
        Assert.True(result.GetProperty("steps").GetInt64() > 0);
        Assert.All(
            new[] { "plan.json", "log.txt", "result.json", "timeline.svg" },
            file => Assert.True(File.Exists(Path.Combine(folder, file)), file));
        Assert.All(
            new[] { "run-1", "run-2", "run-3" },
            run => Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, run, "checkpoints"), "step-*.ckpt")));
    }

    [SkippableFact]
    public void Chaos_OnARunThatCannotGoOn_SaysSoAndFails()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chaos needs Linux.");
        using LockstepProcess chaos = Start(run.NewOut(), """{ "workers": 1, "faults": [ { "at": 0.1, "fault": "kill", "worker": 1 } ] }""", "--worker-timeout", "25");

        Assert.Equal(1, chaos.WaitForExit());

        Assert.Contains("ended by itself with exit code 3", chaos.StandardError);
        Assert.Equal("ended", JsonDocument.Parse(chaos.StandardOutput).RootElement.GetProperty("outcome").GetString());
    }

    /// <summary>A paused worker can neither hear nor do anything: it must be ended from outside.</summary>
    [SkippableFact]
    public void Chaos_KilledWhileAWorkerIsPaused_NoProcessSurvives()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "chaos needs Linux.");
        using LockstepProcess chaos = Start(run.NewOut(), """{ "workers": 2, "faults": [ { "at": 0.1, "fault": "pause", "worker": 2, "seconds": 600 } ] }""");
        chaos.WaitForLine("the pause", line => line.Contains("#1 pause"));
        IReadOnlyList<int> children = chaos.Children();
        Assert.True(children.Count >= 5, $"Three coordinators and two workers were expected, got {children.Count} processes.");

        chaos.Kill();

        SpinWait.SpinUntil(() => !children.Any(LockstepProcess.IsAlive), NobodySurvives);
        Assert.DoesNotContain(children, LockstepProcess.IsAlive);
        chaos.WaitForExit();
    }

    private LockstepProcess Start(string folder, string plan, params string[] more)
    {
        string file = folder + ".plan.json";
        File.WriteAllText(file, plan);
        return LockstepProcess.Start(
        [
            "chaos", "--plan", file, "--out", folder, "--data-dir", run.DataDirectory, "--dataset", "mnist",
            .. more.Contains("--model") ? Array.Empty<string>() : ["--model", "784-64-10"], "--batch-size", "32",
            "--checkpoint-every", "100steps", "--json", .. more,
        ]);
    }
}
