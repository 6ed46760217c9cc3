using System.Security.Cryptography.X509Certificates;
using Lockstep.Cli.Options;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Text;
using Lockstep.Shared.Tls;

namespace Lockstep.Cli.Commands;

/// <summary><c>certs init</c>: the authority that issues certificates for <c>--tls-dir</c>.</summary>
internal sealed class CertsInitCommand : CliCommand
{
    private static readonly CliOption<string> AuthorityFolder = new("--tls-dir", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommandLineOnly = true,
        Elsewhere = ["--out", "--output", "-o", "--ca", "--ca-dir", "--dir"],
        Help = "Folder to write the CA into: ca.crt, and ca.key, which stays on this machine. Required.",
    };

    private static readonly CliOption<int> Days = CertificateOptions.Days("3650", "How long the CA is valid.");

    public CertsInitCommand()
        : base("certs init", "Make a CA for the nodes of a cluster") =>
        Take(OptionHeading.Output, AuthorityFolder, Days);

    public override string Heading => CommandHeading.Certificates;

    public override string Details =>
        "Makes a small certificate authority: ca.crt, and ca.key, which only its owner can read. Keep the key where certificates are "
        + "issued; no node needs it.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples => [("lockstep certs init --tls-dir ca", "once for a cluster")];

    public override Task<int> RunAsync(Invocation invocation)
    {
        string folder = invocation.Settings.Require(AuthorityFolder);
        using X509Certificate2 made = CertificateAuthority.Create(folder, invocation.Settings.Get(Days), TimeProvider.System);
        invocation.Io.Out.WriteLine(
            $"wrote a CA into {folder}, valid until {made.NotAfter:yyyy-MM-dd}. A node's folder: "
            + $"lockstep certs issue --tls-dir {ShellWord.OfPath(folder)} --name HOST --out NODE");
        return Task.FromResult(ExitCode.Done);
    }
}
