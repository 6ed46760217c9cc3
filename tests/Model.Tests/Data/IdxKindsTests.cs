using Lockstep.Model.Data;

namespace Lockstep.Model.Tests.Data;

/// <summary>IDX files of other types and shapes than MNIST's.</summary>
public class IdxKindsTests
{
    private static readonly byte[] TwoImages = IdxBytes.Images(2, 1, 2, [1, 2, 3, 4]);

    [Theory]
    [InlineData(0x08, new byte[] { 1, 255 }, new byte[] { 1, 255 })]
    [InlineData(0x09, new byte[] { 1, 255 }, new byte[] { 1, 255 })]
    [InlineData(0x0B, new byte[] { 1, 2, 255, 254 }, new byte[] { 2, 1, 254, 255 })]
    [InlineData(0x0C, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new byte[] { 4, 3, 2, 1, 8, 7, 6, 5 })]
    [InlineData(0x0D, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new byte[] { 4, 3, 2, 1, 8, 7, 6, 5 })]
    [InlineData(
        0x0E, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
        new byte[] { 8, 7, 6, 5, 4, 3, 2, 1, 16, 15, 14, 13, 12, 11, 10, 9 })]
    public void ReadArray_AnyType_IsLittleEndian(int type, byte[] content, byte[] expected)
    {
        byte[] file = [.. IdxBytes.BigEndian(type << 8 | 3, 1, 2, 1), .. content];
        foreach (byte[] bytes in new[] { file, IdxBytes.Gzip(file) })
        {
            IdxArray array = IdxFile.ReadArray(new MemoryStream(bytes), "a");

            Assert.Equal(((IdxType)type, 3), (array.Type, array.Shape.Count));
            Assert.Equal([1, 2, 1], array.Shape);
            Assert.Equal(expected, array.Values);
        }
    }

    [Fact]
    public void ReadArray_CutAnywhere_SaysItIsCutShort()
    {
        byte[] file = [.. IdxBytes.BigEndian(0xC02, 2, 2), .. new byte[16]];
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            var error = Assert.Throws<IdxFormatException>(() => IdxFile.ReadArray(new MemoryStream(cut), "a"));
            Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<IdxFormatException>(() => IdxFile.ReadArray(new MemoryStream([.. file, 0]), "a"));
    }

    [Theory]
    [InlineData(0x0C00)]
    [InlineData(0x0C09)]
    [InlineData(0x0A01)]
    [InlineData(0x010801)]
    [InlineData(0x0801, 0)]
    [InlineData(0x0801, -1)]
    [InlineData(0x0E08, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(0x0E02, 1 << 20, 1 << 20)]
    [InlineData(0x0802, -1, -1)]
    public void ReadArray_ImpossibleHeader_IsRefused(params int[] header) =>
        Assert.Throws<IdxFormatException>(() => IdxFile.ReadArray(new MemoryStream(IdxBytes.BigEndian(header)), "a"));

    [Fact]
    public void ReadArray_HeaderThatPromisesMuchMoreThanThere_AllocatesLittle()
    {
        byte[] file = IdxBytes.BigEndian(0xD02, 10_000, 10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<IdxFormatException>(() => IdxFile.ReadArray(new MemoryStream(file), "a"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>QMNIST: class, series, writer and more of each digit as 32-bit integers.</summary>
    [Fact]
    public void Read_LabelsOfOtherTypes_AreRead()
    {
        Assert.Equal([7, 255], Read(TwoImages, IdxBytes.BigEndian(0xC01, 2, 7, 255)).Labels.ToArray());
        Assert.Equal([7, 2], Read(TwoImages, IdxBytes.BigEndian(0xC02, 2, 3, 7, 100, 2539, 2, 300, 17)).Labels.ToArray());
        Assert.Equal([1, 2], Read(TwoImages, [.. IdxBytes.BigEndian(0xB01, 2), 0, 1, 0, 2]).Labels.ToArray());
        Assert.Equal([3, 9], Read(TwoImages, [.. IdxBytes.BigEndian(0x802, 2, 1), 3, 9]).Labels.ToArray());
    }

    [Fact]
    public void Read_LabelOutOfRange_NamesIt()
    {
        AssertRefused(TwoImages, IdxBytes.BigEndian(0xC01, 2, 7, 256), "label 1 is 256");
        AssertRefused(TwoImages, IdxBytes.BigEndian(0xC01, 2, -1, 0), "label 0 is -1");
        AssertRefused(TwoImages, [.. IdxBytes.BigEndian(0x901, 2), 5, 0x80], "label 1 is -128");
    }

    [Fact]
    public void Read_OtherTypeOrShape_IsCalledWhatItIs()
    {
        byte[] labels = IdxBytes.Labels(1, 2);
        AssertRefused(
            [.. IdxBytes.BigEndian(0xD03, 2, 1, 1), .. new byte[8]], labels, "IDX of 32-bit floating-point numbers in 3 dimensions");
        AssertRefused([.. IdxBytes.BigEndian(0xC02, 2, 1), .. new byte[8]], labels, "32-bit integers in 2 dimensions; expected images");
        AssertRefused(TwoImages, [.. IdxBytes.BigEndian(0xE01, 2), .. new byte[16]], "numbers in 1 dimension; expected labels");
        AssertRefused(IdxBytes.Gzip(IdxBytes.Gzip(TwoImages)), labels, "compressed twice");
        AssertRefused(TwoImages, "<!DOCTYPE html>"u8.ToArray(), "looks like a web page");
    }

    [Theory]
    [InlineData(2, 2, 1)]
    [InlineData(1, 2, 2)]
    public void Read_FourDimensionsOfOneChannel_AreGrey(int first, int second, int third)
    {
        ImageSet set = Read([.. IdxBytes.BigEndian(0x804, 2, first, second, third), 1, 2, 3, 4, 5, 6, 7, 8], IdxBytes.Labels(1, 2));
        Assert.Equal((1, 4), (set.Channels, set.Pixels));
    }

    [Fact]
    public void Read_ChannelsFirst_ArePutLast()
    {
        byte[] planes = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16];
        byte[] expected = [1, 3, 5, 2, 4, 6, 11, 13, 15, 12, 14, 16];
        ImageSet first = Read([.. IdxBytes.BigEndian(0x804, 2, 3, 1, 2), .. planes], IdxBytes.Labels(1, 2));
        ImageSet last = Read([.. IdxBytes.BigEndian(0x804, 2, 1, 2, 3), .. expected], IdxBytes.Labels(1, 2));

        Assert.Equal((1, 2, 3), (first.Height, first.Width, first.Channels));
        Assert.Equal(last.Sha256(), first.Sha256());
    }

    private static void AssertRefused(byte[] images, byte[] labels, string expected) =>
        Assert.Contains(expected, Assert.Throws<IdxFormatException>(() => Read(images, labels)).Message, StringComparison.Ordinal);

    private static ImageSet Read(byte[] images, byte[] labels) =>
        IdxFile.Read(new MemoryStream(images), "images", new MemoryStream(labels), "labels");
}
