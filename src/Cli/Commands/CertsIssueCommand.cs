using System.Security.Cryptography.X509Certificates;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Text;
using Lockstep.Shared.Tls;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>certs issue</c>: the certificate of a node, for <c>--tls-dir</c>.</summary>
internal sealed class CertsIssueCommand : CliCommand
{
    private static readonly CliOption<IReadOnlyList<string>> Names = CliOption.ListOf(
        "--name", "names of machines or addresses, such as node1.example.net or node1,192.168.1.10", ReadNames, "HOST[,HOST...]",
        "Names and addresses of the node. Workers join a coordinator by one of these; theirs are for people. Required.");

    private static readonly CliOption<string> Folder = new("--out", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--output", "-o"],
        Help = "Folder to write for the node; nothing in it is overwritten. Required.",
    };

    private static readonly CliOption<int> Days =
        CertificateOptions.Days("365", "How long the certificate is valid; not longer than the CA.");

    public CertsIssueCommand()
        : base("certs issue", "Issue a certificate to a node") =>
        Take(OptionHeading.Output, CertificateOptions.AuthorityFolder, Names, Folder, Days);

    public override string Heading => CommandHeading.Certificates;

    public override string Details =>
        "Makes a folder for one node: ca.crt, node.crt, and node.key, which only its owner can read. Bring it to the node by a way "
        + "that nobody listens to, and start coordinator or worker with it as --tls-dir.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep certs issue --tls-dir ca --name coordinator.lan,192.168.1.10 --out coordinator",
            "a coordinator that is joined by either"),
        ("lockstep certs issue --tls-dir ca --name worker1 --out worker1", "a worker"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        Settings settings = invocation.Settings;
        var problems = new Problems();
        foreach (ICliOption missing in new ICliOption[] { CertificateOptions.AuthorityFolder, Names, Folder }.Where(
            option => !settings.IsGiven(option)))
            problems.Add(missing.Missing());
        problems.ThrowIfAny();
        string folder = settings.Get(Folder);
        IReadOnlyList<string> names = settings.Get(Names);
        using X509Certificate2 issued = CertificateAuthority.Issue(
            settings.Get(CertificateOptions.AuthorityFolder), names, folder, settings.Get(Days), TimeProvider.System);
        invocation.Io.Out.WriteLine(
            $"wrote {folder} for {string.Join(", ", names)}, valid until {issued.NotAfter:yyyy-MM-dd}. On that node: "
                + $"--tls-dir {ShellWord.OfPath(folder)}");
        return Task.FromResult(ExitCode.Done);
    }

    private static IEnumerable<string> ReadNames(string text)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        string? wrong = names.FirstOrDefault(name => Uri.CheckHostName(name) == UriHostNameType.Unknown);
        return wrong is null ? names : throw new FormatException($"'{wrong}' is not a host name or address");
    }
}
