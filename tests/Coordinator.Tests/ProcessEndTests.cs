namespace Lockstep.Coordinator.Tests;

public class ProcessEndTests
{
    [Theory]
    [InlineData(0, "ended with exit code 0")]
    [InlineData(3, "ended with exit code 3")]
    [InlineData(139, "was ended by SIGSEGV (exit code 139)")]
    [InlineData(143, "was ended by SIGTERM (exit code 143)")]
    [InlineData(255, "ended with exit code 255")]
    public void Describe_ExitCode_NamesTheSignal(int exitCode, string expected) => Assert.Equal(expected, ProcessEnd.Describe(exitCode));
}
