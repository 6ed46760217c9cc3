using System.Net;
using System.Net.Sockets;

namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// A reader who types all commands of docs/twenty-minutes.md: training that is killed twice on its way, and a service for its result. The
/// kills come in time on any machine, because the run has no end here; what resumes it is stopped when its workers train.
/// </summary>
public class TwentyMinutesTests
{
    private static readonly (string, string)[] Endless = [("LOCKSTEP__EPOCHS", "100000"), ("LOCKSTEP__LANES", "1")];

    [SkippableFact]
    public async Task Commands_OfTheTutorial_Work()
    {
        Skip.If(OperatingSystem.IsWindows(), "The commands are those of a POSIX shell.");
        Document document = Document.All.Single(document => document.Name == "docs/twenty-minutes.md");
        using var checkout = new Checkout(images: 100);
        foreach (string program in (string[])["python3", "curl", "pkill"])
            Skip.If((await checkout.RunAsync($"command -v {program}")).ExitCode != 0, $"There is no {program}, which the tutorial uses.");
        string port = FreePort();
        try
        {
            foreach (DocumentCommand command in document.Commands.Where(command => !IsForContainers(document, command)))
                await DocumentRunTests.AssertWorksAsync(document, InTime(command, port), checkout, Endless);
        }
        finally
        {
            // What a command that failed has left running.
            _ = await checkout.RunAsync("kill -KILL $(cat train.pid serve.pid)");
        }
    }

    private static bool IsForContainers(Document document, DocumentCommand command) =>
        NotRun.All.Any(entry => entry.Beginning.Length > 0 && entry.Has(document, command));

    /// <summary>A command as it is typed here: at a free port, and stopped where it would go on for ever.</summary>
    private static DocumentCommand InTime(DocumentCommand command, string port) =>
        !command.Text.Contains("--resume", StringComparison.Ordinal)
            ? command with { Text = command.Text.Replace("8080", port, StringComparison.Ordinal) }
            : command with
            {
                Text = $"""
                    {command.Text} > resume.log 2>&1 & echo $! > train.pid
                    tail -n +1 -F resume.log | grep -m 1 'training with'
                    kill -TERM $(cat train.pid) && wait $! && cat resume.log
                    """,
                Shown = [.. command.Shown!.TakeWhile(line => !line.StartsWith("epoch", StringComparison.Ordinal))],
            };

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
