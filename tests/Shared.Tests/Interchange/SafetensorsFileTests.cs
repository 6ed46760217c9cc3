using System.Buffers.Binary;
using System.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Shared.Tests.Interchange;

public class SafetensorsFileTests
{
    private const string Name = "weights.safetensors";
    private static readonly Dictionary<string, string> NoMetadata = [];

    [Theory]
    [InlineData("attn.0", new[] { 1, 2, 3 }, 64, """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""")]
    [InlineData("attn0", new[] { 1, 1, 2, 3 }, 72, """{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       """)]
    public void Write_CasesOfTheReferenceImplementation_AreItsBytes(string name, int[] shape, byte length, string header)
    {
        byte[] values = [0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64, 0, 0, 160, 64];
        byte[] expected = [length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes(header), .. values];

        byte[] written = Write([new NamedTensor(name, shape, [0, 1, 2, 3, 4, 5])], NoMetadata);

        Assert.Equal(expected, written);
        NamedTensor read = Assert.Single(SafetensorsFile.Read(new MemoryStream(expected), Name));
        Assert.Equal((name, 5f), (read.Name, read.Values[5]));
        Assert.Equal(shape, read.Shape);
    }

    [Fact]
    public void Write_MetadataAlone_IsTheReferenceImplementationsBytes()
    {
        byte[] expected = [40, 0, 0, 0, 0, 0, 0, 0, .. """{"__metadata__":{"framework":"pt"}}     """u8];

        Assert.Equal(expected, Write([], new Dictionary<string, string> { ["framework"] = "pt" }));
        Assert.Empty(SafetensorsFile.Read(new MemoryStream(expected), Name));
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        NamedTensor[] tensors =
        [
            new("layer1/weights", [2, 2], [float.NaN, -0f, float.Epsilon, float.NegativeInfinity]),
            new("layer0/biases", [3], [1, 2, 3]),
            new("größe \"x\"", [1, 0], []),
        ];

        byte[] written = Write(tensors, new Dictionary<string, string> { ["a"] = "b\n", ["c"] = "" });
        IReadOnlyList<NamedTensor> read = SafetensorsFile.Read(new MemoryStream(written), Name);

        Assert.Equal(["größe \"x\"", "layer0/biases", "layer1/weights"], read.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach (NamedTensor tensor in tensors)
        {
            NamedTensor same = read.Single(other => other.Name == tensor.Name);
            Assert.Equal(tensor.Shape, same.Shape);
            Assert.Equal(tensor.Values.Select(BitConverter.SingleToInt32Bits), same.Values.Select(BitConverter.SingleToInt32Bits));
        }

        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(written) % 8);
    }

    [Fact]
    public void Read_ShorterAndLongerTypes_AreConverted()
    {
        byte[] file = File(
            """{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]},"d":{"dtype":"F64","shape":[],"data_offsets":[10,18]}}""",
            [0x00, 0x3E, 0x01, 0x00, 0x00, 0xFC, 0x80, 0x3F, 0x49, 0xC0, .. BitConverter.GetBytes(0.1)]);

        Dictionary<string, NamedTensor> read = SafetensorsFile.Read(new MemoryStream(file), Name).ToDictionary(tensor => tensor.Name);

        Assert.Equal([1.5f, 5.9604645e-8f, float.NegativeInfinity], read["h"].Values);
        Assert.Equal([1f, -3.140625f], read["b"].Values);
        Assert.Equal([0.1f], read["d"].Values);
        Assert.Empty(read["d"].Shape);
    }

    [Fact]
    public void Read_CounterOfTorchBatches_IsLeftOut()
    {
        byte[] file = File(
            """{"1.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"1.weight":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""",
            [.. BitConverter.GetBytes(7L), .. BitConverter.GetBytes(0.5f)]);

        NamedTensor read = Assert.Single(SafetensorsFile.Read(new MemoryStream(file), Name));
        Assert.Equal(("1.weight", 0.5f), (read.Name, read.Values[0]));
    }

