using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Tests.Commands;

/// <summary><c>--http</c> and <c>--log-format</c> that cannot be done.</summary>
public sealed class HealthOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train", "--dataset", "synthetic")]
    [InlineData("coordinator", "--dataset", "synthetic")]
    [InlineData("worker", "--join", "127.0.0.1:4053")]
    public async Task Http_WhereNothingCanListen_SaysWhyAndStartsNothing(params string[] command)
    {
        string run = _folder.File("run");
        string[] all = command[0] == "worker" ? command : [.. command, "--out", run];
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        (string Address, string Problem)[] cases =
        [
            ($"{taken.LocalEndpoint}", "another program uses this port. Choose another one with --http, or port 0 for a free one."),
            ("192.0.2.1:9464", "this machine does not have that address. Give one of its own with --http, such as 127.0.0.1:9464."),
        ];

        foreach ((string address, string problem) in cases)
        {
            CommandRun ended = await CommandRun.RunAsync([.. all, "--http", address]);

            Assert.Equal(ExitCode.BadInput, ended.ExitCode);
            Assert.Contains($"lockstep {command[0]}: Cannot listen on {address}: {problem}", ended.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(run));
        }
    }

    [Fact]
    public async Task LogFormat_Json_TellsMistakesAsRecordsToo()
    {
        CommandRun ended = await CommandRun.RunAsync(["train", "--epochs", "none", "--http", "nowhere"], ("LOCKSTEP__LOG_FORMAT", "json"));

        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        string[] messages = [.. ended.Error.Split(
            Environment.NewLine,
            StringSplitOptions.RemoveEmptyEntries).Select(line =>
                JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!)];
        Assert.Equal(2, messages.Length);
        Assert.Contains(messages, message => message.StartsWith("lockstep train: --epochs none: ", StringComparison.Ordinal));
        Assert.Contains(
            messages, message => message.StartsWith("lockstep train: --http nowhere: without a port", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LogFormat_Unknown_IsToldAsText()
    {
        CommandRun ended = await CommandRun.RunAsync(["worker", "--join", "127.0.0.1:4053", "--log-format", "jsn"]);

        Assert.Equal(ExitCode.BadInput, ended.ExitCode);
        Assert.Contains(
            "lockstep worker: --log-format jsn: unknown; did you mean json? Expected one of text, json.", ended.Error,
            StringComparison.Ordinal);
    }
}
