using Lockstep.Cli.Terminal;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Tests.Commands;

/// <summary>From nothing to two nodes that could train together, and what may go wrong on the way.</summary>
public sealed class CertsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InitAndIssue_OneLineEach_MakeFoldersThatNodesCanUse()
    {
        CommandRun init = await CommandRun.RunAsync(["certs", "init", "--tls-dir", _folder.File("ca")]);
        Assert.Equal((ExitCode.Done, ""), (init.ExitCode, init.Error));
        Assert.StartsWith($"wrote a CA into {_folder.File("ca")}, valid until 20", init.Out, StringComparison.Ordinal);

        CommandRun issue = await CommandRun.RunAsync(["certs", "issue", "--tls-dir", _folder.File("ca"), "--name", "coordinator.lan,192.0.2.7", "--out", _folder.File("node"), "--days", "2"]);
        Assert.Equal((ExitCode.Done, ""), (issue.ExitCode, issue.Error));
        Assert.Contains("for coordinator.lan, 192.0.2.7, valid until 20", issue.Out, StringComparison.Ordinal);
        ClusterTls.Read(_folder.File("node"));
    }

    [Fact]
    public async Task Issue_WithoutWhatItNeeds_SaysAllAtOnce()
    {
        CommandRun ended = await CommandRun.RunAsync(["certs", "issue"]);
        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        Assert.All(
            new[] { "--tls-dir is missing", "--name is missing", "--out is missing" },
            problem => Assert.Contains(problem, ended.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--name", "a b")]
    [InlineData("--name", "a,,b")]
    [InlineData("--name", "*.example.net")]
    [InlineData("--days", "0")]
    public async Task Issue_BadValue_IsRefused(string option, string value)
    {
        string[] rest = option == "--name" ? [] : ["--name", "n"];
        CommandRun ended = await CommandRun.RunAsync(
            ["certs", "issue", "--tls-dir", _folder.File("ca"), "--out", _folder.File("node"), option, value, .. rest]);
        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        Assert.Contains($"{option} ", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("node")));
    }

    [Fact]
    public async Task Init_WhereThereIsACa_IsRefused()
    {
        await CommandRun.RunAsync(["certs", "init", "--tls-dir", _folder.File("ca")]);
        CommandRun again = await CommandRun.RunAsync(["certs", "init", "--tls-dir", _folder.File("ca")]);
        Assert.Equal(ExitCode.BadInput, again.ExitCode);
        Assert.Contains("exists already, and is not overwritten", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("coordinator")]
    [InlineData("worker", "--join", "127.0.0.1:4053")]
    [InlineData("worker", "--join", "127.0.0.1:4053", "--http", "127.0.0.1:0")]
    [InlineData("coordinator", "--http", "127.0.0.1:0")]
    [InlineData("board", ".", "--http", "127.0.0.1:0")]
    public async Task Run_FolderWithoutCertificates_IsRefusedByOptionAndByVariable(params string[] command)
    {
        string folder = _folder.File("none");

        foreach (CommandRun ended in new[] { await CommandRun.RunAsync(
            [.. command, "--tls-dir", folder]), await CommandRun.RunAsync(command, ("LOCKSTEP_TLS_DIR", folder)) })
        {
            Assert.Equal(ExitCode.BadInput, ended.ExitCode);
            Assert.Contains(
                $"The folder {folder} of certificates cannot be used: there is no such folder. Make a CA with 'lockstep certs init",
                ended.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// The address is not of this machine: with certificates, that is what is wrong with it, and not that anybody could take part.
    /// </summary>
    [Fact]
    public async Task Run_OnANetworkWithCertificatesAndNoSecret_IsNotRefusedForThat()
    {
        CertificateAuthority.Create(_folder.File("ca"), 2, TimeProvider.System).Dispose();
        CertificateAuthority.Issue(_folder.File("ca"), ["192.0.2.1"], _folder.File("node"), 1, TimeProvider.System).Dispose();
        CommandRun ended = await CommandRun.RunAsync(
            ["coordinator", "--dataset", "synthetic", "--train-examples", "200", "--listen", "192.0.2.1:4053", "--tls-dir", _folder.File("node"), "--out", _folder.File("run")]);
        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        Assert.Contains("this machine does not have that address", ended.Error, StringComparison.Ordinal);
    }
}
