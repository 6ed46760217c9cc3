using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Tests.Tls;

public sealed class ClusterTlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("node.example.net", null)]
    [InlineData("192.0.2.7", null)]
    [InlineData(null, null)]
    [InlineData("other.example.net", "is for node.example.net, 192.0.2.7, not for other.example.net, where it was joined")]
    [InlineData("192.0.2.8", "is for node.example.net, 192.0.2.7, not for 192.0.2.8")]
    [InlineData("example.net", "not for example.net")]
    public void Check_ByName_AcceptsItsOwnOnly(string? name, string? problem)
    {
        using X509Certificate2 peer = Certificate(_certificates.Folder("node.example.net,192.0.2.7"));
        AssertProblem(problem, _certificates.Node().Check(peer, isServer: true, name));
    }

    [Fact]
    public void Check_NodeOfAnotherAuthority_IsNotAccepted()
    {
        using X509Certificate2 peer = Certificate(_certificates.Folder("stranger", "theirs"));
        AssertProblem("the certificate of 'stranger' was issued by 'Lockstep CA", _certificates.Node().Check(peer, isServer: true));
        AssertProblem("Give all nodes certificates of one CA", _certificates.Node().Check(peer, isServer: false));
    }

    /// <summary>The name of an authority is nothing that it alone could have.</summary>
    [Fact]
    public void Check_NodeOfAnotherAuthorityWithTheSameName_IsNotAccepted()
    {
        string ours = _certificates.Folder();
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(ours, "ca.crt"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 false1 = SelfSigned(authority.SubjectName, key, isAuthority: true);
        using var nodeKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stranger", nodeKey, HashAlgorithmName.SHA256);
        using X509Certificate2 peer = request.Create(
            false1, TestCertificates.Now.GetUtcNow().AddMinutes(-1), TestCertificates.Now.GetUtcNow().AddDays(1), [1, 2, 3]);

        AssertProblem("Give all nodes certificates of one CA", ClusterTls.Read(ours).Check(peer, isServer: true));
    }

    [Fact]
    public void Check_SelfSigned_IsNotAccepted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 peer = SelfSigned(new X500DistinguishedName("CN=127.0.0.1"), key, isAuthority: false);
        AssertProblem("Give all nodes certificates of one CA", _certificates.Node().Check(peer, isServer: true));
    }

    /// <summary>A node may not act as an authority of its own.</summary>
    [Fact]
    public void Check_IssuedByANode_IsNotAccepted()
    {
        string folder = _certificates.Folder("node");
        using var node = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "node.crt"), Path.Combine(folder, "node.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=child", key, HashAlgorithmName.SHA256);
        using X509Certificate2 child = request.Create(
            node.SubjectName, X509SignatureGenerator.CreateForECDsa(node.GetECDsaPrivateKey()!),
            TestCertificates.Now.GetUtcNow().AddMinutes(-1), TestCertificates.Now.GetUtcNow().AddDays(1), [1]);
        Assert.NotNull(ClusterTls.Read(folder).Check(child, isServer: true));
    }

    [Fact]
    public void Check_TimeOfAnother_IsNotAccepted()
    {
        using X509Certificate2 peer = Certificate(
            _certificates.Folder("old", days: 30)), young = Certificate(_certificates.Folder("young", days: 900));
        ClusterTls later = _certificates.Node(days: 900, clock: TestCertificates.Later);

        AssertProblem("the certificate of 'old' expired on ", later.Check(peer, isServer: false));
        Assert.Null(later.Check(young, isServer: false));
    }

    [Fact]
    public void Check_BeforeItsTime_IsNotAccepted()
    {
        using X509Certificate2 peer = Certificate(IssuedLater("early"));
        AssertProblem("the certificate of 'early' is valid from ", _certificates.Node().Check(peer, isServer: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Check_ForTheOtherEndOnly_IsNotAccepted(bool isServer)
    {
        string ours = _certificates.Folder();
        ClusterTls node = ClusterTls.Read(ours);
        using X509Certificate2 authority = X509Certificate2.CreateFromPemFile(
            Path.Combine(_certificates.Path, "ours", "ca.crt"), Path.Combine(_certificates.Path, "ours", "ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=half", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(isServer ? ClusterTls.ClientUsage : ClusterTls.ServerUsage)], critical: false));
        using X509Certificate2 peer = request.Create(
            authority, TestCertificates.Now.GetUtcNow().AddMinutes(-1), TestCertificates.Now.GetUtcNow().AddDays(1), [1]);

        AssertProblem("is not for both ends of a connection", node.Check(peer, isServer));
        Assert.Null(node.Check(peer, !isServer));
    }

    [Fact]
    public void Check_NoCertificate_IsNotAccepted() =>
        AssertProblem("no certificate was shown", _certificates.Node().Check(null, isServer: false));

    [Fact]
    public void Read_TwoAuthorities_BelievesBoth()
    {
        string ours = _certificates.Folder(), theirs = _certificates.Folder("stranger", "theirs");
        using X509Certificate2 peer = Certificate(theirs);
        File.AppendAllText(Path.Combine(ours, "ca.crt"), File.ReadAllText(Path.Combine(theirs, "ca.crt")));
        Assert.Null(ClusterTls.Read(ours).Check(peer, isServer: true));
    }

    [Theory]
    [InlineData("ca.crt")]
    [InlineData("node.crt")]
    [InlineData("node.key")]
    public void Read_FileThatIsMissingOrGarbage_IsNamed(string file)
    {
        string folder = _certificates.Folder(), path = Path.Combine(folder, file);
        File.WriteAllText(path, "once upon a time");
        AssertUnusable(folder, $"{path} cannot be used: it holds no ");
        File.Delete(path);
        AssertUnusable(folder, $"{path} cannot be used: there is no such file");
    }

    [Fact]
    public void Read_NoFolder_SaysHowToMakeOne() =>
        AssertUnusable(Path.Combine(_certificates.Path, "nowhere"), "lockstep certs issue --tls-dir ca");

    [Fact]
    public void Read_KeyOfAnother_IsRefused()
    {
        string folder = _certificates.Folder(), other = _certificates.Folder();
        File.Copy(Path.Combine(other, "node.key"), Path.Combine(folder, "node.key"), overwrite: true);
        AssertUnusable(folder, "it is not the key of the certificate beside it");
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void Read_KeyThatOthersCanRead_IsRefused()
    {
        Skip.If(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        string folder = _certificates.Folder(), key = Path.Combine(folder, "node.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        AssertUnusable(folder, $"(mode 604). Do: chmod 600 {key}");
    }

    /// <summary>As Kubernetes lays out a volume of a Secret: readable for a group, behind links.</summary>
    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void Read_LinksToFilesOfAGroup_AreAccepted()
    {
        Skip.If(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        string real = _certificates.Folder(), folder = Path.Combine(_certificates.Path, "volume");
        Directory.CreateDirectory(folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "..data"), real);
        foreach (string file in Directory.GetFiles(real))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), Path.Combine("..data", Path.GetFileName(file)));
        }

        ClusterTls.Read(folder, TestCertificates.Now);
    }

    [Fact]
    public void Read_CertificateThatOthersWouldNotAccept_IsRefused()
    {
        string folder = _certificates.Folder("node", days: 30), other = _certificates.Folder("node", "theirs");
        AssertUnusable(folder, "the certificate of 'node' expired on ", TestCertificates.Later);
        AssertUnusable(IssuedLater("node"), "the certificate of 'node' is valid from ");
        File.Copy(Path.Combine(other, "ca.crt"), Path.Combine(folder, "ca.crt"), overwrite: true);
        AssertUnusable(folder, "was issued by");
    }

    private static void AssertUnusable(string folder, string problem, TimeProvider? clock = null) => Assert.Contains(
        problem, Assert.Throws<CertificateException>(() => ClusterTls.Read(folder, clock ?? TestCertificates.Now)).Message,
        StringComparison.Ordinal);

    private static void AssertProblem(string? expected, string? actual)
    {
        if (expected is null)
            Assert.Null(actual);
        else
            Assert.Contains(expected, actual, StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate(string folder) =>
        X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "node.crt"));

    private static X509Certificate2 SelfSigned(X500DistinguishedName name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request.CreateSelfSigned(TestCertificates.Now.GetUtcNow().AddHours(-1), TestCertificates.Now.GetUtcNow().AddDays(2));
    }

    /// <summary>Issued by our authority, by a clock that is ahead.</summary>
    private string IssuedLater(string name)
    {
        _certificates.Folder();
        string folder = Path.Combine(_certificates.Path, "later");
        CertificateAuthority.Issue(Path.Combine(_certificates.Path, "ours"), [name], folder, 30, TestCertificates.Later).Dispose();
        return folder;
    }
}
