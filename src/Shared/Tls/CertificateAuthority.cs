using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lockstep.Shared.Tls;

/// <summary>
/// A small certificate authority in a folder, which issues certificates to the nodes of a cluster: ECDSA over P-256, SHA-256.
/// </summary>
public static class CertificateAuthority
{
    // The clocks of other machines may be behind.
    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);

    /// <summary>Creates an authority: ca.crt, and ca.key that only its owner can read.</summary>
    /// <param name="directory">Its folder; created if missing.</param>
    /// <param name="days">How long it is valid.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>Its certificate.</returns>
    /// <exception cref="CertificateException">There is one already, or the folder cannot be written.</exception>
    public static X509Certificate2 Create(string directory, int days, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Makes two authorities distinguishable in messages.
        string name = $"CN=Lockstep CA {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = clock.GetUtcNow();
        X509Certificate2 authority = request.CreateSelfSigned(now - Backdated, now.AddDays(days));
        CertificateFiles.Write(
            directory, (CertificateFiles.AuthorityKey, key.ExportPkcs8PrivateKeyPem()),
            (CertificateFiles.Authority, authority.ExportCertificatePem()));
        return authority;
    }

    /// <summary>Issues a certificate to a node: a folder with ca.crt, node.crt, and node.key that only its owner can read.</summary>
    /// <param name="directory">Folder of the authority.</param>
    /// <param name="names">Names and addresses by which others reach the node. Messages call it by the first.</param>
    /// <param name="into">The folder to create.</param>
    /// <param name="days">How long it is valid; at most as long as the authority.</param>
    /// <param name="clock">The clock.</param>
    /// <returns>The certificate.</returns>
    /// <exception cref="CertificateException">
    /// The authority cannot be used, or the folder has a certificate already or cannot be written.
    /// </exception>
    public static X509Certificate2 Issue(string directory, IReadOnlyList<string> names, string into, int days, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(clock);
        using X509Certificate2 authority =
            CertificateFiles.WithKey(
                CertificateFiles.ReadCertificates(directory, CertificateFiles.Authority)[0], directory, CertificateFiles.AuthorityKey);
        DateTimeOffset now = clock.GetUtcNow(), end = authority.NotAfter;
        if (end <= now)
            throw new CertificateException(
                $"The CA in {directory} expired on {CertificateFiles.Moment(authority.NotAfter)}. "
                    + "Make another one, in another folder, with: lockstep certs init --tls-dir DIR");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedNameBuilder().With(names[0]), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // Every node both listens and dials.
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ClusterTls.ServerUsage), new Oid(ClusterTls.ClientUsage)], critical: false));
        request.CertificateExtensions.Add(Names(names));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset begin = now - Backdated, wanted = now.AddDays(days);
        X509Certificate2 certificate = request.Create(
            authority, begin > authority.NotBefore ? begin : authority.NotBefore, wanted < end ? wanted : end,
            RandomNumberGenerator.GetBytes(16));
        CertificateFiles.Write(
            into, (CertificateFiles.NodeKey, key.ExportPkcs8PrivateKeyPem()), (CertificateFiles.Node, certificate.ExportCertificatePem()),
            (CertificateFiles.Authority, authority.ExportCertificatePem()));
        return certificate;
    }

    private static X500DistinguishedName With(this X500DistinguishedNameBuilder builder, string name)
    {
        // The common name allows 64 characters. Only the names in the extension are checked.
        builder.AddCommonName(name.Length <= 64 ? name : name[..64]);
        return builder.Build();
    }

    private static X509Extension Names(IReadOnlyList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(name);
        }

        return builder.Build();
    }
}
