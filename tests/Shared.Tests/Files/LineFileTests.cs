using System.Text;
using Lockstep.Shared.Files;

namespace Lockstep.Shared.Tests.Files;

public sealed class LineFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Append_ToAnExistingFile_AddsWholeLines()
    {
        File.WriteAllText(_path, "first\n");
        using (var file = new LineFile(_path))
        {
            file.Append("second"u8);
            file.Append("third"u8);
        }

        Assert.Equal("first\nsecond\nthird\n", File.ReadAllText(_path));
    }

    [SkippableFact]
    public void Append_OnAFullDisk_SaysSoEachTimeAndClosesQuietly()
    {
        Skip.IfNot(File.Exists("/dev/full"), "The system has no /dev/full to stand in for a full disk.");
        var file = new LineFile("/dev/full");
        Assert.ThrowsAny<IOException>(() => file.Append("first"u8));
        Assert.ThrowsAny<IOException>(() => file.Append("second"u8));
        byte[] endless = Encoding.ASCII.GetBytes(new string('x', LineFile.MaxWaitingBytes));
        Assert.ThrowsAny<IOException>(() => file.Append(endless));
        file.Dispose();
    }
}
