using System.CommandLine;
using Lockstep.Cli.Board;
using Lockstep.Cli.Health;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Runs;
using Lockstep.Wording;
using Microsoft.Extensions.Logging;

namespace Lockstep.Cli.Commands;

/// <summary><c>board</c>: the runs of a folder in a browser, as they grow.</summary>
internal sealed class BoardCommand : CliCommand
{
    private static readonly CliOption<HostPort> Http = new("--http", ValueKind.Endpoint)
    {
        Placeholder = "HOST:PORT", IsPerInvocation = true, IsCommandLineOnly = true, Default = "127.0.0.1:9465",
        Help = "Where to serve. Port 0 takes a free one. From other machines the page asks for the token that is printed.",
    };

    private readonly Argument<string> _folder;

    public BoardCommand()
        : base("board", "Runs in a browser: curves as they grow, workers, faults; draw a digit")
    {
        _folder = Take<string>("DIR", $"Folder that holds run folders; left out, {RunFolder.DefaultParent}.", ArgumentArity.ZeroOrOne);
        Take(OptionHeading.Output, Http, NetworkOptions.TlsFolder);
    }

    public override string Heading => CommandHeading.Result;

    public override string Details =>
        "Serves a page with all runs of a folder: a table to sort and filter, curves of several runs over each other, and everything of one "
        + "run, live while it is trained. Nothing leaves this machine, and the page changes nothing. Ctrl-C ends it. "
        + "'train --http' serves the same page from the process that trains, with what each worker does.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep board", "the runs in runs/, at http://127.0.0.1:9465"),
        ("lockstep board /data/experiments --http 127.0.0.1:0", "those of another folder, at a free port"),
    ];

    public override async Task<int> RunAsync(Invocation invocation)
    {
        string parent = FolderOfRuns(invocation, _folder);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = new ShutdownSignals(signal => stopped.TrySetResult());
        (IAsyncDisposable server, string address, string note) = await BoardPages.StartAsync(
            invocation.Settings.Get(Http).Resolve(Http.Name), Http.Name, () => new Readiness(true, $"showing the runs in {parent}"),
            new RunShelf(parent, live: null), invocation.Settings.Find(NetworkOptions.TlsFolder), invocation.Io);
        await using IAsyncDisposable _ = server;
        invocation.Io.Messages.Say(LogLevel.Information, $"board of {parent}, until Ctrl-C: {address}{note}");
        await stopped.Task;
        return ExitCode.Done;
    }
}
