using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Shared.Tests.Interchange;

public class InterchangeFileTests
{
    /// <summary>One rule for all readers: which tensor, how many of how many values, and where the first is.</summary>
    [Theory]
    [InlineData("npz", float.NaN, "NaN")]
    [InlineData("safetensors", float.PositiveInfinity, "Infinity")]
    [InlineData("csv", float.NaN, "NaN")]
    public void Read_ValuesThatAreNotFinite_IsRefused(string format, float value, string text)
    {
        using var folder = new TemporaryDirectory();
        string path = folder.File("weights." + format);
        NamedTensor[] tensors = [new("a/biases", [2], [1, 2]), new("a/weights", [2, 3], [1, 2, 3, 4, value, value])];
        Action read = format switch
        {
            "npz" => () => NpzFile.Read(path),
            "safetensors" => () => SafetensorsFile.Read(path),
            _ => () => CsvTensors.Read(path),
        };
        if (format == "csv")
            CsvTensors.Write(path, tensors);
        else if (format == "npz")
            InterchangeFile.Create(path, stream => NpzFile.Write(stream, tensors));
        else
            InterchangeFile.Create(path, stream => SafetensorsFile.Write(stream, tensors, new Dictionary<string, string>()));

        var refused = Assert.Throws<InterchangeException>(read);

        Assert.Equal(InterchangeError.NotFinite, refused.Error);
        Assert.Contains(
            $"weights.{format}' is not finite: 'a/weights' has 2 of 6 values not finite, the first at [1, 1] ({text}).", refused.Message,
            StringComparison.Ordinal);
    }

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
