using Lockstep.Coordinator.Launching;

namespace Lockstep.Coordinator.Tests.Launching;

public class ProcessEndTests
{
    [Theory]
    [InlineData(0, "ended with exit code 0")]
    [InlineData(3, "ended with exit code 3")]
    [InlineData(139, "was ended by SIGSEGV (exit code 139)")]
    [InlineData(143, "was ended by SIGTERM (exit code 143)")]
    [InlineData(255, "ended with exit code 255")]
    public void Describe_ExitCode_NamesTheSignal(int exitCode, string expected) => Assert.Equal(expected, ProcessEnd.Describe(exitCode));

    [Theory]
    [InlineData(null, 255, "process 7 ended with exit code 255")]
    [InlineData("node2", 137, "process on node2 was ended by SIGKILL, as the system does when memory runs out (exit code 137)")]
    [InlineData("node2", 255, "ssh connection to node2 failed or ended")]
    public void Describe_ProcessOfAWorker_NamesItsMachine(string? host, int exitCode, string expected)
    {
        (string process, string end) = ProcessEnd.Describe(7, host, exitCode);
        Assert.Equal(expected, $"{process} {end}");
    }
}
