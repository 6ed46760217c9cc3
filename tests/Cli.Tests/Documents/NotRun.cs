namespace Lockstep.Cli.Tests.Documents;

/// <summary>
/// A command that no test can run as it stands. Its options are checked all the same, by <see cref="DocumentParseTests"/>.
/// </summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Beginning">How it begins.</param>
/// <param name="Reason">Why it is not run.</param>
internal sealed record NotRun(string Document, string Beginning, string Reason)
{
    private const string Tests = "these tests", Minutes = "minutes of work", Chaos = "a minute of faults and more: see ChaosTests",
        Machines = "other machines", Placeholder = "a placeholder for something of the reader's", Root = "changes the system",
        Network = "a download", Containers = "a container engine", Mnist = "MNIST itself, in data/mnist",
        Endless = "it serves until Ctrl-C: see BoardInBrowserTests";

    /// <summary>All of them, each with at least one command.</summary>
    public static IReadOnlyList<NotRun> All { get; } =
    [
        new("README.md", "git clone <this repository>", Placeholder),
        new("README.md", "lockstep/lockstep launch ", Machines),
        new("README.md", "lockstep board", Endless),
        new("CONTRIBUTING.md", "dotnet build", Minutes),
        new("CONTRIBUTING.md", "dotnet test", Tests),
        new("CONTRIBUTING.md", "LOCKSTEP_FUZZ_SEED", Tests),
        new("CONTRIBUTING.md", "LOCKSTEP_SIM_SOAK", Tests),
        new("CONTRIBUTING.md", "dotnet tool restore", Network),
        new("CONTRIBUTING.md", "dotnet docfx", "what .ci/run checks"),
        new("CONTRIBUTING.md", "python3 docs/images/terminal.py", Mnist),
        new("CONTRIBUTING.md", "python3 docs/images/board.py", Mnist),
        new("CONTRIBUTING.md", "lockstep chaos", Chaos),
        new("CONTRIBUTING.md", "lockstep evaluate runs/digits", Mnist),
        new("deploy/README.md", "scp ", Machines),
        new("deploy/README.md", "lockstep/lockstep coordinator ", Machines),
        new("deploy/README.md", "lockstep/lockstep worker ", Machines),
        new("deploy/compose/README.md", "cd ", Containers),
        new("deploy/compose/README.md", "docker ", Containers),
        new("deploy/compose/README.md", "dotnet publish ", Containers),
        new("deploy/kubernetes/README.md", "kubectl ", Machines),
        new("deploy/slurm/README.md", "sbatch ", Machines),
        new("deploy/slurm/README.md", "scancel ", Machines),
        new("deploy/ssh/README.md", "lockstep/lockstep launch ", Machines),
        new("deploy/systemd/README.md", "sudo ", Root),
        new("docs/api.md", "dotnet add package ", Network),
        new("docs/chaos.md", "lockstep chaos", Chaos),
        new("docs/faults.md", "lockstep coordinator ", Machines),
        new("docs/faults.md", "lockstep worker ", Machines),
        new("docs/interchange.md", "apt-get ", Root),
        new("docs/interchange.md", "LOCKSTEP_PYTHON=", Tests),
        new("docs/interchange.md", "lockstep import own.npz ", Placeholder),
        new("docs/operations.md", "lockstep board", Endless),
        new("docs/operations.md", "lockstep coordinator ", Machines),
        new("docs/operations.md", "curl ", Machines),
        new("docs/operations.md", "lockstep worker ", Machines),
        new("docs/performance.md", "LOCKSTEP_PYTHON=", Minutes),
        new("docs/recipes.md", "lockstep train --resume auto", "goes on with what Ctrl-C has stopped: see SignalTests"),
        new("docs/recipes.md", "lockstep train --config runs/20", Placeholder),
        new("docs/twenty-minutes.md", "dotnet publish samples/Serve -c Release -t:", Containers),
        new("docs/twenty-minutes.md", "docker ", Containers),
        new("docs/twenty-minutes.md", "", "TwentyMinutesTests runs it, with faults in time"),
        new("docs/use-the-result.md", "lockstep predict runs/mnist --image *.jpg", Placeholder),
        new("docs/use-the-result.md", "python3 samples/photographs/", Mnist),
        new("docs/use-the-result.md", "lockstep train --dataset mnist --data-dir data/mnist", Mnist),
        new("docs/use-the-result.md", "lockstep predict runs/photographs", Mnist),
        new("docs/verify.md", "lockstep verify runs/changed", "a run that somebody has changed: see VerifyCommandTests"),
        new("docs/your-own-data.md", "", "OwnDataDocumentTests runs it, and compares all of its output"),
    ];

    /// <summary>Whether a command is one of these.</summary>
    public bool Has(Document document, DocumentCommand command) =>
        document.Name == Document && command.Text.StartsWith(Beginning, StringComparison.Ordinal);
}