    [Theory]
    [InlineData("", 0, InterchangeError.Invalid, "does not begin with '{'")]
    [InlineData("[]", 0, InterchangeError.Invalid, "does not begin with '{'")]
    [InlineData(" {}", 0, InterchangeError.Invalid, "does not begin with '{'")]
    [InlineData("{", 0, InterchangeError.Invalid, "cannot be used")]
    [InlineData("{}{}", 0, InterchangeError.Invalid, "not JSON")]
    [InlineData("{} x", 0, InterchangeError.Invalid, "not JSON")]
    [InlineData("{}", 4, InterchangeError.Invalid, "4 bytes that belong to no tensor")]
    [InlineData("""{"a":1}""", 0, InterchangeError.Invalid, "expected an object for 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, InterchangeError.Invalid, "two tensors named 'a'")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "dtype twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, InterchangeError.Invalid, "incomplete")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":{}}}""", 4, InterchangeError.Invalid, "'more'")]
    [InlineData("""{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4, InterchangeError.Unsupported, "'I32'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, InterchangeError.Invalid, "at most 2 numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "at most 8 numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "expected dimensions from 0 to")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, InterchangeError.TooLarge, "[2147483647, 2147483647, 2147483647]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,2147483647,2147483647,2147483647],"data_offsets":[0,0]}}""", 0, InterchangeError.TooLarge, "a model has at most")]
    [InlineData("""{"a":{"dtype":"F32","shape":[268435456],"data_offsets":[0,1073741824]}}""", 4, InterchangeError.Truncated, "1,073,741,824 bytes, but 4 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "expected 8 bytes for its shape [2]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, InterchangeError.Invalid, "leaves a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9223372036854775807]}}""", 4, InterchangeError.Invalid, "expected 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, InterchangeError.Invalid, "leaves a gap from 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, InterchangeError.Invalid, "expected no overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, InterchangeError.Invalid, "expected no gaps")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, InterchangeError.Invalid, "only texts")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""", 0, InterchangeError.Invalid, "only texts")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, InterchangeError.Invalid, "a second __metadata__")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, InterchangeError.Invalid, "cannot be used")]
    public void Read_HostileHeader_IsRefused(string header, int dataBytes, InterchangeError error, string part)
    {
        var refused = Assert.Throws<InterchangeException>(
            () => SafetensorsFile.Read(new MemoryStream(File(header, new byte[dataBytes])), Name));

        Assert.Equal(error, refused.Error);
        Assert.StartsWith($"'{Name}' ", refused.Message);
        Assert.Contains(part, refused.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(100_000_001)]
    [InlineData(99_999_999)]
    public void Read_HeaderBomb_AllocatesNothingOfItsSize(ulong length)
    {
        byte[] file = [.. BitConverter.GetBytes(length), (byte)'{'];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(new MemoryStream(file), Name));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Read_ManyTinyTensors_IsRefusedAfterAFew()
    {
        string entries = string.Join(',', Enumerable.Range(0, 200_000).Select(i => $$"""  "t{{i}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"""));

        var refused = Assert.Throws<InterchangeException>(
            () => SafetensorsFile.Read(new MemoryStream(File("{" + entries + "}", [])), Name));

        Assert.Equal(InterchangeError.TooLarge, refused.Error);
    }

    [Fact]
    public void Read_AnyTruncation_IsRefused()
    {
        byte[] whole = Write([new NamedTensor("a", [3], [1, 2, 3]), new NamedTensor("b", [1], [4])], NoMetadata);

        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(new MemoryStream(whole[..length]), Name));
    }

    [Fact]
    public void Read_AnyByteFlipped_IsReadOrRefusedByType()
    {
        byte[] whole = Write([new NamedTensor("a", [3], [1, 2, 3]), new NamedTensor("b", [2, 1], [4, 5])], NoMetadata);

        for (int i = 0; i < whole.Length * 8; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            Exception? thrown = Record.Exception(() => SafetensorsFile.Read(new MemoryStream(flipped), Name));
            Assert.True(thrown is null or InterchangeException, $"bit {i}: {thrown}");
        }
    }

    [Fact]
    public void Read_Float64ThatFloat32CannotHold_IsRefused()
    {
        byte[] file = File("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""", BitConverter.GetBytes(1e300));

        var refused = Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(new MemoryStream(file), Name));

        Assert.Contains("1E+300 is too large", refused.Message);
    }

    [Fact]
    public void Read_NameThatSteersTerminals_IsShownHarmless()
    {
        byte[] file = File("""{"\u001b[2J":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", [0]);

        Assert.Contains("'?[2J'", Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(new MemoryStream(file), Name)).Message);
    }

    [Fact]
    public void Read_NoFileOrAFolder_IsRefused()
    {
        using var folder = new TemporaryDirectory();

        Assert.Equal(InterchangeError.NotFound, Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(folder.File("none"))).Error);
        Assert.Equal(InterchangeError.Io, Assert.Throws<InterchangeException>(() => SafetensorsFile.Read(folder.Path)).Error);
    }

    [SkippableFact]
    public void Write_PythonsSafetensors_LoadsTheSame()
    {
        Python.Require("safetensors", "numpy");
        using var folder = new TemporaryDirectory();
        InterchangeFile.Create(folder.File(Name), stream => SafetensorsFile.Write(
            stream, [new NamedTensor("layer0/weights", [2, 3], [1, 2, 3, 4, 5, 6.5f])], new Dictionary<string,
            string>
            { ["format"] = "pt" }));

        Assert.Equal("(2, 3) 21.5", Python.Run(
            """
            import sys
            from safetensors.numpy import load_file
            weights = load_file(sys.argv[1])["layer0/weights"]
            print(weights.shape, weights.sum())
            """, folder.File(Name)).Trim());
    }

    [SkippableFact]
    public void Read_PythonsSafetensors_IsTheSame()
    {
        Python.Require("safetensors", "numpy");
        using var folder = new TemporaryDirectory();
        Python.Run(
            """
            import sys, numpy
            from safetensors.numpy import save_file
            save_file({"b": numpy.arange(6, dtype="float16").reshape(2, 3), "a": numpy.array([0.5], dtype="float64")}, sys.argv[1])
            """, folder.File(Name));

        IReadOnlyList<NamedTensor> read = SafetensorsFile.Read(folder.File(Name));

        Assert.Equal([0.5f], read.Single(tensor => tensor.Name == "a").Values);
        Assert.Equal([0f, 1f, 2f, 3f, 4f, 5f], read.Single(tensor => tensor.Name == "b").Values);
    }

    private static byte[] Write(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        SafetensorsFile.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static byte[] File(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. data];
    }
}
