using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>Clusters that others could reach, without a secret that is one, or certificates.</summary>
public sealed class SecretOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("coordinator", "--listen", "192.0.2.1:4053")]
    [InlineData("coordinator", "--listen", "0.0.0.0:4053", "--advertise", "127.0.0.1:4053")]
    [InlineData("coordinator", "--listen", "127.0.0.1:4053", "--advertise", "192.0.2.1:4053")]
    [InlineData("worker", "--join", "192.0.2.1:4053")]
    public async Task Run_OnANetworkWithoutSecretAndCertificates_SaysHowToMakeThem(params string[] command)
    {
        string run = _folder.File("run");
        CommandRun ended = await CommandRun.RunAsync(command[0] == "worker" ? command : [.. command, "--out", run]);

        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        Assert.Contains("can be reached from other machines", ended.Error, StringComparison.Ordinal);
        Assert.Contains("head -c 32 /dev/urandom | base64 > lockstep.secret", ended.Error, StringComparison.Ordinal);
        Assert.Contains("--secret-file lockstep.secret", ended.Error, StringComparison.Ordinal);
        Assert.Contains("lockstep certs init --tls-dir ca", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Theory]
    [InlineData("coordinator")]
    [InlineData("worker", "--join", "127.0.0.1:4053")]
    public async Task Run_FileThatIsNoSecret_IsRefusedByOptionAndByVariable(params string[] command)
    {
        string file = _folder.File("none");

        foreach (CommandRun ended in new[] { await CommandRun.RunAsync(
            [.. command, "--secret-file", file]), await CommandRun.RunAsync(command, ("LOCKSTEP_SECRET_FILE", file)) })
        {
            Assert.Equal(ExitCode.BadInput, ended.ExitCode);
            Assert.Contains($"The secret file {file} cannot be used: there is no such file.", ended.Error, StringComparison.Ordinal);
        }
    }
}
