using Lockstep.Shared.Files;

namespace Lockstep.Shared.Tests.Files;

/// <summary>What is no regular file is refused at once: a test here that fails may also not end.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Open_Pipe_IsRefusedToReadAndToWrite()
    {
        string pipe = NamedPipe.Make(_folder.File("pipe"));

        Assert.Contains("no regular file", Assert.Throws<IOException>(() => RegularFile.OpenToRead(pipe)).Message);
        Assert.Contains("no regular file", Assert.Throws<IOException>(() => RegularFile.OpenToWrite(pipe)).Message);
    }

    [SkippableFact]
    public void Open_LinkToAPipe_IsRefused()
    {
        File.CreateSymbolicLink(_folder.File("link"), NamedPipe.Make(_folder.File("pipe")));

        Assert.Throws<IOException>(() => RegularFile.OpenToRead(_folder.File("link")));
        Assert.Throws<IOException>(() => RegularFile.OpenToWrite(_folder.File("link")));
    }

    [SkippableTheory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/urandom")]
    [InlineData("/proc/cpuinfo")]
    [InlineData("/proc/self/environ")]
    public void OpenToRead_ContentWithoutLength_IsRefused(string path)
    {
        Skip.IfNot(File.Exists(path), $"This system has no {path}.");

        Assert.Contains("no regular file", Assert.Throws<IOException>(() => RegularFile.OpenToRead(path)).Message);
    }

    [Fact]
    public void OpenToRead_Folder_IsRefusedAsOne() =>
        Assert.Equal("it is a folder", Assert.Throws<IOException>(() => RegularFile.OpenToRead(_folder.Path)).Message);

    [Fact]
    public void OpenToRead_NoFile_SaysSo() =>
        Assert.Throws<FileNotFoundException>(() => RegularFile.OpenToRead(_folder.File("none")));

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    public void OpenToRead_RegularFileAndLinkToIt_IsRead(string text)
    {
        File.WriteAllText(_folder.File("file"), text);
        File.CreateSymbolicLink(_folder.File("link"), _folder.File("file"));

        foreach (string name in new[] { "file", "link" })
        {
            using var reader = new StreamReader(RegularFile.OpenToRead(_folder.File(name)));
            Assert.Equal(text, reader.ReadToEnd());
        }
    }

    [Fact]
    public void OpenToRead_WhileAnotherWrites_IsRead()
    {
        using FileStream writer = RegularFile.OpenToWrite(_folder.File("growing"));
        writer.Write("abc"u8);
        using FileStream reader = RegularFile.OpenToRead(_folder.File("growing"));

        Assert.Equal(3, reader.Length);
    }
}
