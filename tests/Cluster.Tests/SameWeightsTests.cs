using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Lockstep.Cluster.Tests;

/// <summary>The promise: the bytes depend on the run, not on the cluster.</summary>
public sealed class SameWeightsTests(SmallRun run, ShortRun shortRun) : IClassFixture<SmallRun>, IClassFixture<ShortRun>
{
    private readonly SmallRun _short = shortRun.Run;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void Train_AnyNumberOfWorkersAndLanes_EndsWithTheSameBytes(int workers, int lanes)
    {
        string folder = _short.NewOut();
        using LockstepProcess train = LockstepProcess.Start(_short.Train(folder, "--workers", $"{workers}", "--lanes", $"{lanes}"));
        SmallRun.AssertEnded(train.WaitForSummary(), _short.WeightsSha256);
        _short.AssertTrace(folder);
    }

    [Fact]
    public void Train_ThroughTheNetworkOfOneMachine_EndsWithTheSameBytes()
    {
        using LockstepProcess train = LockstepProcess.Start(_short.Train(_short.NewOut(), "--workers", "3", "--transport", "stream"));
        SmallRun.AssertEnded(train.WaitForSummary(), _short.WeightsSha256);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void Train_InSlices_EndsWithTheSameBytes(int workers)
    {
        string folder = _short.NewOut();
        using LockstepProcess train = LockstepProcess.Start(_short.Train(
            folder, "--workers", $"{workers}", "--lanes", "1", "--transport", "slices"));
        JsonElement summary = train.WaitForSummary();
        SmallRun.AssertEnded(summary, _short.WeightsSha256);
        Assert.InRange(summary.GetProperty("slicedSteps").GetInt64(), 1, _short.Spec.TotalSteps);
        _short.AssertTrace(folder);
    }

    [Theory]
    [InlineData("LOCKSTEP_KERNELS", "scalar")]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData("DOTNET_EnableAVX2", "0")]
    public void Train_AnyKernels_EndsWithTheSameBytes(string variable, string value)
    {
        using LockstepProcess train = LockstepProcess.Start(_short.Train(_short.NewOut(), "--workers", "2"), (variable, value));
        SmallRun.AssertEnded(train.WaitForSummary(), _short.WeightsSha256);
    }

    [Fact]
    public void Train_StoppedAndResumed_EndsWithTheSameBytes()
    {
        string folder = run.NewOut();
        using (LockstepProcess first = LockstepProcess.Start(run.Train(folder, "--workers", "2")))
        {
            first.WaitForLine("the third epoch", line => line.Contains("epoch  3/"));
            first.Terminate();
            Assert.Equal(0, first.WaitForExit());
            Assert.Contains("--resume", first.StandardError + first.StandardOutput);
        }

        using LockstepProcess second = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "1", "--json"]);
        SmallRun.AssertEnded(second.WaitForSummary(), run.WeightsSha256);
        AssertMetricsHaveEveryEpochOnce(folder);
        run.AssertTrace(folder);
    }

    [Fact]
    public void Train_KilledAndResumed_LeavesTheTraceOfAnUndisturbedRun()
    {
        string folder = run.NewOut();
        using (LockstepProcess first = LockstepProcess.Start(run.Train(folder, "--workers", "1")))
        {
            first.WaitForLine("the twentieth epoch", line => line.Contains("epoch 20/"));
            first.WaitForCheckpoints(folder);
            first.Kill();
            first.WaitForExit();
        }

        using LockstepProcess second = LockstepProcess.Start(
            ["train", "--resume", folder, "--data-dir", run.DataDirectory, "--workers", "1", "--json"]);
        SmallRun.AssertEnded(second.WaitForSummary(), run.WeightsSha256);
        run.AssertTrace(folder);
    }

    [Fact]
    public void Train_ResumedFromTheMiddleOfAnEpoch_EndsWithTheSameBytes()
    {
        string folder = run.NewOut();
        using (LockstepProcess first = LockstepProcess.Start(run.Train(folder, "--workers", "1")))
            SmallRun.AssertEnded(first.WaitForSummary(), run.WeightsSha256);

        string checkpoint = Directory.GetFiles(Path.Combine(folder, "checkpoints")).Order().First();
        string again = run.NewOut();
        using LockstepProcess second = LockstepProcess.Start(
            ["train", "--resume", checkpoint, "--out", again, "--data-dir", run.DataDirectory, "--workers", "3", "--json"]);
        SmallRun.AssertEnded(second.WaitForSummary(), run.WeightsSha256);
        Assert.Contains("step 100", second.StandardError);
        AssertTraceGoesOnFrom(again, step: 100);
    }

    [SkippableTheory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public void CoordinatorAndWorkers_StartedByHand_EndWithTheSameBytes(string listen)
    {
        Skip.IfNot(listen.StartsWith("127.", StringComparison.Ordinal) || HasIPv6(), "This machine has no IPv6, not even to itself.");
        using LockstepProcess coordinator = LockstepProcess.Start(
            ["coordinator", .. _short.Options, "--listen", listen, "--out", _short.NewOut(), "--min-workers", "2", "--json"]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        string address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Trim();
        using LockstepProcess first = LockstepProcess.Start(["worker", "--join", address, "--lanes", "1"]);
        using LockstepProcess second = LockstepProcess.Start(["worker", "--join", address, "--lanes", "2"]);
        SmallRun.AssertEnded(coordinator.WaitForSummary(), _short.WeightsSha256);
        Assert.Equal(0, first.WaitForExit());
        Assert.Equal(0, second.WaitForExit());
    }

    private static bool HasIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Without the trace before it: other chained hashes, the same weights.
    private void AssertTraceGoesOnFrom(string folder, int step)
    {
        const int header = 3;
        string[] lines = File.ReadAllLines(Path.Combine(folder, "trace.txt")), whole = run.Trace.TrimEnd().Split('\n');
        Assert.StartsWith($"from {step} ", lines[2]);
        Assert.Equal(whole[(header + step)..].Select(WithoutChain), lines[header..].Select(WithoutChain));

        static string WithoutChain(string line) => line[..line.LastIndexOf(' ')];
    }

    private static void AssertMetricsHaveEveryEpochOnce(string folder)
    {
        int[] epochs = [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(line => (int)System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("epoch").GetDouble())];
        Assert.Equal(Enumerable.Range(1, SmallRun.Epochs), epochs);
    }
}
