using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Shared.Tests.Interchange;

public class CsvTensorsTests
{
    [Fact]
    public void Write_MatrixAndVector_AreTablesThatReadBackToTheBit()
    {
        using var folder = new TemporaryDirectory();
        NamedTensor[] tensors =
        [
            new("layer0/weights", [2, 3], [0.1f, -0f, 1e-45f, 3.4028235e38f, 16777217, 0.5f]),
            new("layer0/biases", [3], [1, 1e-30f, -2.25f]),
        ];

        CsvTensors.Write(folder.File("out"), tensors);
        Dictionary<string, NamedTensor> read = CsvTensors.Read(folder.File("out")).ToDictionary(tensor => tensor.Name);

        Assert.Equal(
            "0.1,-0,1E-45\n3.4028235E+38,16777216,0.5\n", File.ReadAllText(Path.Combine(folder.File("out"), "layer0", "weights.csv")));
        Assert.Equal("1,1E-30,-2.25\n", File.ReadAllText(Path.Combine(folder.File("out"), "layer0", "biases.csv")));
        foreach (NamedTensor tensor in tensors)
        {
            Assert.Equal(tensor.Shape, read[tensor.Name].Shape);
            Assert.Equal(
                tensor.Values.Select(BitConverter.SingleToInt32Bits), read[tensor.Name].Values.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [InlineData("1,2\n3,4\n")]
    [InlineData("1,2\n3,4")]
    [InlineData("1, 2\r\n3 ,4.0\r\n")]
    [InlineData("1e0,2\n+3,4\n")]
    [InlineData("1,2\n3,4\n\n")]
    [InlineData("\r\n1,2\r\n \r\n3,4\r\n\r\n")]
    [InlineData("# a,b\n1.000000000000000000e+00,2\n# c\n3,4\n#")]
    [InlineData("\"1\",\"2\"\n\" 3 \",4\n")]
    [InlineData("1;2\n3;4\n")]
    [InlineData("1,0;2\n3,0;\"4,00\"\n")]
    [InlineData("\"1,0\",\"2,0\"\n3,4\n")]
    [InlineData("1\t2\n3\t4\n")]
    [InlineData("1.000e+00 2.000e+00\n3.000e+00  4.000e+00 \n")]
    [InlineData("1,2\r3,4\r")]
    [InlineData("\uFEFF1,2\n3,4\n")]
    public void Read_AsSpreadsheetsSaveIt_IsTheMatrix(string text)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("0.weight.csv"), text);

        NamedTensor read = Assert.Single(CsvTensors.Read(folder.Path));

        Assert.Equal("0.weight", read.Name);
        Assert.Equal([2, 2], read.Shape);
        Assert.Equal([1f, 2f, 3f, 4f], read.Values);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("1,2\n3\n", "has 1 numbers in line 2 and 2 in the lines before")]
    [InlineData("1,x\n", "has 'x' in line 1")]
    [InlineData("1;2,5,1\n", "has '2,5,1' in line 1")]
    [InlineData("w1 w2\n1 2\n", "has 'w1' in line 1")]
    [InlineData("1,\n", "has '' in line 1")]
    [InlineData("\n# a\n\n", "is empty")]
    [InlineData("# a\n1,2\n\n3\n", "has 1 numbers in line 4 and 2 in the lines before")]
    [InlineData("# a\n1,2\n\n3,x\n", "has 'x' in line 4")]
    [InlineData("1,2 # a\n", "has '2 # a' in line 1")]
    [InlineData("1,\"2\n", "has '\"2' in line 1")]
    [InlineData("1,1e300\n", "has '1e300' in line 1, which is too large for a float32")]
    public void Read_NoTableOfNumbers_IsRefusedWithItsLine(string text, string part)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("w.csv"), text);

        var refused = Assert.Throws<InterchangeException>(() => CsvTensors.Read(folder.Path));

        Assert.Equal(InterchangeError.Invalid, refused.Error);
        Assert.Contains("w.csv' " + part, refused.Message);
    }

    [Theory]
    [InlineData("inf")]
    [InlineData("-inf")]
    [InlineData("Infinity")]
    [InlineData("nan")]
    [InlineData("NaN")]
    public void Read_NotFinite_IsRefusedAsInOtherFormats(string text)
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("w.csv"), $"1,{text}\n");

        Assert.Equal(InterchangeError.NotFinite, Assert.Throws<InterchangeException>(() => CsvTensors.Read(folder.Path)).Error);
    }

    [Fact]
    public void Read_EndlessNumber_IsRefusedAtItsBeginning()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder.File("w.csv"), new string('1', 1 << 22));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InterchangeException>(() => CsvTensors.Read(folder.Path));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData("../weights")]
    [InlineData("/etc/weights")]
    [InlineData("a/../../weights")]
    [InlineData("a//weights")]
    [InlineData("c:weights")]
    [InlineData(@"..\weights")]
    public void Write_NameThatLeadsOutOfTheFolder_IsRefused(string name)
    {
        using var folder = new TemporaryDirectory();

        var refused = Assert.Throws<InterchangeException>(() => CsvTensors.Write(folder.File("out"), [new NamedTensor(name, [1], [1])]));

        Assert.Equal(InterchangeError.Unsupported, refused.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_FolderThatExists_IsLeftAlone()
    {
        using var folder = new TemporaryDirectory();

        Assert.Equal(InterchangeError.Exists, Assert.Throws<InterchangeException>(() => CsvTensors.Write(folder.Path, [])).Error);
    }

    [Fact]
    public void Read_NoFolderOrAnEmptyOne_IsRefused()
    {
        using var folder = new TemporaryDirectory();

        Assert.Equal(InterchangeError.NotFound, Assert.Throws<InterchangeException>(() => CsvTensors.Read(folder.File("none"))).Error);
        Assert.Contains("holds no .csv", Assert.Throws<InterchangeException>(() => CsvTensors.Read(folder.Path)).Message);
    }
}
