using System.Security.Cryptography;
using Lockstep.Model.Augmenting;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Tests.Augmenting;

/// <summary>Also run in processes with fewer instructions, see <see cref="KernelSelfCheck"/>.</summary>
public class ImageAugmenterTests
{
    [Theory]
    [InlineData(28, 28, 1)]
    [InlineData(5, 9, 3)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 784, 1)]
    public void Apply_StrengthZero_IsTheImage(int height, int width, int channels)
    {
        byte[] image = Image(height, width, channels), result = new byte[image.Length];
        new ImageAugmenter(new AugmentationSpec(), height, width, channels, 7).Apply(image, 3, 5, result);
        Assert.Equal(image, result);

        Array.Clear(result);
        new Resampling(height, width, channels).Run(image, SourceMap.Identity, elastic: null, result);
        Assert.Equal(image, result);
        var still = new ElasticField(height, width, (width + 15) & -16, strength: 0);
        new Resampling(height, width, channels).Run(image, SourceMap.Identity, still, result);
        Assert.Equal(image, result);
    }

    [Theory]
    [InlineData(28, 28, 1)]
    [InlineData(5, 9, 3)]
    public void Apply_Shift_MovesWholePixelsAndFillsWithZeros(int height, int width, int channels)
    {
        var spec = new AugmentationSpec { Shift = 3 };
        byte[] image = Image(height, width, channels), result = new byte[image.Length];
        var augmenter = new ImageAugmenter(spec, height, width, channels, 7);
        for (int example = 0; example < 100; example++)
        {
            augmenter.Apply(image, 1, example, result);
            var draw = AugmentationDraw.Of(spec, 7, 1, example);
            Assert.Equal(Moved(image, height, width, channels, (x, y) => (x - draw.ShiftX, y - draw.ShiftY)), result);
        }
    }

    [Theory]
    [InlineData("flip:1")]
    [InlineData("vflip:1")]
    [InlineData("flip:1,vflip:1")]
    public void Apply_Flip_MirrorsAndTwiceIsTheImage(string text)
    {
        const int height = 6, width = 9;
        var spec = AugmentationSpec.Parse(text);
        byte[] image = Image(height, width, 3), result = new byte[image.Length];
        var augmenter = new ImageAugmenter(spec, height, width, 3, 7);
        augmenter.Apply(image, 0, 0, result);
        Assert.Equal(
            Moved(image, height, width, 3, (x, y) => (spec.Flip > 0 ? width - 1 - x : x, spec.VerticalFlip > 0 ? height - 1 - y : y)),
            result);
        augmenter.Apply(result, 0, 0, result);
        Assert.Equal(image, result);
    }

    [Fact]
    public void Run_RightAngles_AreExact()
    {
        const int side = 7;
        byte[] image = Image(side, side, 1), result = new byte[image.Length];
        Rotate(90);
        Assert.Equal(Moved(image, side, side, 1, (x, y) => (y, side - 1 - x)), result);
        Rotate(-90);
        Assert.Equal(Moved(image, side, side, 1, (x, y) => (side - 1 - y, x)), result);
        Rotate(180);
        Assert.Equal(Moved(image, side, side, 1, (x, y) => (side - 1 - x, side - 1 - y)), result);

        void Rotate(double degrees) => new Resampling(side, side, 1).Run(
            image, SourceMap.Of(new AugmentationDraw(0, 0, degrees, 1, false, false, 0, 0), side, side), elastic: null, result);
    }

    /// <summary>The formulas in double precision, whose positions are not rounded to 1 / 256 pixel.</summary>
    [Theory]
    [InlineData("shift:2,rotate:30,scale:0.3,flip", 28, 28, 1)]
    [InlineData("shift:2,rotate:180,scale:0.5,vflip", 11, 20, 3)]
    [InlineData("elastic:4", 28, 28, 1)]
    [InlineData("rotate:15,elastic:3", 13, 40, 3)]
    public void Apply_Geometry_IsThatOfTheFormulas(string text, int height, int width, int channels)
    {
        var spec = AugmentationSpec.Parse(text);
        var augmenter = new ImageAugmenter(spec, height, width, channels, 7);
        byte[] image = Smooth(height, width, channels), result = new byte[image.Length];
        for (int example = 0; example < 50; example++)
        {
            augmenter.Apply(image, 2, example, result);
            double[] expected = ReferenceAugmentation.Of(spec, image, height, width, channels, 7, 2, example);
            for (int i = 0; i < result.Length; i++)
                Assert.True(Math.Abs(expected[i] - result[i]) < 2.0, $"Example {example}, {i}: {result[i]}, expected {expected[i]:0.00}.");
        }
    }

    [Theory]
    [InlineData(28, 28, 4.0)]
    [InlineData(3, 100, 64.0)]
    [InlineData(1, 1, 0.5)]
    public void ElasticField_AnyImage_MovesNoPixelFurtherThanItsStrength(int height, int width, double strength)
    {
        int stride = (width + 15) & -16;
        var field = new ElasticField(height, width, stride, strength);
        int[] dx = new int[stride], dy = new int[stride];
        int most = 0;
        for (int example = 0; example < 200; example++)
        {
            field.Draw(7, 0, example);
            for (int y = 0; y < height; y++)
            {
                field.Row(y, dx, dy);
                most = Math.Max(most, dx.Concat(dy).Max(Math.Abs));
            }
        }

        Assert.InRange(most, 0.5 * strength * SourceMap.One, strength * SourceMap.One);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.1)]
    public void Apply_Noise_HasItsDeviation(double noise)
    {
        byte[] grey = new byte[100 * 101 + 2], result = new byte[grey.Length];
        Array.Fill(grey, (byte)128);
        new ImageAugmenter(new AugmentationSpec { Noise = noise }, 1, 2, 1, 7).Apply([128, 128], 0, 0, result.AsSpan(0, 2));
        var augmenter = new ImageAugmenter(new AugmentationSpec { Noise = noise }, 101, 100, 1, 7);
        augmenter.Apply(grey.AsSpan(2), 0, 0, result.AsSpan(2));

        double mean = result.Skip(2).Average(value => (double)value);
        double deviation = Math.Sqrt(result.Skip(2).Average(value => (value - mean) * (value - mean)));
        Assert.InRange(mean, 127.0, 129.0);
        Assert.InRange(deviation / (noise * 255), 0.97, 1.04);
        Assert.Equal(result[2..4], result[..2]); // The first two do not depend on how many follow.
    }

    [Fact]
    public void Apply_NoiseOnBlackAndWhite_StaysInTheRange()
    {
        byte[] black = new byte[1_000], white = new byte[1_000];
        Array.Fill(white, byte.MaxValue);
        var augmenter = new ImageAugmenter(new AugmentationSpec { Noise = 1 }, 20, 50, 1, 7);
        augmenter.Apply(black, 0, 0, black);
        augmenter.Apply(white, 0, 0, white);
        Assert.InRange(black.Count(value => value == 0), 400, 600);
        Assert.InRange(white.Count(value => value == 255), 400, 600);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 3)]
    [InlineData(256, 1)]
    public void Apply_Cutout_ClearsTheSquareAroundItsCentre(int side, int channels)
    {
        const int height = 12, width = 17;
        var spec = new AugmentationSpec { Cutout = side };
        var augmenter = new ImageAugmenter(spec, height, width, channels, 7);
        byte[] image = Image(height, width, channels, least: 1), result = new byte[image.Length];
        for (int example = 0; example < 50; example++)
        {
            augmenter.Apply(image, 0, example, result);
            var draw = AugmentationDraw.Of(spec, 7, 0, example);
            int left = (int)(draw.HoleX / 4294967296.0 * width) - side / 2, top = (int)(draw.HoleY / 4294967296.0 * height) - side / 2;
            for (int i = 0; i < result.Length; i++)
            {
                int x = i / channels % width, y = i / channels / width;
                bool isCut = x >= left && x < left + side && y >= top && y < top + side;
                Assert.Equal(isCut ? 0 : image[i], result[i]);
            }
        }
    }

    /// <summary>A change of these bytes changes the weights of every run with such an augmentation: the changelog names it.</summary>
    [Theory]
    [InlineData("shift:2,rotate:10,scale:0.1,elastic:4", 28, 28, 1, "36f0a34037b450b5a3b5eaad6809b52ee7bd5af8fcb88888e7770ad5b666b23b")]
    [InlineData(
        "shift:1,rotate:180,scale:0.9,elastic:64,flip,vflip,noise:0.1,cutout:4", 9, 31, 3,
        "e7a9ea8eea7dccd30128281670edd5f134ee5ad9630f13814f2273e09641ffa3")]
    [InlineData("noise:0.05", 7, 3, 1, "4a7c502c2cdfc22e8216adb242a5c86ef41dcc3a9daaf8f3616ebb2257961fbb")]
    public void Apply_KnownImages_GivesThePinnedBytes(string text, int height, int width, int channels, string sha256)
    {
        var augmenter = new ImageAugmenter(AugmentationSpec.Parse(text), height, width, channels, 7);
        byte[] image = Smooth(height, width, channels), result = new byte[image.Length];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < 300; i++)
        {
            augmenter.Apply(image, epoch: i / 10, example: i * 1_000, result);
            hash.AppendData(result);
        }

        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(sha256 == actual, $"The images have the digest {actual}; pinned is {sha256}.");
    }

    [Fact]
    public void Apply_AnyOrder_DependsOnEpochAndExampleAlone()
    {
        byte[] image = Image(28, 28, 1), first = new byte[image.Length], again = new byte[image.Length];
        var spec = AugmentationSpec.Parse("shift:2,rotate:10,elastic:4,noise:0.1,cutout:4");
        var augmenter = new ImageAugmenter(spec, 28, 28, 1, 7);
        augmenter.Apply(image, 4, 9, first);
        augmenter.Apply(image, 5, 9, again);
        Assert.NotEqual(first, again);
        augmenter.Apply(image, 4, 10, again);
        Assert.NotEqual(first, again);
        augmenter.Apply(image, 4, 9, again);
        Assert.Equal(first, again);
        new ImageAugmenter(spec, 28, 28, 1, 8).Apply(image, 4, 9, again);
        Assert.NotEqual(first, again);
    }

    [Fact]
    public void Apply_ImageOfAnotherSize_IsRefused()
    {
        var spec = new AugmentationSpec { Shift = 1 };
        Assert.Throws<ArgumentException>(() => new ImageAugmenter(spec, 4, 4, 1, 7).Apply(new byte[15], 0, 0, new byte[16]));
        Assert.Throws<ArgumentException>(() => new ImageAugmenter(spec, 1, AugmentationSpec.MaxSide + 1, 1, 7));
    }

    private static byte[] Moved(byte[] image, int height, int width, int channels, Func<int, int, (int X, int Y)> source)
    {
        byte[] moved = new byte[image.Length];
        for (int i = 0; i < image.Length; i++)
        {
            (int x, int y) = source(i / channels % width, i / channels / width);
            if (x >= 0 && x < width && y >= 0 && y < height)
                moved[i] = image[(y * width + x) * channels + i % channels];
        }

        return moved;
    }

    private static byte[] Image(int height, int width, int channels, int least = 0)
    {
        var random = new System.Random(3);
        return [.. Enumerable.Range(0, height * width * channels).Select(_ => (byte)random.Next(least, 256))];
    }

    // Slopes of a few grey levels a pixel, so that a rounded position changes little; some of it is black.
    private static byte[] Smooth(int height, int width, int channels) =>
        [.. Enumerable.Range(0, height * width * channels).Select(i =>
            (byte)Math.Clamp(100 + 5 * (i / channels % width) - 7 * (i / channels / width) + 20 * (i % channels), 0, 255))];
}
