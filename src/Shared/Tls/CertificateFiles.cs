using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Shared.Tls;

/// <summary>Reads and writes certificates and keys in PEM. Never overwrites a file.</summary>
internal static class CertificateFiles
{
    /// <summary>Certificates of one or more trusted authorities; in every folder.</summary>
    public const string Authority = "ca.crt";

    /// <summary>Key of the authority; only where certificates are issued.</summary>
    public const string AuthorityKey = "ca.key";

    /// <summary>Certificate of a node.</summary>
    public const string Node = "node.crt";

    /// <summary>Key of a node.</summary>
    public const string NodeKey = "node.key";

    private const int MaxFileBytes = 64 << 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Harmless = OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead;

    /// <summary>The certificates in a file, at least one.</summary>
    /// <exception cref="CertificateException">There are none, or the file cannot be read.</exception>
    public static X509Certificate2Collection ReadCertificates(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(ReadText(path));
        }
        catch (CryptographicException e)
        {
            throw Unusable(path, "it holds a certificate that cannot be read", cause: e);
        }

        return certificates.Count > 0 ? certificates : throw Unusable(path, "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
    }

    /// <summary>A certificate together with its key.</summary>
    /// <exception cref="CertificateException">The key cannot be read, is readable by others, or belongs to another certificate.</exception>
    public static X509Certificate2 WithKey(X509Certificate2 certificate, string directory, string keyName)
    {
        string path = Path.Combine(directory, keyName);
        string pem = ReadText(path);
        // The mode of a symbolic link is meaningless.
        string file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file) is var mode && (mode & ~Harmless) != UnixFileMode.None)
        {
            throw new CertificateException($"The key {path} cannot be used: other users of this machine can read or change it (mode "
                + $"{Convert.ToString((int)mode, 8)}). Do: chmod 600 {path}");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
        }
        catch (ArgumentException e)
        {
            throw Unusable(path, $"it is not the key of the certificate beside it, of {NameOf(certificate)}", cause: e);
        }
        catch (CryptographicException e)
        {
            throw Unusable(path, "it holds no private key in PEM, without a password, of the certificate's kind", cause: e);
        }
    }

    /// <summary>Writes a certificate and its key into a folder, which is created if missing.</summary>
    /// <exception cref="CertificateException">One of the files exists, or cannot be written.</exception>
    public static void Write(string directory, params ReadOnlySpan<(string Name, string Pem)> files)
    {
        foreach ((string name, _) in files)
        {
            if (File.Exists(Path.Combine(directory, name)))
                throw new CertificateException(
                    $"{Path.Combine(directory, name)} exists already, and is not overwritten. Give another folder, or move this one away.");
        }

        try
        {
            Directory.CreateDirectory(directory);
            foreach ((string name, string pem) in files)
                Write(Path.Combine(directory, name), pem, isKey: name.EndsWith(".key", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"The folder {directory} cannot be written: {e.Message.TrimEnd('.')}. Give another one.", e);
        }
    }

    /// <summary>Subject of a certificate, for people.</summary>
    public static string NameOf(X509Certificate2 certificate) =>
        ForeignText.Quote(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));

    /// <summary>Issuer of a certificate, for people.</summary>
    public static string IssuerOf(X509Certificate2 certificate) =>
        ForeignText.Quote(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true));

    /// <summary>A time, for people.</summary>
    public static string Moment(DateTime time) => $"{time.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";

    private static string ReadText(string path)
    {
        try
        {
            return BoundedFile.ReadAllText(path, MaxFileBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable(path, "there is no such file", cause: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e.Message.TrimEnd('.'), cause: e);
        }
    }

    private static void Write(string path, string pem, bool isKey)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isKey && !OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var writer = new StreamWriter(path, options);
        writer.WriteLine(pem);
    }

    private static CertificateException Unusable(string path, string problem, Exception? cause = null) =>
        new($"The file {path} cannot be used: {problem}. {ClusterTls.HowToMakeThem}", cause);
}
