using Lockstep.Shared.Interchange;

namespace Lockstep.Shared.Tests.Interchange;

public class InterchangeFileTests
{
    [Fact]
    public void Create_NewFile_HoldsWhatWasWritten()
    {
        using var folder = new TemporaryDirectory();

        InterchangeFile.Create(folder.File("a"), stream => stream.Write([1, 2, 3]));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.File("a")));
        Assert.Equal(["a"], folder.Files);
    }

    [Fact]
    public void Create_FileThatExists_IsLeftAlone()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("a"), "mine");

        var refused = Assert.Throws<InterchangeException>(() => InterchangeFile.Create(folder.File("a"), stream => stream.WriteByte(1)));

        Assert.Equal(InterchangeError.Exists, refused.Error);
        Assert.Equal("mine", File.ReadAllText(folder.File("a")));
    }

    [Fact]
    public void Create_WriterThatFails_LeavesNothing()
    {
        using var folder = new TemporaryDirectory();

        Assert.Equal(InterchangeError.Io, Assert.Throws<InterchangeException>(
            () => InterchangeFile.Create(folder.File("a"), _ => throw new IOException("No space left on device."))).Error);
        Assert.Throws<ArgumentException>(() => InterchangeFile.Create(folder.File("a"), _ => throw new ArgumentException("wrong")));
        Assert.Contains("its folder does not exist", Assert.Throws<InterchangeException>(
            () => InterchangeFile.Create(folder.File("none/a"), stream => stream.WriteByte(1))).Message);
        Assert.Empty(folder.Files);
    }
}
