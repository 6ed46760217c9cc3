using Lockstep.Shared.Files;

namespace Lockstep.Shared.Tests.Files;

public sealed class DiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-disk-tests-");
    private readonly DelegatingDisk _disk = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void WriteWhole_NewFile_IsFlushedBeforeItHasItsNameAndSoIsTheName()
    {
        _disk.WriteWhole(InFolder("a"), file =>
        {
            file.WriteByte(1);
            file.Write([2, 3]);
        });

        Assert.Equal(["create a~", "flush a~ at 3", "rename a~ to a", $"flush folder {_folder.FullName}"], _disk.Calls);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(InFolder("a")));
        Assert.Equal([InFolder("a")], Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void WriteWhole_MoreThanItsBuffer_IsWhole()
    {
        byte[] content = new byte[300_001];
        new Random(1).NextBytes(content);

        _disk.WriteWhole(InFolder("a"), file =>
        {
            file.Write(content.AsSpan(..7));
            file.Write(content.AsSpan(7..200_000));
            file.Write(content.AsSpan(200_000..));
        });

        Assert.Equal(content, File.ReadAllBytes(InFolder("a")));
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(InvalidOperationException))]
    public void WriteWhole_ContentThatFails_LeavesTheOldFileAndNothingElse(Type failure)
    {
        File.WriteAllText(InFolder("a"), "old");

        Assert.Throws(failure, () => _disk.WriteWhole(InFolder("a"), file =>
        {
            file.WriteByte(1);
            throw (Exception)Activator.CreateInstance(failure)!;
        }));

        Assert.Equal(["create a~", "delete a~"], _disk.Calls);
        Assert.Equal("old", File.ReadAllText(InFolder("a")));
        Assert.Single(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void WriteWhole_FileThatIsThereAndIsNotToBeReplaced_IsKept()
    {
        File.WriteAllText(InFolder("a"), "old");

        Assert.Throws<IOException>(() => _disk.WriteWhole(InFolder("a"), file => file.WriteByte(1), overwrite: false));

        Assert.Equal("old", File.ReadAllText(InFolder("a")));
        Assert.Single(Directory.GetFiles(_folder.FullName));
    }

    [Fact]
    public void OpenToWrite_FileThatIsThere_KeepsItsContent()
    {
        File.WriteAllText(InFolder("a"), "content");
        using (Stream file = Disk.OfThisMachine.OpenToWrite(InFolder("a")))
        {
            file.Position = 3;
            file.Write("-"u8);
            file.SetLength(5);
        }

        Assert.Equal("con-e", File.ReadAllText(InFolder("a")));
    }

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);
}
