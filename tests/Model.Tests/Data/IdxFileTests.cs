using Lockstep.Model.Data;

namespace Lockstep.Model.Tests.Data;

public class IdxFileTests
{
    private static readonly byte[] Pixels = MakePixels(5 * 3 * 4);
    private static readonly byte[] Images = IdxBytes.Images(5, 3, 4, Pixels);
    private static readonly byte[] Labels = IdxBytes.Labels(7, 0, 9, 9, 1);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void Read_WholeFiles_GivesEveryPixelAndLabel(bool gzipImages, bool gzipLabels)
    {
        ImageSet set = Read(gzipImages ? IdxBytes.Gzip(Images) : Images, gzipLabels ? IdxBytes.Gzip(Labels) : Labels);

        Assert.Equal((5, 3, 4), (set.Count, set.Height, set.Width));
        Assert.Equal([7, 0, 9, 9, 1], set.Labels.ToArray());
        byte[] dense = new byte[Pixels.Length];
        for (int i = 0; i < set.Count; i++)
            set.CopyPixels(i, dense.AsSpan(i * 12, 12));
        Assert.Equal(Pixels, dense);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_ImagesCutAtAnyLength_SaysItIsCutShort(bool gzip)
    {
        byte[] whole = gzip ? IdxBytes.Gzip(Images) : Images;
        for (int length = 0; length < whole.Length; length++)
        {
            var exception = Assert.Throws<IdxFormatException>(() => Read(whole[..length], Labels));
            Assert.Contains("cut short", exception.Message, StringComparison.Ordinal);
            Assert.Equal("images", exception.FileName);
            Assert.InRange(exception.Offset, 0, Images.Length);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_LabelsCutAtAnyLength_SaysItIsCutShort(bool gzip)
    {
        byte[] whole = gzip ? IdxBytes.Gzip(Labels) : Labels;
        for (int length = 0; length < whole.Length; length++)
        {
            var exception = Assert.Throws<IdxFormatException>(() => Read(Images, whole[..length]));
            Assert.Contains("cut short", exception.Message, StringComparison.Ordinal);
            Assert.Equal("labels", exception.FileName);
        }
    }

    [Fact]
    public void Read_AnyBitOfGzipFlipped_NeverGivesOtherImages()
    {
        // Some bits mean nothing (the time in the gzip header) or the same (a copy from another place with equal bytes).
        byte[] whole = IdxBytes.Gzip(Images);
        string expected = Read(whole, Labels).Sha256();
        int refused = 0;
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                Assert.Equal(expected, Read(damaged, Labels).Sha256());
            }
            catch (IdxFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 7 * whole.Length, 8 * whole.Length);
    }

    [Fact]
    public void Read_Swapped_AsksWhetherTheTwoWereSwapped()
    {
        var exception = Assert.Throws<IdxFormatException>(() => Read(IdxBytes.Gzip(Labels), Images));
        Assert.Contains("swapped", exception.Message, StringComparison.Ordinal);
        Assert.Contains("an images file where a labels file was expected", exception.Message, StringComparison.Ordinal);

        exception = Assert.Throws<IdxFormatException>(() => Read(Labels, Labels));
        Assert.Contains("a labels file where an images file was expected", exception.Message, StringComparison.Ordinal);
        Assert.Equal((0, "images"), (exception.Offset, exception.FileName));
    }

    [Fact]
    public void Read_OtherKindOfFile_NamesMagicNumberGotAndExpected()
    {
        var exception = Assert.Throws<IdxFormatException>(() => Read("<html>not found</html>"u8.ToArray(), Labels));

        Assert.Contains("0x3c68746d", exception.Message, StringComparison.Ordinal);
        Assert.Contains("0x00000803", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FewerLabelsThanImages_NamesBothFilesAndCounts()
    {
        var exception = Assert.Throws<IdxFormatException>(() => Read(Images, IdxBytes.Labels(1, 2, 3)));

        Assert.Contains("5 images", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'labels' has 3 labels", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(70_000)]
    public void Read_BytesBehindTheEnd_IsRefused(int extra)
    {
        byte[] behind = new byte[extra];
        Assert.Throws<IdxFormatException>(() => Read([.. Images, .. behind], Labels));
        Assert.Throws<IdxFormatException>(() => Read(IdxBytes.Gzip([.. Images, .. behind]), Labels));
        Assert.Throws<IdxFormatException>(() => Read([.. IdxBytes.Gzip(Images), .. behind, 1], Labels));
        Assert.Throws<IdxFormatException>(() => Read(Images, [.. Labels, .. behind]));
        Assert.Throws<IdxFormatException>(() => Read(Images, [.. IdxBytes.Gzip(Labels), .. behind, 1]));
    }

    /// <summary>RFC 1952, 2.2: a gzip file is a series of members. Tapes fill up with zeros.</summary>
    [Fact]
    public void Read_GzipOfSeveralMembers_IsReadUnlessOneIsDamaged()
    {
        byte[] first = IdxBytes.Gzip(Images.AsSpan(0, 20)), second = IdxBytes.Gzip(Images.AsSpan(20));
        first[3] = 8 | 4; // A name, after an extra field.
        first = [.. first[..10], 2, 0, 0x1f, 0x8b, .. "images\0"u8, .. first[10..]];
        byte[] whole = [.. first, .. second];
        string expected = Read(Images, Labels).Sha256();

        Assert.Equal(expected, Read(whole, Labels).Sha256());
        Assert.Equal(expected, Read([.. whole, .. new byte[1000]], Labels).Sha256());
        for (int at = first.Length - 8; at < first.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 1;
            Assert.Throws<IdxFormatException>(() => Read(damaged, Labels));
        }

        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<IdxFormatException>(() => Read(whole[..length], Labels));
    }

    [Theory]
    [InlineData(0, 28, 28)]
    [InlineData(-1, 28, 28)]
    [InlineData(5, 0, 28)]
    [InlineData(5, 28, -28)]
    [InlineData(5, 257, 256)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MinValue, int.MinValue)]
    public void Read_ImpossibleHeader_IsRefused(int count, int height, int width)
        => Assert.Throws<IdxFormatException>(() => Read(IdxBytes.BigEndian(0x803, count, height, width), Labels));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Read_ImpossibleLabelCount_IsRefused(int count)
        => Assert.Throws<IdxFormatException>(() => Read(Images, IdxBytes.BigEndian(0x801, count)));

    [Fact]
    public void Read_HeaderThatPromisesMuchMoreThanThere_AllocatesLittle()
    {
        byte[] labels = IdxBytes.BigEndian(0x801, IdxFile.MaxContentBytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<IdxFormatException>(() => Read(Images, labels));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Read_GzipBomb_StopsWhereTheHeaderEnds()
    {
        // 64 MB of zeros behind a small file, in 64 KB: nothing of them may be kept.
        byte[] bomb = IdxBytes.Gzip([.. Images, .. new byte[64 << 20]]);
        Assert.InRange(bomb.Length, 0, 1 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<IdxFormatException>(() => Read(bomb, Labels));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(Images.Length, exception.Offset);

        // The same behind a header that asks for it, beyond what is ever read.
        byte[] header = IdxBytes.BigEndian(0x803, 5, 1 << 15, 1 << 15);
        Assert.Throws<IdxFormatException>(() => Read(IdxBytes.Gzip([.. header, .. new byte[1 << 20]]), Labels));
    }

    [Fact]
    public void Read_RandomBytes_GivesTypedErrorsOnly()
    {
        var random = new System.Random(20);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] images = new byte[random.Next(200)], labels = new byte[random.Next(60)];
            random.NextBytes(images);
            random.NextBytes(labels);

            // Plausible beginnings reach deeper.
            ReadOnlySpan<byte> start = random.Next(4) switch
            {
                0 => [],
                1 => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3],
                2 => Images.AsSpan(0, random.Next(17)),
                _ => IdxBytes.Gzip(Images).AsSpan(0, random.Next(40)),
            };
            start[..Math.Min(start.Length, images.Length)].CopyTo(images);
            Assert.Throws<IdxFormatException>(() => Read(images, random.Next(2) == 0 ? labels : Labels));
        }
    }

    [Fact]
    public void Read_ImagesOfOtherSizes_AreKept()
    {
        byte[] pixels = MakePixels(2 * 256 * 256);
        ImageSet set = Read(IdxBytes.Gzip(IdxBytes.Images(2, 256, 256, pixels)), IdxBytes.Labels(3, 4));

        Assert.Equal(65_536, set.Pixels);
        Assert.Equal(ImageSet.FromDense(pixels, [3, 4], 256, 256).Sha256(), set.Sha256());
    }

    [SkippableFact]
    public void Read_RealMnist_HasItsCountsLabelsAndDensity()
    {
        string? folder = Environment.GetEnvironmentVariable("LOCKSTEP_DATA_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "LOCKSTEP_DATA_DIR is not set: real MNIST is not read.");
        ImageSet training = ReadMnist(folder, "train"), test = ReadMnist(folder, "t10k");

        Assert.Equal((60_000, 10_000), (training.Count, test.Count));
        Assert.Equal((28, 28, 10), (training.Height, training.Width, training.Classes));
        Assert.Equal([5, 0, 4, 1, 9], training.Labels[..5].ToArray());
        Assert.Equal([7, 2, 1, 0, 4], test.Labels[..5].ToArray());
        Assert.InRange(training.NonZeroPixels / (60_000.0 * 784), 0.18, 0.20);
    }

    private static ImageSet ReadMnist(string folder, string part)
    {
        using FileStream images = File.OpenRead(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz"));
        using FileStream labels = File.OpenRead(Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"));
        return IdxFile.Read(images, images.Name, labels, labels.Name);
    }

    private static ImageSet Read(byte[] images, byte[] labels)
    {
        using MemoryStream imagesStream = new(images), labelsStream = new(labels);
        return IdxFile.Read(imagesStream, "images", labelsStream, "labels");
    }

    private static byte[] MakePixels(int count)
    {
        byte[] pixels = new byte[count];
        var random = new System.Random(1);
        for (int i = 0; i < count; i++)
            pixels[i] = (byte)(random.Next(5) == 0 ? random.Next(256) : 0);
        return pixels;
    }
}
