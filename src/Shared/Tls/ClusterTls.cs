using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Model.Text;

namespace Lockstep.Shared.Tls;

/// <summary>
/// A node's certificate and key, and the CA it trusts. TLS 1.3 with certificates on both ends. The machine's trusted authorities do not
/// count, and nothing is looked up on the network.
/// </summary>
/// <remarks>
/// The handshake accepts any certificate whose key the peer has; <see cref="Check"/> follows at once. So the peer can be told over the open
/// connection why it is refused. A TLS alert would give only a code.
/// </remarks>
public sealed class ClusterTls
{
    /// <summary>Commands that create certificates.</summary>
    public const string HowToMakeThem = "Make a CA with 'lockstep certs init --tls-dir ca', and a folder for each node with "
        + $"'{HowToIssueOne}'.";

    private const string HowToIssueOne = "lockstep certs issue --tls-dir ca --name HOST,ADDRESS --out NODE";

    /// <summary>Extended key usage of the accepting side.</summary>
    internal const string ServerUsage = "1.3.6.1.5.5.7.3.1";

    /// <summary>Extended key usage of the connecting side.</summary>
    internal const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext _context;
    private readonly TimeProvider _clock;

    private ClusterTls(X509Certificate2Collection authorities, X509Certificate2 certificate, TimeProvider clock)
    {
        (_authorities, _clock) = (authorities, clock);
        _context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <summary>Reads ca.crt, node.crt and node.key from a folder.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="clock">The clock; null for the machine's.</param>
    /// <exception cref="CertificateException">
    /// A file cannot be read, the key is readable by others or belongs to another certificate, or the certificate is not valid now or not
    /// of that authority.
    /// </exception>
    public static ClusterTls Read(string directory, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new CertificateException(
                $"The folder {directory} of certificates cannot be used: there is no such folder. {HowToMakeThem}");
        X509Certificate2Collection authorities = CertificateFiles.ReadCertificates(directory, CertificateFiles.Authority);
        X509Certificate2 certificate = CertificateFiles.WithKey(
            CertificateFiles.ReadCertificates(directory, CertificateFiles.Node)[0], directory, CertificateFiles.NodeKey);
        if (OperatingSystem.IsWindows())
        {
            // Windows does not present a certificate whose key is in memory only.
            using X509Certificate2 inMemory = certificate;
            certificate = X509CertificateLoader.LoadPkcs12(inMemory.Export(X509ContentType.Pkcs12), password: null);
        }

        var tls = new ClusterTls(authorities, certificate, clock ?? TimeProvider.System);
        return (tls.Check(certificate, isServer: true) ?? tls.Check(certificate, isServer: false)) is { } problem
            ? throw new CertificateException($"The certificate {Path.Combine(directory, CertificateFiles.Node)} cannot be used: {problem}.")
            : tls;
    }

    /// <summary>Options of a server for browsers and probes. They have no certificate, so none is asked for.</summary>
    public SslServerAuthenticationOptions HttpsOptions => new()
    {
        ServerCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls13,
    };

    /// <summary>Options of the accepting side.</summary>
    internal SslServerAuthenticationOptions ServerOptions => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(ClientUsage),
        RemoteCertificateValidationCallback = CheckedAfterwards,
    };

    /// <summary>Options of the connecting side.</summary>
    internal SslClientAuthenticationOptions ClientOptions => new()
    {
        // Neither sent nor compared: the certificate's name is checked afterwards, if it matters.
        TargetHost = "lockstep",
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls13,
        AllowTlsResume = false,
        CertificateChainPolicy = Policy(ServerUsage),
        RemoteCertificateValidationCallback = CheckedAfterwards,
    };

    /// <summary>What is wrong with a certificate and what to do, without a full stop; null for nothing.</summary>
    /// <param name="certificate">The certificate that the peer has presented, with proof of its key.</param>
    /// <param name="isServer">Whether the peer is the accepting side.</param>
    /// <param name="name">Name or address that the certificate must be for; null for any.</param>
    internal string? Check(X509Certificate? certificate, bool isServer, string? name = null)
    {
        if (certificate is null)
            return "no certificate was shown. Start both sides with --tls-dir";
        try
        {
            using var shown = new X509Certificate2(certificate);
            using var chain = new X509Chain { ChainPolicy = Policy(isServer ? ServerUsage : ClientUsage) };
            if (!chain.Build(shown))
                return Describe(chain, shown);
            return name is null || shown.MatchesHostname(name, allowWildcards: false, allowCommonName: false)
                ? null
                : $"the certificate of {CertificateFiles.NameOf(shown)} is for {NamesOf(shown)}, not for {name}, where it was joined. "
                    + "Join by one of its names, or issue it one with that --name";
        }
        catch (CryptographicException e)
        {
            return $"the certificate that was shown cannot be read ({e.Message.TrimEnd('.')})";
        }
    }

    private static bool CheckedAfterwards(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null;

    private string Describe(X509Chain chain, X509Certificate2 shown)
    {
        string who = $"the certificate of {CertificateFiles.NameOf(shown)}";
        DateTimeOffset now = _clock.GetUtcNow();
        X509ChainStatusFlags flags = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        const X509ChainStatusFlags foreign =
            X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((flags & foreign) != X509ChainStatusFlags.NoError)
        {
            return $"{who} was issued by {CertificateFiles.IssuerOf(shown)}, not by "
                + $"{string.Join(" or ", _authorities.Select(CertificateFiles.NameOf))}. Give all nodes certificates of one CA";
        }

        if (shown.NotAfter < now)
            return $"{who} expired on {CertificateFiles.Moment(shown.NotAfter)}. Issue it another one with: {HowToIssueOne}";
        if (shown.NotBefore > now)
            return $"{who} is valid from {CertificateFiles.Moment(shown.NotBefore)} on, and now it is "
                + $"{CertificateFiles.Moment(now.UtcDateTime)}. Set the clocks of both machines right";
        if ((flags & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
            return $"the CA that issued {who} is not valid at this time. Make another one with: lockstep certs init --tls-dir DIR";
        if ((flags & X509ChainStatusFlags.NotValidForUsage) != X509ChainStatusFlags.NoError)
            return $"{who} is not for both ends of a connection (extended key usage: server and client). "
                + $"Issue it another one with: {HowToIssueOne}";
        return $"{who} is not valid: "
            + $"{string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.', ' ', '\n')))}";
    }

    private X509ChainPolicy Policy(string usage)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTimeIgnored = false,
            VerificationTime = _clock.GetUtcNow().UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(new Oid(usage));
        return policy;
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        string[] names =
        [
            .. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(
                    extension => extension.EnumerateDnsNames().Concat(
                        extension.EnumerateIPAddresses().Select(address => address.ToString())))
                .Select(ForeignText.Beginning),
        ];
        return names.Length > 0 ? string.Join(", ", names.Take(8)) : "no name at all";
    }
}
