namespace Lockstep.Cli.Options;

/// <summary>Options that both commands for certificates have.</summary>
internal static class CertificateOptions
{
    public static readonly CliOption<string> AuthorityFolder = new("--tls-dir", ValueKind.Path)
    {
        Placeholder = "DIR", IsPerInvocation = true, IsCommandLineOnly = true, Elsewhere = ["--ca", "--ca-dir", "--dir"],
        Help = "Folder of the CA: ca.crt, and ca.key, which stays on this machine. Required.",
    };

    /// <summary>Days that a certificate is valid.</summary>
    public static CliOption<int> Days(string days, string help) => new("--days", ValueKind.Integer(1, 36_500))
    {
        Placeholder = "N", Default = days, IsPerInvocation = true, IsCommandLineOnly = true,
        Help = help,
    };
}
