using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Tables;
using Lockstep.Model.Data;
using Lockstep.Tests;
using Parquet;
using Parquet.Schema;

namespace Lockstep.Lockstep.Tests.Data.Tables;

public sealed class ParquetTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_AllTypesOfNumbers_AreNumbers()
    {
        string path = ParquetFiles.Write(
            _folder.File("a.parquet"), 1,
            ParquetFiles.Of<byte>("u8", [0, 255]), ParquetFiles.Of<sbyte>("i8", [-1, 1]), ParquetFiles.Of<short>("i16", [-300, 300]),
            ParquetFiles.Of<ushort>("u16", [0, 65535]), ParquetFiles.Of<int>("i32", [-70000, 7]),
            ParquetFiles.Of<uint>("u32", [0, uint.MaxValue]),
            ParquetFiles.Of<long>("i64", [-5_000_000_000, 5]), ParquetFiles.Of<ulong>("u64", [1, 1UL << 63]),
            ParquetFiles.Of<float>("f32", [1.5f, float.NaN]), ParquetFiles.Of<double>("f64", [0.1, -1e300]),
            ParquetFiles.Of<decimal>("dec", [1.25m, -2m]));

        Assert.Equal(
            "u8 # 0|255\ni8 # -1|1\ni16 # -300|300\nu16 # 0|65535\ni32 # -70000|7\nu32 # 0|4294967295\ni64 # -5000000000|5\n"
            + "u64 # 1|9.223372036854776E+18\nf32 # 1.5|_\nf64 # 0.1|-1E+300\ndec # 1.25|-2",
            TableTexts.Of(Table(path)));
    }

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Zstd)]
    [InlineData(CompressionMethod.Brotli)]
    [InlineData(CompressionMethod.Lz4Raw)]
    public void Read_RowGroupsWithMissingValues_AreOneTable(CompressionMethod compression)
    {
        ParquetFiles.Column[] columns =
        [
            ParquetFiles.OfNullable<int>("n", [1, null, 300], [null, 2]),
            ParquetFiles.Texts("t", ["x", "y", null], ["y", "z"]),
            ParquetFiles.OfNullable<bool>("b", [true, null, false], [true, true]),
        ];
        string path = ParquetFiles.Write(_folder.File("a.parquet"), 2, compression, columns, [.. columns.Select(column => column.Field)]);

        RawTable table = Table(path);

        Assert.Equal("n # 1|_|300|_|2\nt T x|y|_|y|z\nb T true|_|false|true|true", TableTexts.Of(table));
        Assert.Equal("row 5", table.PlaceOf(4));
    }

    [Fact]
    public void Read_KindsOfColumns_AreAsAsked()
    {
        string path = ParquetFiles.Write(
            _folder.File("a.parquet"), 1, ParquetFiles.Of<int>("zip", [12, 34]), ParquetFiles.Texts("price", ["1.5", "NA"]),
            ParquetFiles.Of<DateTime>("day", [new DateTime(2024, 2, 29, 1, 2, 3), new DateTime(2025, 1, 1)]),
            ParquetFiles.Texts("note", ["a", "b"]), ParquetFiles.Of<int>("__index_level_0__", [7, 8]));

        RawExamples read = ParquetTable.Read(path, (name, position) => (name, position) switch
        {
            ("zip", 0) => ColumnKind.Texts,
            ("price", 1) => ColumnKind.Numbers,
            ("day", 2) => ColumnKind.Texts,
            ("note", 3) => ColumnKind.Ignored,
            _ => ColumnKind.Automatic,
        }, null, NoDecoder);

        Assert.Equal(
            "zip T 12|34\nprice # 1.5|_\nday T 2024-02-29T01:02:03|2025-01-01T00:00:00",
            TableTexts.Of(Assert.IsType<RawTable>(read)));
    }

    [Fact]
    public void Read_PicturesAsHuggingFaceWritesThem_AreImages()
    {
        var bytes = new DataField<byte[]>("bytes");
        var paths = new DataField<string>("path");
        var label = new DataField<long>("label");
        string path = ParquetFiles.Write(
            _folder.File("a.parquet"), 2, CompressionMethod.Snappy,
            [
                ParquetFiles.Bytes("bytes", [[1, 2], [3]], [[4, 5, 6]]), ParquetFiles.Texts("path", ["a.png", null], ["c.png"]),
                ParquetFiles.Of<long>("label", [3, 1], [2]),
            ],
            [new StructField("image", bytes, paths), label]);

        RawImages images = Assert.IsAssignableFrom<RawImages>(ParquetTable.Read(
            path, (_, _) => ColumnKind.Automatic, null,
            (picture, name) => new Pixels(1, picture.Length, 1, [.. picture, (byte)name.Length])));

        Assert.Equal(3, images.Count);
        Assert.Equal([3, 1, 2], TableTexts.Numbers(images.Labels));
        Assert.Equal(["row 1 ('a.png')", "row 2", "row 3 ('c.png')"], Enumerable.Range(0, 3).Select(images.NameOf));
        Assert.Equal([4, 5, 6, (byte)$"{path}: row 3 ('c.png')".Length], images.Read(2).Values);
    }

    [Fact]
    public void Read_PicturesInAColumnOfBytes_TakeTheNamedLabel()
    {
        string path = ParquetFiles.Write(
            _folder.File("a.parquet"), 1, ParquetFiles.Bytes("png", [[1], [2]]), ParquetFiles.Texts("kind", ["cat", "dog"]),
            ParquetFiles.Of<int>("age", [1, 2]));

        RawImages images = Assert.IsAssignableFrom<RawImages>(ParquetTable.Read(path, (_, _) => ColumnKind.Automatic, "kind", NoDecoder));

        Assert.Equal(["cat", "dog"], Assert.IsType<TextValues>(images.Labels).Texts);
        Assert.Contains(
            "has pictures in column 'png', but no column 'label' with their classes. Other columns: 'kind', 'age'", Refusal(path),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_KindsThatAreNotRead_AreToldWithTheirNames()
    {
        string lists = ParquetFiles.Write(
            _folder.File("lists.parquet"), 1, ParquetFiles.Of<int>("a", [1]),
            new ParquetFiles.Column(
                new DataField("scores", typeof(int), isNullable: false, isArray: true),
                (writer, field, _) => writer.WriteAsync<int>(field, new[] { 1, 2 }, new[] { 0, 1 })));
        string dates = ParquetFiles.Write(_folder.File("dates.parquet"), 1, ParquetFiles.Of<DateTime>("day", [DateTime.UnixEpoch]));
        string infinite = ParquetFiles.Write(_folder.File("inf.parquet"), 1, ParquetFiles.Of<float>("x", [1, float.PositiveInfinity]));

        Assert.Contains("columns with lists or other nested values: 'scores'", Refusal(lists), StringComparison.Ordinal);
        Assert.Contains("(--ignore scores)", Refusal(lists), StringComparison.Ordinal);
        Assert.Contains("column 'day' has values of type DateTime", Refusal(dates), StringComparison.Ordinal);
        Assert.Contains("column 'x' has Infinity in row 2", Refusal(infinite), StringComparison.Ordinal);
        Assert.Equal("a # 1", TableTexts.Of((RawTable)ParquetTable.Read(
            lists, (name, _) => name == "scores" ? ColumnKind.Ignored : ColumnKind.Automatic, null, NoDecoder)));
    }

    [Fact]
    public void Read_OtherFiles_AreRefusedInWords()
    {
        string zip = _folder.Write("a.parquet", "PK\u0003\u0004abc");
        Assert.Contains("is no Parquet file: it is a zip archive", Refusal(zip), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Contains("no regular file", Refusal("/dev/zero"), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CutOrChangedAnywhere_IsReadOrRefused()
    {
        string path = ParquetFiles.Write(
            _folder.File("a.parquet"), 2, ParquetFiles.OfNullable<int>("n", [1, null, 300], [null, 2]),
            ParquetFiles.Texts("t", ["x", "y", null], ["y", "z"]), ParquetFiles.Of<double>("d", [1, 2, 3], [4, 5]));
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 1; length < whole.Length; length++)
            Assert.True(Try(whole[..length]) is not null, $"A file of {length} of {whole.Length} bytes was read.");

        var random = new Random(1);
        for (int i = 0; i < 1500; i++)
        {
            byte[] changed = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            _ = Try(changed);
        }
    }

    private string? Try(byte[] bytes)
    {
        File.WriteAllBytes(_folder.File("b.parquet"), bytes);
        try
        {
            _ = TableTexts.Of(Table(_folder.File("b.parquet")));
            return null;
        }
        catch (DatasetException e)
        {
            return e.Message;
        }
    }

    private static RawTable Table(string path) =>
        Assert.IsType<RawTable>(ParquetTable.Read(path, (_, _) => ColumnKind.Automatic, null, NoDecoder));

    private static string Refusal(string path) => Assert.Throws<DatasetException>(
        () => ParquetTable.Read(path, (_, _) => ColumnKind.Automatic, null, NoDecoder)).Message;

    private static Pixels NoDecoder(byte[] bytes, string name) => throw new NotSupportedException(name);
}
