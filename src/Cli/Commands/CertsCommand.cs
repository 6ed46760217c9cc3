using System.Security.Cryptography.X509Certificates;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Shared.Tls;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary><c>certs init</c> and <c>certs issue</c>: certificates for <c>--tls-dir</c>.</summary>
internal static class CertsCommand
{
    public static Task<int> InitAsync(Invocation invocation)
    {
        string folder = Required(invocation.Settings, OptionTable.AuthorityFolder);
        using X509Certificate2 made = CertificateAuthority.Create(folder, (int)invocation.Settings.Get(OptionTable.AuthorityDays), TimeProvider.System);
        invocation.Io.Out.WriteLine($"wrote a CA into {folder}, valid until {made.NotAfter:yyyy-MM-dd}. A node's folder: lockstep certs issue --tls-dir {folder} --name HOST --out NODE");
        return Task.FromResult(ExitCode.Done);
    }

    public static Task<int> IssueAsync(Invocation invocation)
    {
        Settings settings = invocation.Settings;
        var problems = new Problems();
        foreach (OptionDescriptor option in new OptionDescriptor[] { OptionTable.AuthorityFolder, OptionTable.CertificateNames, OptionTable.CertificateFolder })
        {
            if (settings.Text(option) is null)
                problems.Add(Missing(option));
        }

        problems.ThrowIfAny();
        string into = Required(settings, OptionTable.CertificateFolder);
        IReadOnlyList<string> names = settings.Get(OptionTable.CertificateNames);
        using X509Certificate2 issued = CertificateAuthority.Issue(
            Required(settings, OptionTable.AuthorityFolder), names, into, (int)settings.Get(OptionTable.CertificateDays), TimeProvider.System);
        invocation.Io.Out.WriteLine($"wrote {into} for {string.Join(", ", names)}, valid until {issued.NotAfter:yyyy-MM-dd}. On that node: --tls-dir {into}");
        return Task.FromResult(ExitCode.Done);
    }

    private static string Required(Settings settings, OptionDescriptor<string> option) => settings.Find(option) ?? throw new RequestException(Missing(option));

    private static string Missing(OptionDescriptor option) => $"{option.Name} is missing: give it {option.Placeholder}. {option.Help}";
}
