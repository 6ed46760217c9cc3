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
        Assert.DoesNotContain((byte)0, set.Values.ToArray());
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
    public void Slice_OfAPart_EqualsTheSetOfThatPart()
    {
        (byte[] pixels, byte[] labels) = MakeDense(20, 12);
        var part = ImageSet.FromDense(pixels.AsSpan(5 * 12, 9 * 12), labels.AsSpan(5, 9), 3, 4);

        Assert.Equal(part.Sha256(), ImageSet.FromDense(pixels, labels, 3, 4).Slice(5, 9).Sha256());
    }

    [Theory]
    [InlineData(11, 1)]
    [InlineData(13, 1)]
    [InlineData(24, 1)]
    public void FromDense_PixelsThatDoNotFit_IsRefused(int pixels, int labels)
        => Assert.Throws<ArgumentException>(() => ImageSet.FromDense(new byte[pixels], new byte[labels], 3, 4));

    public static TheoryData<int[], ushort[], byte[], byte[]> Malformed => new()
    {
        { [0, 1], [0], [5], [1, 2] },
        { [1, 1], [0], [5], [1] },
        { [0, 2], [0], [5], [1] },
        { [0, 1], [0], [5, 6], [1] },
        { [0, 1], [12], [5], [1] },
        { [0, 1], [0], [0], [1] },
        { [0, 2], [3, 3], [5, 5], [1] },
        { [0, 2], [3, 2], [5, 5], [1] },
        { [0, 2, 1, 2], [0, 1], [5, 5], [1, 1, 1] },
        { [0, 9, 2], [0, 1], [5, 5], [1, 1] },
        { [0, -1, 2], [0, 1], [5, 5], [1, 1] },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Constructor_ArraysThatAreNoImages_IsRefused(int[] rowStarts, ushort[] indices, byte[] values, byte[] labels)
        => Assert.Throws<ArgumentException>(() => new ImageSet(3, 4, rowStarts, indices, values, labels));

    [Theory]
    [InlineData(0, 4)]
    [InlineData(257, 256)]
    [InlineData(1 << 20, 1 << 20)]
    public void Constructor_ImpossibleSize_IsRefused(int height, int width)
        => Assert.Throws<ArgumentException>(() => new ImageSet(height, width, [0], [], [], []));

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
