using System.Security.Cryptography;
using Lockstep.Model.Data.Pictures;

namespace Lockstep.Model.Tests.Data.Pictures;

public class PixelResamplingTests
{
    [Fact]
    public void Scale_SameSize_KeepsEveryByte()
    {
        byte[] pixels = Noise(5 * 7 * 3);
        Assert.Equal(pixels, Scale(pixels, 5, 7, 3, 5, 7));
    }

    [Fact]
    public void Scale_OneAxisOnly_KeepsTheOtherExactly()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(pixels[..256], Scale(pixels, 2, 256, 1, 1, 256));
    }

    [Fact]
    public void Scale_ToHalf_IsTheMeanOfTwoByTwoRoundedUpAtTheHalf()
    {
        byte[] pixels = [0, 1, 10, 20, 2, 3, 30, 40, 255, 255, 0, 0, 255, 254, 0, 1];
        Assert.Equal([2, 25, 255, 0], Scale(pixels, 4, 4, 1, 2, 2));
    }

    [Fact]
    public void Scale_Channels_AreScaledByThemselves() =>
        Assert.Equal([15, 150, 3], Scale([10, 100, 1, 20, 200, 5], 1, 2, 3, 1, 1));

    [Fact]
    public void Scale_ThreeToTwo_WeighsTheMiddleHalf() => Assert.Equal([10, 80], Scale([0, 30, 105], 1, 3, 1, 1, 2));

    [Fact]
    public void Scale_ToDouble_InterpolatesAndRepeatsTheEnds()
    {
        Assert.Equal([0, 25, 75, 100], Scale([0, 100], 1, 2, 1, 1, 4));
        Assert.Equal([0, 25, 75, 100], Scale([0, 100], 2, 1, 1, 4, 1));
        Assert.Equal([7, 7, 7], Scale([7], 1, 1, 1, 1, 3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(254)]
    [InlineData(255)]
    public void Scale_ConstantPicture_StaysConstant(byte value)
    {
        foreach ((int rows, int columns) in ((int, int)[])[(1, 1), (28, 28), (3, 211), (97, 13), (400, 333)])
        {
            byte[] pixels = new byte[97 * 101];
            Array.Fill(pixels, value);
            Assert.All(Scale(pixels, 97, 101, 1, rows, columns), scaled => Assert.Equal(value, scaled));
        }
    }

    /// <summary>A change of these bytes changes the weights of every training on pictures.</summary>
    [Fact]
    public void Scale_Noise_GivesThePinnedBytes()
    {
        byte[] pixels = Noise(61 * 43 * 3);
        byte[] both = [.. Scale(pixels, 61, 43, 3, 28, 28), .. Scale(pixels, 61, 43, 3, 32, 64), .. Scale(pixels, 61, 43, 3, 100, 97)];
        Assert.Equal("db4142d9352d3a6cf68075a49e8c2448fc9b73a6036b3e2563da756c293347e7", Convert.ToHexStringLower(SHA256.HashData(both)));
    }

    [Fact]
    public void Scale_LengthsThatDoNotFit_AreRefusedWithBothSizes()
    {
        var error = Assert.Throws<ArgumentException>(() => PixelResampling.Scale(new byte[11], 3, 4, 1, new byte[4], 2, 2));
        Assert.Contains("11", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 x 4", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PixelResampling.Scale([], 0, 4, 1, new byte[4], 2, 2));
    }

    /// <summary>Pillow's: Image.new('RGB', (1, 1), colour).convert('L').</summary>
    [Theory]
    [InlineData(255, 0, 0, 76)]
    [InlineData(0, 255, 0, 150)]
    [InlineData(0, 0, 255, 29)]
    [InlineData(255, 255, 255, 255)]
    [InlineData(1, 2, 3, 2)]
    public void FromRgb_Colours_AreAsPillowHasThem(byte red, byte green, byte blue, byte expected)
    {
        byte[] grey = new byte[1], back = new byte[3];
        PixelGrey.FromRgb([red, green, blue], grey);
        PixelGrey.ToRgb(grey, back);

        Assert.Equal([expected], grey);
        Assert.Equal([expected, expected, expected], back);
    }

    private static byte[] Scale(byte[] pixels, int height, int width, int channels, int rows, int columns)
    {
        byte[] scaled = new byte[rows * columns * channels];
        PixelResampling.Scale(pixels, height, width, channels, scaled, rows, columns);
        return scaled;
    }

    private static byte[] Noise(int count)
    {
        byte[] pixels = new byte[count];
        new System.Random(5).NextBytes(pixels);
        return pixels;
    }
}
