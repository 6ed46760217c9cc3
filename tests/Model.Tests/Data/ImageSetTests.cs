using System.Security.Cryptography;
using Lockstep.Model.Data;

namespace Lockstep.Model.Tests.Data;

public class ImageSetTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 7)]
    [InlineData(2, 4, 8)]
    [InlineData(300, 28, 28)]
    [InlineData(2, 256, 256)]
    public void FromDense_AnyShape_KeepsEveryPixel(int count, int height, int width)
    {
        (byte[] pixels, byte[] labels) = MakeDense(count, height * width);
        var set = ImageSet.FromDense(pixels, labels, height, width);

        byte[] back = new byte[pixels.Length];
        for (int i = 0; i < count; i++)
            set.CopyPixels(i, back.AsSpan(i * height * width));
        Assert.Equal(pixels, back);
        Assert.Equal(labels, set.Labels.ToArray());
        Assert.DoesNotContain(set.Entries.ToArray(), entry => (entry & 0xFFFF) == 0);
        Assert.Equal(pixels.Count(pixel => pixel != 0), set.NonZeroPixels);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(83, 28, 28)]
    [InlineData(84, 28, 28)]
    [InlineData(3, 256, 256)]
    public void Sha256_AnyCount_IsThatOfHeaderPixelsAndLabels(int count, int height, int width)
    {
        (byte[] pixels, byte[] labels) = MakeDense(count, height * width);
        byte[] header = [.. BitConverter.GetBytes(count), .. BitConverter.GetBytes(height), .. BitConverter.GetBytes(width)];

        string expected = Convert.ToHexStringLower(SHA256.HashData([.. header, .. pixels, .. labels]));
        Assert.Equal(expected, ImageSet.FromDense(pixels, labels, height, width).Sha256());
    }

    [Fact]
    public void Digest_AnythingElse_IsAnother()
    {
        (byte[] pixels, byte[] labels) = MakeDense(4, 12);
        byte[] otherPixels = [.. pixels], otherLabels = [.. labels];
        otherPixels[7] ^= 1;
        otherLabels[3] ^= 1;
        string[] digests =
        [
            ImageSet.FromDense(pixels, labels, 3, 4).Digest(), ImageSet.FromDense(pixels, labels, 4, 3).Digest(),
            ImageSet.FromDense(otherPixels, labels, 3, 4).Digest(), ImageSet.FromDense(pixels, otherLabels, 3, 4).Digest(),
            ImageSet.FromDense(pixels, labels, 3, 4).Slice(0, 3).Digest(),
        ];
        Assert.Distinct(digests);
        Assert.All(digests, digest => Assert.Matches("^[0-9a-f]{32}$", digest));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(11)]
    public void Slice_OfAPart_EqualsTheSetOfThatPart(int first)
    {
        (byte[] pixels, byte[] labels) = MakeDense(20, 12);
        var part = ImageSet.FromDense(pixels.AsSpan(first * 12, 9 * 12), labels.AsSpan(first, 9), 3, 4);

        ImageSet slice = ImageSet.FromDense(pixels, labels, 3, 4).Slice(first, 9);
        Assert.Equal(part.Sha256(), slice.Sha256());
        Assert.Equal(part.Digest(), slice.Digest());
        Assert.Equal(part.RowStarts, slice.RowStarts);
        Assert.Equal(part.Entries, slice.Entries);
    }

    [Theory]
    [InlineData(11, 1)]
    [InlineData(13, 1)]
    [InlineData(24, 1)]
    public void FromDense_PixelsThatDoNotFit_IsRefused(int pixels, int labels)
        => Assert.Throws<ArgumentException>(() => ImageSet.FromDense(new byte[pixels], new byte[labels], 3, 4));

    // Entries of 3 x 5 pixels: pair, odd pixel, even pixel.
    public static TheoryData<int[], uint[], byte[]> Malformed => new()
    {
        { [0, 1], [0x0000_0005], [1, 2] },
        { [1, 1], [0x0000_0005], [1] },
        { [0, 2], [0x0000_0005], [1] },
        { [0, 1], [0x0000_0005, 0x0001_0005], [1] },
        { [0, 1], [0x0008_0005], [1] },
        { [0, 1], [0x0007_0500], [1] },
        { [0, 1], [0x0000_0000], [1] },
        { [0, 2], [0x0003_0005, 0x0003_0500], [1] },
        { [0, 2], [0x0003_0005, 0x0002_0005], [1] },
        { [0, 2, 1, 2], [0x0000_0005, 0x0001_0005], [1, 1, 1] },
        { [0, 9, 2], [0x0000_0005, 0x0001_0005], [1, 1] },
        { [0, -1, 2], [0x0000_0005, 0x0001_0005], [1, 1] },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Constructor_ArraysThatAreNoImages_IsRefused(int[] rowStarts, uint[] entries, byte[] labels)
        => Assert.Throws<ArgumentException>(() => new ImageSet(3, 5, rowStarts, entries, labels));

    [Fact]
    public void Constructor_ArraysThatAreImages_HasTheirPixels()
    {
        var set = new ImageSet(3, 5, [0, 0, 3], [0x0000_0005, 0x0002_0607, 0x0007_0008], [1, 2]);
        byte[] pixels = new byte[15];
        set.CopyPixels(1, pixels);
        Assert.Equal([5, 0, 0, 0, 7, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8], pixels);
        Assert.Equal(4, set.NonZeroPixels);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(257, 256)]
    [InlineData(1 << 20, 1 << 20)]
    public void Constructor_ImpossibleSize_IsRefused(int height, int width)
        => Assert.Throws<ArgumentException>(() => new ImageSet(height, width, [0], [], []));

    private static (byte[] Pixels, byte[] Labels) MakeDense(int count, int size)
    {
        var random = new System.Random(count * size);
        byte[] pixels = new byte[count * size], labels = new byte[count];
        for (int p = 0; p < pixels.Length; p++)
            pixels[p] = (byte)(random.Next(4) == 0 ? random.Next(256) : 0);
        random.NextBytes(labels);
        return (pixels, labels);
    }
}
