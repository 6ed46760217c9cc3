using System.Diagnostics;
using Lockstep.Coordinator.Launching;

namespace Lockstep.Coordinator.Tests.Launching;

public sealed class SshLaunchTests
{
    [SkippableFact]
    public void Command_OptionsOfTheUser_ComeFirstAndAreReadAsByAShell()
    {
        Skip.If(OperatingSystem.IsWindows(), "no Unix shell");
        string[] words = Output(SshLaunch.Command("printf '%s\\n' 'two words'", "host", "a command")).Split('\n');
        Assert.Equal("two words", words[0]);
        Assert.Equal(["host", "a command", ""], words[^3..]);
        Assert.Contains("BatchMode=yes", words);
    }

    [Fact]
    public void To_AnyHost_HasNoSecretOnTheCommandLine()
    {
        WorkerLaunch launch = SshLaunch.To("ssh", "node1", lanes: 3, program: null, remoteProgram: "/opt/it's/lockstep", "the secret");
        Assert.DoesNotContain(launch.Start.ArgumentList, argument => argument.Contains("the secret", StringComparison.Ordinal));
        Assert.Equal("node1", launch.Start.ArgumentList[^2]);
        Assert.Contains("--lanes 3", launch.Start.ArgumentList[^1], StringComparison.Ordinal);
        Assert.Equal(("the secret", "node1"), (launch.Secret, launch.Host));
    }

    private static string Output(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        return process.StandardOutput.ReadToEnd();
    }
}
