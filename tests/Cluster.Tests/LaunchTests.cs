namespace Lockstep.Cluster.Tests;

/// <summary>
/// <c>launch</c> with a shell script in the place of ssh, which runs on this machine what ssh would run on another, each host with a
/// temporary folder of its own. deploy/ssh/test.sh does it with a real sshd.
/// </summary>
public sealed class LaunchTests(SmallRun run) : IClassFixture<SmallRun>
{
    private static readonly TimeSpan NobodySurvives = TimeSpan.FromSeconds(20);

    private readonly string _net = Directory.CreateDirectory(run.NewOut()).FullName;

    [SkippableFact]
    public void Launch_ThreeHosts_EndWithTheSameBytesAndNothingIsLeftThere()
    {
        using LockstepProcess launch = Launch(run.NewOut(), "a,anna@b,c");
        SmallRun.AssertEnded(launch.WaitForSummary(), run.WeightsSha256);
        Assert.Contains("starting workers on a, anna@b, c by ssh", launch.StandardError, StringComparison.Ordinal);
        AssertClean();
        string[] calls = File.ReadAllLines(Path.Combine(_net, "calls"));
        Assert.Equal(["a", "anna@b", "c"], calls.Select(call => call.Split(' ')[0]).Order());
        Assert.All(calls, call => Assert.DoesNotMatch("[A-Za-z0-9+/]{43}=", call));
    }

    [SkippableFact]
    public void Launch_HostThatIsNotThere_IsNamedAndTheOthersTrain()
    {
        using LockstepProcess launch = Launch(run.NewOut(), "a,gone,c");
        SmallRun.AssertEnded(launch.WaitForSummary(), run.WeightsSha256);
        Assert.Contains(
            "ssh connection to gone failed or ended before it was ready. ssh: connect to host gone port 22: Connection refused",
            launch.StandardError, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Launch_FewerHostsThanMustBe_GivesUpAtOnce()
    {
        using LockstepProcess launch = Launch(run.NewOut(), "a,gone", "--min-workers", "2", "--worker-timeout", "3600");
        Assert.Equal(3, launch.WaitForExit());
        Assert.Contains("needs 2 workers, and only 1 of the 2 that were started are left", launch.StandardError, StringComparison.Ordinal);
        AssertClean();
    }

    [SkippableFact]
    public void KillWorker_MidRun_ItsHostIsNamedAndTheOthersEndWithTheSameBytes()
    {
        using LockstepProcess launch = Launch(run.NewOut(), "a,b");
        launch.WaitForLine("the first epoch", line => line.Contains("epoch  1/"));
        // Where the program was carried, a shell waits for its end to remove it.
        int connection = launch.Children()[0];
        LockstepProcess.Signal(LockstepProcess.ChildrenOf(connection).DefaultIfEmpty(connection).First(), 9);
        launch.WaitForLine("the loss of the worker", line => line.Contains(" lost: "));
        SmallRun.AssertEnded(launch.WaitForSummary(), run.WeightsSha256);
        Assert.Matches("process on [ab] .*SIGKILL", launch.StandardError);
    }

    [SkippableFact]
    public void Interrupt_ByTheTerminal_TheStepIsFinishedAndTheRunGoesOnOnItsHosts()
    {
        string folder = run.NewOut();
        using (LockstepProcess launch = Launch(folder, "a,b", "--epochs", "99999"))
        {
            launch.WaitForLine("the first epoch", line => line.Contains("epoch     1/"));
            // As a terminal does: to all of its processes.
            foreach (int process in launch.Children())
                LockstepProcess.Signal(process, 2);
            launch.Interrupt();
            Assert.Equal("stopped", launch.WaitForSummary().GetProperty("outcome").GetString());
            Assert.DoesNotContain(" lost: ", launch.StandardError, StringComparison.Ordinal);
            Assert.Contains($"lockstep launch --resume {folder} --ssh 'sh {_net}/ssh'", launch.StandardError, StringComparison.Ordinal);
            AssertClean();
        }

        using LockstepProcess resumed = LockstepProcess.Start(
            ["launch", "--resume", folder, "--data-dir", run.DataDirectory, "--json", .. Programs()]);
        resumed.WaitForLine("training again on both hosts", line => line.Contains("training with 2 workers, 2 lanes, on from step"));
        resumed.Terminate();
        Assert.Equal("stopped", resumed.WaitForSummary().GetProperty("outcome").GetString());
    }

    [SkippableFact]
    public void KillLauncher_MidRun_NoProcessAndNoFolderIsLeft()
    {
        using LockstepProcess launch = Launch(run.NewOut(), "a,b", "--epochs", "99999");
        launch.WaitForLine("the first epoch", line => line.Contains("epoch     1/"));
        IReadOnlyList<int> connections = launch.Children();
        Assert.Equal(2, connections.Count);
        launch.Kill();
        SpinWait.SpinUntil(() => !connections.Any(LockstepProcess.IsAlive), NobodySurvives);
        Assert.DoesNotContain(connections, LockstepProcess.IsAlive);
        AssertClean();
        launch.WaitForExit();
    }

    /// <summary>A published program is carried; a build needs .NET, and is on all hosts.</summary>
    private LockstepProcess Launch(string folder, string hosts, params string[] more)
    {
        Skip.If(OperatingSystem.IsWindows(), "lockstep launch needs a Unix shell");
        string program = Path.Combine(_net, "program");
        File.WriteAllText(Path.Combine(_net, "ssh"), """
            while :; do
              case $1 in
                -G) exit 0 ;;
                -o) shift 2 ;;
                -*) shift ;;
                *) break ;;
              esac
            done
            host=$1
            shift
            net=$(dirname "$0")
            echo "$host $*" >>"$net/calls"
            [ "$host" != gone ] || { echo "ssh: connect to host gone port 22: Connection refused" >&2; exit 255; }
            export TMPDIR="$net/$host"
            mkdir -p "$TMPDIR"
            exec sh -c "$*"
            """);
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{LockstepProcess.Dll}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        IEnumerable<string> train = run.Train(
            folder, ["--listen", "127.0.0.1:0", "--hosts", hosts, "--lanes", "1", .. Programs(), .. more]);
        return LockstepProcess.Start(["launch", .. train.Skip(1)]);
    }

    private string[] Programs() =>
        ["--ssh", $"sh {_net}/ssh", .. LockstepProcess.IsPublished ? Array.Empty<string>() : ["--remote-program", $"{_net}/program"]];

    private void AssertClean()
    {
        string[] Left() => Directory.GetDirectories(_net, "lockstep.*", SearchOption.AllDirectories);
        SpinWait.SpinUntil(() => Left().Length == 0, NobodySurvives);
        Assert.Empty(Left());
    }
}
