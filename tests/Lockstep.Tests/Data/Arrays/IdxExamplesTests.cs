using System.IO.Compression;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Arrays;
using Lockstep.Model.Data;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Arrays;

public sealed class IdxExamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_Bytes_AreImages(bool gzip)
    {
        var images = Assert.IsType<ByteImages>(Read(
            Idx(0x08, [2, 3, 1, 2], [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]), Idx(0x08, [2], [9, 200]), gzip));

        Assert.Equal((1, 2, 3), (images.Height, images.Width, images.Channels));
        Assert.Equal([1, 3, 5, 2, 4, 6], images.Read(0).Values);
        Assert.Equal([9, 200], Numbers(images.Labels));
    }

    [Fact]
    public void Read_OtherShapesAndTypes_AreTables()
    {
        byte[] floats = [0x3f, 0x80, 0, 0, 0xc0, 0x40, 0, 0];
        var table = Assert.IsType<RawTable>(Read(Idx(0x0D, [1, 2, 1], floats), Idx(0x0B, [1], [255, 255])));
        Assert.Equal(["x0", "x1", "label"], table.Columns.Select(column => column.Name));
        Assert.Equal([1, -3, -1], table.Columns.Select(column => Numbers(column)[0]));

        table = Assert.IsType<RawTable>(Read(Idx(0x08, [2, 2], [1, 2, 3, 4]), Idx(0x08, [2], [0, 1])));
        Assert.Equal([2, 4], Numbers(table.Columns[1]));
    }

    [Fact]
    public void Read_LabelsOfQmnist_AreItsFirstColumn()
    {
        byte[] labels = Idx(0x0C, [2, 3], [0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]);
        Assert.Equal([7, 2], Numbers(Assert.IsType<ByteImages>(Read(Idx(0x08, [2, 1, 1], [1, 2]), labels)).Labels));
    }

    [Fact]
    public void Read_FilesThatDoNotFit_AreRefused()
    {
        byte[] images = Idx(0x08, [2, 1, 1], [1, 2]);
        AssertRefused("has 2 examples, but", images, Idx(0x08, [3], [1, 2, 3]));
        AssertRefused("expected labels", images, Idx(0x0D, [2], new byte[8]));
        AssertRefused("expected labels", images, images);
        AssertRefused("infinite", Idx(0x0D, [1, 1], [0x7f, 0x80, 0, 0]), Idx(0x08, [1], [1]));
        AssertRefused("is empty", images, []);
        AssertRefused("looks like a web page", "<html>"u8.ToArray(), Idx(0x08, [1], [1]));
    }

    [Fact]
    public void Read_CutOrDamagedAnywhere_IsReadOrRefused()
    {
        var random = new Random(19);
        byte[] labels = Idx(0x0C, [2, 2], new byte[16]);
        foreach (byte[] whole in new[] { Idx(0x08, [2, 1, 3], [1, 2, 3, 4, 5, 6]), Gzip(Idx(0x0E, [2, 1], new byte[16])) })
        {
            for (int i = 0; i < 2000; i++)
            {
                byte[] changed = i < whole.Length ? whole[..i] : [.. whole];
                for (int changes = i < whole.Length ? 0 : random.Next(1, 3); changes > 0; changes--)
                    changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                try
                {
                    _ = Read(changed, labels);
                    Assert.True(i >= whole.Length, $"{i} of {whole.Length} bytes");
                }
                catch (DatasetException)
                {
                }
            }
        }
    }

    private static double[] Numbers(RawColumn column)
    {
        double[] values = new double[column.Count];
        Assert.IsType<StridedNumbers>(column).CopyTo(0, values);
        return values;
    }

    private static byte[] Idx(byte type, byte[] shape, byte[] values) =>
        [0, 0, type, (byte)shape.Length, .. shape.SelectMany(dimension => new byte[] { 0, 0, 0, dimension }), .. values];

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(content);
        return compressed.ToArray();
    }

    private void AssertRefused(string expected, byte[] values, byte[] labels) =>
        Assert.Contains(expected, Assert.ThrowsAny<DatasetException>(() => Read(values, labels)).Message, StringComparison.Ordinal);

    private RawExamples Read(byte[] values, byte[] labels, bool gzip = false)
    {
        File.WriteAllBytes(_folder.File("values"), gzip ? Gzip(values) : values);
        File.WriteAllBytes(_folder.File("labels"), gzip ? Gzip(labels) : labels);
        return IdxExamples.Read(_folder.File("values"), _folder.File("labels"));
    }
}
