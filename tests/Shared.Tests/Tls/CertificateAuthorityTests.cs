using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Shared.Tls;

namespace Lockstep.Shared.Tests.Tls;

public sealed class CertificateAuthorityTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Issue_NamesAndAddresses_MakesAFolderThatANodeCanUse()
    {
        using X509Certificate2 authority = Create("ca"), node = Issue("ca", "node", "node.example.net", "192.0.2.7", "2001:db8::7");

        Assert.Equal(
            ["ca.crt", "node.crt", "node.key"],
            Directory.GetFiles(_folder.File("node")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(new[] { "node.example.net", "192.0.2.7", "2001:db8::7" }, name => Assert.True(node.MatchesHostname(name)));
        Assert.Equal(authority.Subject, node.Issuer);
        ClusterTls.Read(_folder.File("node"));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void Create_AndIssue_KeepTheKeysToTheirOwner()
    {
        Skip.If(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        Create("ca").Dispose();
        Issue("ca", "node", "n").Dispose();

        Assert.All(
            new[] { "ca/ca.key", "node/node.key" },
            key => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.File(key))));
    }

    [Fact]
    public void Create_WhereThereIsOne_OverwritesNothing()
    {
        Create("ca").Dispose();
        string key = File.ReadAllText(_folder.File("ca/ca.key"));

        Assert.Contains("exists already", Assert.Throws<CertificateException>(() => Create("ca")).Message, StringComparison.Ordinal);
        Assert.Equal(key, File.ReadAllText(_folder.File("ca/ca.key")));
    }

    [Fact]
    public void Issue_WhereThereIsOne_OverwritesNothing()
    {
        Create("ca").Dispose();
        Issue("ca", "node", "n").Dispose();
        string certificate = File.ReadAllText(_folder.File("node/node.crt"));

        Assert.Contains(
            "exists already", Assert.Throws<CertificateException>(() => Issue("ca", "node", "m")).Message, StringComparison.Ordinal);
        Assert.Equal(certificate, File.ReadAllText(_folder.File("node/node.crt")));
    }

    [Fact]
    public void Issue_ForLongerThanTheAuthority_EndsWithIt()
    {
        using X509Certificate2 authority = Create("ca", days: 10), node = Issue("ca", "node", "n");
        Assert.Equal(authority.NotAfter, node.NotAfter);
    }

    [Fact]
    public void Issue_AuthorityThatHasExpired_IsRefused()
    {
        Create("ca", days: 10).Dispose();
        CertificateException error = Assert.Throws<CertificateException>(
            () => CertificateAuthority.Issue(_folder.File("ca"), ["n"], _folder.File("node"), 1, TestCertificates.Later));
        Assert.Contains("expired on", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ca.crt")]
    [InlineData("ca.key")]
    public void Issue_FileOfTheAuthorityIsMissing_IsNamed(string file)
    {
        Create("ca").Dispose();
        File.Delete(_folder.File($"ca/{file}"));
        Assert.Contains(
            $"{file} cannot be used: there is no such file", Assert.Throws<CertificateException>(() => Issue("ca", "node", "n")).Message,
            StringComparison.Ordinal);
    }

    private X509Certificate2 Create(string folder, int days = 3650) =>
        CertificateAuthority.Create(_folder.File(folder), days, TestCertificates.Now);

    private X509Certificate2 Issue(string authority, string into, params string[] names) =>
        CertificateAuthority.Issue(_folder.File(authority), names, _folder.File(into), 365, TestCertificates.Now);
}
