using System.Text;

namespace Lockstep.Simulation.Tests.World;

public class VirtualDiskTests
{
    private const string Folder = "/run", Path = "/run/one";

    [Fact]
    public void Write_Anywhere_IsReadThroughAnyOpenFile()
    {
        VirtualDisk disk = Disk();
        using Stream file = disk.OpenToWrite(Path), reader = disk.OpenToRead(Path);
        file.Write("0123456789"u8);
        file.Position = 4;
        file.Write("xx"u8);
        file.SetLength(7);

        byte[] read = new byte[20];
        Assert.Equal("0123xx6", Encoding.ASCII.GetString(read, 0, reader.Read(read)));
        file.Seek(0, SeekOrigin.End);
        file.Write("end"u8);
        Assert.Equal("end", Encoding.ASCII.GetString(read, 0, reader.Read(read)));
        Assert.Equal(0, reader.Read(read));
        Assert.Throws<NotSupportedException>(() => reader.SetLength(0));
    }

    [Fact]
    public void LosePower_AppendedFile_KeepsWhatWasFlushedAndSomeOfTheRest()
    {
        HashSet<string> left = [];
        for (ulong seed = 0; seed < 200; seed++)
        {
            VirtualDisk disk = Disk(seed);
            Stream file = disk.OpenToWrite(Path);
            file.Write("safe."u8);
            disk.Flush(file);
            disk.FlushFolder(Folder);
            file.Write("one."u8);
            file.Write("two."u8);
            disk.LosePower();
            file.Write("a dead process writes nothing"u8);

            string content = Read(disk);
            Assert.StartsWith("safe.", content, StringComparison.Ordinal);
            Assert.StartsWith(content, "safe.one.two.", StringComparison.Ordinal);
            left.Add(content);
            disk.LosePower();
            Assert.Equal(content, Read(disk));
        }

        Assert.Superset(new HashSet<string> { "safe.", "safe.one.", "safe.one.two.", "safe.on" }, left);
    }

    [Fact]
    public void LosePower_NameThatWasNotFlushed_MayBeLost_OneOfAnotherFolderIsNoHelp()
    {
        HashSet<bool> left = [];
        for (ulong seed = 0; seed < 50; seed++)
        {
            VirtualDisk disk = Disk(seed);
            Stream file = disk.Create(Path);
            disk.Flush(file);
            disk.FlushFolder("/elsewhere");
            disk.LosePower();
            left.Add(disk.Exists(Path));
        }

        Assert.Equal(2, left.Count);
    }

    [Fact]
    public void WriteWhole_PowerLostAtEachOperation_LeavesTheOldOrTheNew()
    {
        HashSet<string> left = [];
        for (int after = 0; after < 6; after++)
        {
            for (ulong seed = 0; seed < 50; seed++)
            {
                VirtualDisk disk = Disk(seed);
                disk.WriteWhole(Path, file => file.Write("old"u8));
                disk.LosePowerAt(after, () => { });
                try
                {
                    disk.WriteWhole(Path, file => file.Write("new"u8));
                    Assert.Equal(5, after);
                }
                catch (PowerLossException)
                {
                    Assert.True(disk.HasLostPower);
                    Assert.Throws<PowerLossException>(() => disk.Exists(Path));
                    Assert.Throws<PowerLossException>(() => disk.Delete(Path));
                }

                disk.LosePower();
                left.Add(Read(disk));
            }
        }

        Assert.Equal(["new", "old"], left.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WriteWhole_DiskFull_LeavesTheOldAndNoTemporaryFile()
    {
        VirtualDisk disk = Disk();
        disk.WriteWhole(Path, file => file.Write("old"u8));
        disk.FillUp(after: 1, operations: 1, () => { });

        Assert.Throws<IOException>(() => disk.WriteWhole(Path, file => file.Write("new"u8)));

        Assert.Equal("old", Read(disk));
        Assert.Equal([Path], disk.Files);
    }

    [Fact]
    public void Rename_OfAFileThatIsOpen_IsStillWrittenTo()
    {
        VirtualDisk disk = Disk();
        Stream file = disk.Create(Path);
        disk.Rename(Path, "/run/two", overwrite: false);
        file.Write("content"u8);

        Assert.Equal(["/run/two"], disk.List(Folder, "t*"));
        Assert.Empty(disk.List("/", "*"));
        Assert.Equal(7, disk.OpenToRead("/run/two").Length);
        Assert.Throws<FileNotFoundException>(() => disk.OpenToRead(Path));
        Assert.Throws<IOException>(() => disk.Create("/run/two"));
    }

    private static VirtualDisk Disk(ulong seed = 1) => new(new SimRandom(seed));

    private static string Read(VirtualDisk disk)
    {
        using var reader = new StreamReader(disk.OpenToRead(Path));
        return reader.ReadToEnd();
    }
}
