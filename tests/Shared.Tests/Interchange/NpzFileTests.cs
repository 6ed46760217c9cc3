using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Interchange;

namespace Lockstep.Shared.Tests.Interchange;

public class NpzFileTests
{
    private const string Name = "weights.npz";
    private static readonly float[] Numbers = [.. Enumerable.Range(0, 12).Select(i => i / 8f - 0.5f)];

    [Theory]
    [InlineData("numpy-savez.npz")]
    [InlineData("numpy-savez-compressed.npz")]
    public void Read_ArraysOfNumPy_AreTheirValues(string file)
    {
        Dictionary<string,
        NamedTensor> read = NpzFile.Read(new MemoryStream(File.ReadAllBytes(Golden(file))), Name).ToDictionary(tensor => tensor.Name);

        Assert.Equal(7, read.Count);
        Assert.Equal([3, 4], read["layer0/weights"].Shape);
        Assert.Equal(Numbers, read["layer0/weights"].Values);
        Assert.Equal([1f, -2f, 3.5f, 0f], read["layer0/biases"].Values);
        Assert.Equal([3, 4], read["fortran"].Shape);
        Assert.Equal(Numbers, read["fortran"].Values);
        Assert.Equal([2, 3, 4], read["cube"].Shape);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)i), read["cube"].Values);
        Assert.Equal([1.5f, -65504f, 5.9604645e-8f, float.PositiveInfinity], read["half"].Values);
        Assert.Equal([0.1f, -0f, float.MaxValue], read["double"].Values);
        Assert.Empty(read["scalar"].Shape);
        Assert.Equal([0.25f], read["scalar"].Values);
    }

    [Theory]
    [InlineData("layer0/weights", new[] { 3, 4 })]
    [InlineData("layer0/biases", new[] { 4 })]
    [InlineData("scalar", new int[0])]
    public void Write_AnArray_IsNumPysBytes(string name, int[] shape)
    {
        using ZipArchive numPy = ZipFile.OpenRead(Golden("numpy-savez.npz"));
        NamedTensor tensor = NpzFile.Read(new MemoryStream(File.ReadAllBytes(Golden("numpy-savez.npz"))), Name)
            .Single(tensor => tensor.Name == name);
        Assert.Equal(shape, tensor.Shape);

        using var written = new ZipArchive(new MemoryStream(Write([tensor])));

        Assert.Equal(Bytes(numPy.GetEntry(name + ".npy")!), Bytes(written.GetEntry(name + ".npy")!));
        ZipArchiveEntry entry = Assert.Single(written.Entries);
        Assert.Equal(entry.Length, entry.CompressedLength);
        Assert.Equal(numPy.Entries[0].LastWriteTime.DateTime, entry.LastWriteTime.DateTime);
    }

    [Fact]
    public void Write_SameTensors_AreTheSameBytesAndRead()
    {
        NamedTensor[] tensors = [new("a/weights", [2, 2], [float.NaN, -0f, float.Epsilon, 4]), new("b", [0], [])];

        byte[] written = Write(tensors);
        IReadOnlyList<NamedTensor> read = NpzFile.Read(new MemoryStream(written), Name);

        Assert.Equal(written, Write(tensors));
        Assert.Equal(["a/weights", "b"], read.Select(tensor => tensor.Name));
        Assert.Equal(tensors[0].Values.Select(BitConverter.SingleToInt32Bits), read[0].Values.Select(BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [InlineData("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", 8, InterchangeError.Unsupported, "'<i8'")]
    [InlineData("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", 4, InterchangeError.Unsupported, "'>i4'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 4, InterchangeError.Unsupported, "'|O'")]
    [InlineData("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, InterchangeError.Invalid, "records")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, InterchangeError.Truncated, "ends too early")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8, InterchangeError.Invalid, "values follow its end")]
    [InlineData(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 4, InterchangeError.Invalid,
        "whole numbers from 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999,), }", 4, InterchangeError.Invalid, "expected dimensions")]
    [InlineData(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }", 4, InterchangeError.TooLarge,
        "a model has at most")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4, InterchangeError.Invalid, "whole numbers from 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1), }", 4, InterchangeError.Invalid, "8 dimensions")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (1,), }", 4, InterchangeError.Invalid, "'descr' twice")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", 4, InterchangeError.Invalid, "incomplete")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", 4, InterchangeError.Invalid, "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x", 4, InterchangeError.Invalid, "goes on")]
    [InlineData("__import__('os').system('true')", 4, InterchangeError.Invalid, "expected '{'")]
    [InlineData("{'descr", 4, InterchangeError.Invalid, "unterminated")]
    [InlineData("", 4, InterchangeError.Invalid, "expected '{'")]
    public void Read_HostileArray_IsRefused(string header, int dataBytes, InterchangeError error, string part)
    {
        byte[] file = Zip(("layer0/weights.npy", Npy(header, dataBytes)));

        var refused = Assert.Throws<InterchangeException>(() => NpzFile.Read(new MemoryStream(file), Name));

        Assert.Equal(error, refused.Error);
        Assert.StartsWith($"'{Name}' ", refused.Message);
        Assert.Contains("'layer0/weights", refused.Message);
        Assert.Contains(part, refused.Message);
    }

    [Fact]
    public void Read_CounterOfTorchBatches_IsLeftOut()
    {
        byte[] file = Zip(
            ("1.weight.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4)),
            ("1.num_batches_tracked.npy", Npy("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", 8)),
            ("2.num_batches_tracked.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4)));

        Assert.Equal("1.weight", Assert.Single(NpzFile.Read(new MemoryStream(file), Name)).Name);
    }

    /// <summary>As archives are that were unpacked and packed again by hand, or on macOS.</summary>
    [Fact]
    public void Read_FoldersAndFilesOfMacOs_AreSkipped()
    {
        byte[] array = Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4);
        IReadOnlyList<NamedTensor> read = NpzFile.Read(new MemoryStream(
            Zip(("layer0/", []), ("layer0/weights.npy", array), ("__MACOSX/layer0/._weights.npy", [1]), (".DS_Store", [1]))), Name);

        Assert.Equal(["layer0/weights"], read.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Read_ManyNames_AreRefusedUnlessArraysAndDifferent()
    {
        byte[] array = Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 4);
        InterchangeException Refused(params (string, byte[])[] entries) =>
            Assert.Throws<InterchangeException>(() => NpzFile.Read(new MemoryStream(Zip(entries)), Name));

        Assert.Contains("two tensors named 'a'", Refused(("a.npy", array), ("a.npy", array)).Message);
        Assert.Contains("no array", Refused(("a.txt", array)).Message);
        Assert.Contains("can run any code", Refused(("archive/data.pkl", array)).Message);
        Assert.Contains("does not begin", Refused(("a.npy", new byte[100])).Message);
        Assert.Contains("ends too early", Refused(("a.npy", array[..20])).Message);
    }

    [Fact]
    public void Read_ShapeThatItsBytesCannotHold_AllocatesNothingOfItsSize()
    {
        byte[] file = Zip(("a.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (268435456,), }", 4)));
        long before = GC.GetAllocatedBytesForCurrentThread();

        var refused = Assert.Throws<InterchangeException>(() => NpzFile.Read(new MemoryStream(file), Name));

        Assert.Contains("which cannot be trained weights", refused.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Read_ZipBomb_IsReadNoFurtherThanItsShape()
    {
        byte[] file = Zip(
            CompressionLevel.SmallestSize, ("a.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 1 << 26)));
        Assert.InRange(file.Length, 0, 1 << 18);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InterchangeException>(() => NpzFile.Read(new MemoryStream(file), Name));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Read_AnyTruncation_IsRefused()
    {
        byte[] whole = Write([new NamedTensor("a", [3], [1, 2, 3])]);

        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<InterchangeException>(() => NpzFile.Read(new MemoryStream(whole[..length]), Name));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void Read_AnyBitFlipped_IsReadOrRefusedByTypeAndValuesNeverChange(CompressionLevel level)
    {
        byte[] whole = Zip(level, ("a.npy", [.. NpyHeader.Encode([3]), .. new byte[] { 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64 }]));

        for (int i = 0; i < whole.Length * 8; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            try
            {
                Assert.All(NpzFile.Read(new MemoryStream(flipped), Name), tensor => Assert.Equal([1f, 2f, 3f], tensor.Values));
            }
            catch (InterchangeException)
            {
                // Refused, as it should be.
            }
        }
    }

    [SkippableFact]
    public void Write_NumPy_LoadsTheSame()
    {
        Python.Require("numpy");
        using var folder = new TemporaryDirectory();
        InterchangeFile.Create(folder.File(Name), stream => NpzFile.Write(
            stream,
            [new NamedTensor(
                "layer0/weights", [2, 3],
                [1, 2, 3, 4, 5, 6.5f]), new NamedTensor("layer0/biases", [3], [0.1f, -0f, float.PositiveInfinity])]));

        string said = Python.Run(
            """
            import sys, numpy
            arrays = numpy.load(sys.argv[1], allow_pickle=False)
            print(arrays.files, arrays["layer0/weights"].tolist(), arrays["layer0/weights"].dtype.str, arrays["layer0/biases"].tobytes().hex())
            """, folder.File(Name));

        Assert.Equal("['layer0/weights', 'layer0/biases'] [[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]] <f4 cdcccc3d000000800000807f", said.Trim());
    }

    [SkippableTheory]
    [InlineData("savez")]
    [InlineData("savez_compressed")]
    public void Read_WhatNumPyWritesNow_IsTheSame(string function)
    {
        Python.Require("numpy");
        using var folder = new TemporaryDirectory();
        Python.Run(
            """
            import sys, numpy
            weights = numpy.arange(20000, dtype="<f4").reshape(100, 200)
            getattr(numpy, sys.argv[2])(sys.argv[1], **{"a/weights": weights, "f": numpy.asfortranarray(weights.astype("<f8")), "h": weights[0].astype("<f2")})
            """, folder.File(Name), function);

        Dictionary<string, NamedTensor> read = NpzFile.Read(folder.File(Name)).ToDictionary(tensor => tensor.Name);

        float[] expected = [.. Enumerable.Range(0, 20000).Select(i => (float)i)];
        Assert.Equal(expected, read["a/weights"].Values);
        Assert.Equal(expected, read["f"].Values);
        Assert.Equal(expected[..200], read["h"].Values);
        Assert.Equal([100, 200], read["f"].Shape);
    }

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Interchange", "Golden", name);

    private static byte[] Write(IReadOnlyList<NamedTensor> tensors)
    {
        using var stream = new MemoryStream();
        NpzFile.Write(stream, tensors);
        return stream.ToArray();
    }

    private static byte[] Npy(string header, int dataBytes)
    {
        byte[] bytes = new byte[10 + header.Length + dataBytes];
        byte[] prefix = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];
        prefix.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)header.Length);
        _ = Encoding.Latin1.GetBytes(header, bytes.AsSpan(10));
        return bytes;
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries) => Zip(CompressionLevel.NoCompression, entries);

    private static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
