using System.Text;
using Lockstep.Shared.Streaming;

namespace Lockstep.Cluster.Tests;

/// <summary>Workers that must not take part: each is told why, and the run is not disturbed.</summary>
public sealed class RefusalTests(SmallRun run) : IClassFixture<SmallRun>
{
    [Fact]
    public void WorkerOfAnotherVersion_IsRefusedWithBothVersions()
    {
        string build = PatchedBuild("Lockstep.Shared.dll", "0.1.0+"u8, "0.1.9+"u8);
        AssertRefused(build, "It is Lockstep 0.1.9+", "the coordinator is 0.1.0+");
    }

    [Fact]
    public void WorkerWithOtherNumerics_IsRefusedWithBothFingerprints()
    {
        // A coefficient of e^x.
        string build = PatchedBuild("Lockstep.Model.dll", BitConverter.GetBytes(8.3334519073e-3f), BitConverter.GetBytes(8.4e-3f));
        AssertRefused(build, "Its numerics differ: a fixed training gave ", ", here ");
    }

    [Fact]
    public void WorkerWithAnotherSecretOrNone_IsRefusedAndTheRightOneTrainsToTheSameBytes()
    {
        string secret = run.NewSecret("the secret of this run\n"), other = run.NewSecret("the secret of that run\n");
        using LockstepProcess coordinator = StartCoordinator(out string address, "--secret-file", secret);
        AssertRefusedFor("it has another secret", "it has another secret", "--secret-file", other);
        AssertRefusedFor("it has no secret, and here one was given", "it has a secret, and here none was given");
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address], ("LOCKSTEP_SECRET_FILE", secret));
        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal(0, worker.WaitForExit());
        Assert.DoesNotContain("the secret of", coordinator.StandardError + worker.StandardError);

        void AssertRefusedFor(string onCoordinator, string onWorker, params string[] options)
        {
            using LockstepProcess odd = LockstepProcess.Start(["worker", "--join", address, .. options]);
            Assert.Equal(3, odd.WaitForExit());
            Assert.Contains(
                $"This worker does not join the coordinator at {address}: {onWorker}. Give both the same file with --secret-file.",
                odd.StandardError);
            coordinator.WaitForLine(
                "the refusal",
                line => line.StartsWith("worker 127.0.0.1 refused: ", StringComparison.Ordinal)
                    && line.Contains(onCoordinator, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void Tls_WithASecretToo_StrangersAreRefusedAndTwoWorkersTrainToTheSameBytes()
    {
        string ca = run.NewAuthority(), secret = run.NewSecret("the secret of this run\n"), mine = run.NewNode(ca, "worker2");
        using LockstepProcess coordinator = StartCoordinator(
            out string address, "--secret-file", secret, "--tls-dir", run.NewNode(ca, "127.0.0.1"), "--min-workers", "2", "--transport",
            "stream");
        AssertRefusedFor(
            "it does not speak TLS, and here certificates were given", "it speaks TLS, and here no certificates were given", address,
            "--secret-file", secret);
        AssertRefusedFor(
            "the certificate of 'stranger' was issued by", "the certificate of '127.0.0.1' was issued by", address, "--secret-file", secret,
            "--tls-dir", run.NewNode(run.NewAuthority(), "stranger"));
        AssertRefusedFor("it has no secret", "it has a secret", address, "--tls-dir", mine);
        AssertRefusedFor(
            "it does not accept this side: the certificate of '127.0.0.1' is for 127.0.0.1, not for localhost",
            "the certificate of '127.0.0.1' is for 127.0.0.1, not for localhost",
            address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--secret-file", secret, "--tls-dir", mine);

        using LockstepProcess first = LockstepProcess.Start(
            ["worker", "--join", address, "--secret-file", secret, "--tls-dir", run.NewNode(ca, "worker1")]);
        using LockstepProcess second = LockstepProcess.Start(
            ["worker", "--join", address], ("LOCKSTEP_SECRET_FILE", secret), ("LOCKSTEP_TLS_DIR", mine));
        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal((0, 0), (first.WaitForExit(), second.WaitForExit()));
        Assert.DoesNotContain("   at ", coordinator.StandardError + first.StandardError + second.StandardError);

        void AssertRefusedFor(string onCoordinator, string onWorker, string join, params string[] options)
        {
            using LockstepProcess odd = LockstepProcess.Start(["worker", "--join", join, .. options]);
            Assert.Equal(3, odd.WaitForExit());
            Assert.Contains($"This worker does not join the coordinator at {join}: {onWorker}", odd.StandardError);
            Assert.DoesNotContain("   at ", odd.StandardError);
            coordinator.WaitForLine(
                "the refusal", line => line.StartsWith($"worker 127.0.0.1 refused: {onCoordinator}", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void Connection_WithAWrongToken_IsRefused()
    {
        using LockstepProcess coordinator = StartCoordinator(out string address);
        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]);
        coordinator.WaitForLine("the first epoch", line => line.Contains("epoch  1/"));
        int port = ProcFiles.ListeningPorts(coordinator.Id).Single(port => !address.EndsWith($":{port}", StringComparison.Ordinal));
        using (TensorConnection connection = TensorConnection.Connect(
            "127.0.0.1", port, run: 1, new byte[StreamTokens.TokenBytes], "somebody", LockstepProcess.Deadline))
        {
            StreamException refusal = Assert.Throws<StreamException>(() => connection.ReceiveHeader(FrameKind.RunSpec));
            Assert.Equal(StreamError.Refused, refusal.Error);
            Assert.Contains("The token is not valid", refusal.Message);
        }

        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal(0, worker.WaitForExit());
    }

    private void AssertRefused(string build, params string[] reasons)
    {
        using LockstepProcess coordinator = StartCoordinator(out string address);
        using (LockstepProcess odd = LockstepProcess.StartBuild(build, ["worker", "--join", address]))
        {
            Assert.Equal(3, odd.WaitForExit());
            string refusal = coordinator.WaitForLine("the refusal", line => line.Contains(" refused: "));
            Assert.All(reasons, reason => Assert.Contains(reason, refusal));
            Assert.All(reasons, reason => Assert.Contains(reason, odd.StandardError));
            Assert.DoesNotContain("   at ", odd.StandardError);
        }

        using LockstepProcess worker = LockstepProcess.Start(["worker", "--join", address]);
        SmallRun.AssertEnded(coordinator.WaitForSummary(), run.WeightsSha256);
        Assert.Equal(0, worker.WaitForExit());
    }

    private LockstepProcess StartCoordinator(out string address, params string[] more)
    {
        LockstepProcess coordinator = LockstepProcess.Start(["coordinator", .. run.Options, "--out", run.NewOut(), "--json", .. more]);
        string line = coordinator.WaitForLine("the address to join", line => line.Contains("--join"));
        address = line[(line.IndexOf("--join", StringComparison.Ordinal) + 7)..].Split(' ')[0];
        return coordinator;
    }

    /// <summary>The command with other bytes in one of its assemblies, as if it were built from another source.</summary>
    private string PatchedBuild(string assembly, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        string build = Path.GetDirectoryName(LockstepProcess.Dll)!, copy = Directory.CreateDirectory(run.NewOut()).FullName;
        foreach (string file in Directory.GetFiles(build))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        string patched = Path.Combine(copy, assembly);
        byte[] bytes = File.ReadAllBytes(patched);
        int found = 0;
        for (int at; (at = bytes.AsSpan().IndexOf(from)) >= 0; found++)
            to.CopyTo(bytes.AsSpan(at));
        Assert.True(
            found > 0,
            $"{assembly} does not contain {Convert.ToHexString(from)} ({Encoding.ASCII.GetString(from)}): this test must be told what "
                + "it does.");
        File.WriteAllBytes(patched, bytes);
        return Path.Combine(copy, Path.GetFileName(LockstepProcess.Dll));
    }
}
