using System.Net;
using Lockstep.Shared.Secrets;
using Lockstep.Shared.Tests.Files;
using Lockstep.Shared.Tests.Tls;

namespace Lockstep.Shared.Tests.Secrets;

public sealed class ClusterSecretTests : IDisposable
{
    private const string Text = "0123456789abcdef";
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Text)]
    [InlineData("  \t" + Text + " \r\n\n")]
    public void Read_SixteenBytes_AreEnoughAndWhiteSpaceAroundThemDoesNotCount(string content) =>
        Assert.Equal(Signed(ClusterSecret.Parse("0123456789abcdef"u8, "file")), Signed(ClusterSecret.Read(Write(content))));

    [Fact]
    public void Read_LinkToAFile_ReadsTheFile()
    {
        string link = _folder.File("link");
        File.CreateSymbolicLink(link, Write(Text));
        Assert.Equal(Signed(ClusterSecret.Parse("0123456789abcdef"u8, "file")), Signed(ClusterSecret.Read(link)));
    }

    [Theory]
    [InlineData("", "it has 0 bytes")]
    [InlineData(" \n ", "it has 0 bytes")]
    [InlineData("0123456789abcde\n\n", "it has 15 bytes without the white space around them; expected at least 16")]
    public void Read_TooShort_SaysHowToMakeOne(string content, string problem)
    {
        string path = Write(content);
        SecretException error = Assert.Throws<SecretException>(() => ClusterSecret.Read(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("/dev/urandom", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongestFile_IsReadAndOneByteMoreRefused()
    {
        ClusterSecret.Read(Write(new string('x', ClusterSecret.MaxFileBytes)));
        AssertUnusable(Write(new string('x', ClusterSecret.MaxFileBytes + 1)), "It is larger than 4,096 bytes");
    }

    [Fact]
    public void Read_NoFile_SaysSo()
    {
        AssertUnusable(_folder.File("none"), "there is no such file");
        AssertUnusable(_folder.File("none/none"), "there is no such file");
        AssertUnusable(_folder.Path, "it is a folder");
    }

    [SkippableFact]
    public void Read_PipeOrDevice_IsRefusedWithoutWaiting()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Pipes and devices of Linux.");
        AssertUnusable(NamedPipe.Make(_folder.File("pipe")), "no regular file");
        AssertUnusable("/dev/zero", "no regular file");
    }

    [SkippableTheory]
    [InlineData(UnixFileMode.OtherRead, "644")]
    [InlineData(UnixFileMode.OtherWrite, "642")]
    [InlineData(UnixFileMode.GroupWrite, "660")]
    public void Read_OthersMayUseIt_SaysWhatToDo(UnixFileMode more, string mode)
    {
        Skip.If(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        string path = Write(Text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | more);
        SecretException error = Assert.Throws<SecretException>(() => ClusterSecret.Read(path));
        Assert.Contains($"(mode {mode})", error.Message, StringComparison.Ordinal);
        Assert.Contains($"chmod 600 {path}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>So it reaches a process in a container that is not root: the file is root's, and its group may read it.</summary>
    [SkippableFact]
    public void Read_GroupMayRead_IsRead()
    {
        Skip.If(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        ClusterSecret.Read(Write(Text, UnixFileMode.UserRead | UnixFileMode.GroupRead));
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("127.8.0.1", "127.0.0.1", true)]
    [InlineData("::1", null, true)]
    [InlineData("10.0.0.1", null, false)]
    [InlineData("0.0.0.0", "127.0.0.1", false)]
    [InlineData("::", null, false)]
    [InlineData("127.0.0.1", "203.0.113.5", false)]
    public void Require_WithoutSecretAndTls_AcceptsAddressesOfThisMachineOnly(string listen, string? advertise, bool isFree)
    {
        IPEndPoint at = new(IPAddress.Parse(listen), 4053);
        IPEndPoint? from = advertise is null ? null : new IPEndPoint(IPAddress.Parse(advertise), 4053);
        ClusterSecret.Require(Samples.Secret, tls: null, at, from);
        using var certificates = new TestCertificates();
        ClusterSecret.Require(secret: null, certificates.Node(), at, from);
        Exception? error = Record.Exception(() => ClusterSecret.Require(secret: null, tls: null, at, from));
        Assert.Equal(isFree, error is null);
        if (error is not null)
            Assert.Contains("--secret-file", Assert.IsType<SecretException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_AnySecret_SaysNothingOfIt() => Assert.Equal("a secret", $"{Samples.Secret}");

    private static void AssertUnusable(string path, string problem) =>
        Assert.Contains(problem, Assert.Throws<SecretException>(() => ClusterSecret.Read(path)).Message, StringComparison.Ordinal);

    private static byte[] Signed(ClusterSecret secret)
    {
        byte[] signature = new byte[SecretProof.Bytes];
        secret.Sign("something"u8, signature);
        return signature;
    }

    private string Write(string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string path = _folder.File($"secret{_folder.Files.Count()}");
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
        return path;
    }
}
