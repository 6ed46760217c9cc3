using System.Security.Cryptography;
using Lockstep.Data.Raw;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Data;
using Lockstep.Shared.Tests.Files;
using Lockstep.Tests;

namespace Lockstep.Lockstep.Tests.Data.Pictures;

public sealed class PictureFileTests : IDisposable
{
    // 24 x 16 pixels in RGB: a disk on a gradient, in quality 70.
    private static readonly byte[] Jpeg = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/"
        + "2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAQABgDASIAAhEBAxEB/8QA"
        + "FwAAAwEAAAAAAAAAAAAAAAAAAAUGB//EACEQAAEEAQQDAQAAAAAAAAAAAAEAAgMFMQQREiIGQVFh/8QAFgEBAQEAAAAAAAAAAAAAAAAAAwIF/8QAIxEAAAQE"
        + "BwEAAAAAAAAAAAAAAAECAwQFElERFCEiIzFxgf/aAAwDAQACEQMRAD8Aiq+lh5F0zdwMNxumTKmBzwIWcfoyqOKjEjeJBH6Ez0Pj7YtyAXE+3IFxTqnq6tLB"
        + "ZdPILIkgy5L/AG/gmdPS46oWgaalx1QqOJxG+xONnY//2Q==");

    // 3 x 2 pixels in RGB: red, green, blue; dark grey, light blue, white.
    private static readonly byte[] Six = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9, 200, 210, 220, 255, 255, 255];

    // These, and another picture after it.
    private static readonly byte[] AnimatedGif = Convert.FromBase64String(
        "R0lGODlhAwACAIIAAP///8jS3AD/AAkJCf8AAAAA/wAAAAAAACH5BAAKAAAALAAAAAADAAIAAAgJAAkIKDAgAICAACH5BAAKAAAALAAAAAADAAIAgQECAwAAAAAAAAAA"
        + "AAgGAAEIHBgQADs=");

    // With 6 as the orientation in EXIF.
    private static readonly byte[] TurnedWebP = Convert.FromBase64String(
        "UklGRnYAAABXRUJQVlA4WAoAAAAIAAAAAgAAAQAAVlA4TDYAAAAvAkAAAC9AmG20fc9f6qimQSZtk7v+/UzayKRt2nf+nU1Q5z/QyCNZ8x0IBChjxQPbRPQ/xgtFWElG"
        + "GgAAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA");

    private static readonly byte[] LossyWebP = Convert.FromBase64String(
        "UklGRmAAAABXRUJQVlA4IFQAAADwAQCdASoMAAgAAkA4JbACdAEXZvlaJTAA/vGz15npQsO/VyK+AplVlIC5aiPgfKDAeaUzJQT/SD7XV++w1/9pn7b9dNXhXe/5y0f6"
        + "Nj9iVSjNWAA=");

    private static readonly byte[] Bmp = Convert.FromBase64String(
        "Qk1OAAAAAAAAADYAAAAoAAAAAwAAAAIAAAABABgAAAAAABgAAADEDgAAxA4AAAAAAAAAAAAACQkJ3NLI////AAAAAAD/AP8A/wAAAAAA");

    private static readonly byte[] GreyGif = Convert.FromBase64String(
        "R0lGODdhAwACAIIAAAkJCR0dHUxMTJaWltDQ0P///wAAAAAAACwAAAAAAwACAAAICQAFDAgAgECBgAA7");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Grey_IsOneChannel() => AssertPixels(Read(TestPngs.OfGrey(2, 1, 2, 3, 4, 5, 6)), 3, 2, 1, [1, 2, 3, 4, 5, 6]);

    [Fact]
    public void Read_GreyOf1And16Bits_IsScaledTo8()
    {
        AssertPixels(Read(TestPngs.Make(8, 1, 1, TestPngs.Grey, [0, 0b1010_0001])), 1, 8, 1, [255, 0, 255, 0, 0, 0, 0, 255]);
        Pixels wide = Read(TestPngs.Make(2, 1, 16, TestPngs.Grey, [0, 0xab, 0xcd, 0x12, 0x34]));
        Assert.Equal((1, 0xab, 0x12), (wide.Channels, wide.Values[0], wide.Values[1]));
    }

    [Fact]
    public void Read_Colour_IsThreeChannelsInTheOrderOfRgb() =>
        AssertPixels(Read(TestPngs.Make(2, 1, 8, TestPngs.Colour, [0, 1, 2, 3, 4, 5, 6])), 1, 2, 3, [1, 2, 3, 4, 5, 6]);

    [Fact]
    public void Read_Palette_IsColourUnlessAllOfItIsGrey()
    {
        byte[] rows = [0, 0b0100_0000];
        AssertPixels(
            Read(TestPngs.Make(2, 1, 1, TestPngs.Palette, rows, ("PLTE", [9, 9, 9, 200, 210, 220]))), 1, 2, 3,
            [9, 9, 9, 200, 210, 220]);
        AssertPixels(Read(TestPngs.Make(2, 1, 1, TestPngs.Palette, rows, ("PLTE", [9, 9, 9, 77, 77, 77]))), 1, 2, 1, [9, 77]);
    }

    [Fact]
    public void Read_Transparency_IsLaidOnWhite()
    {
        AssertPixels(Read(TestPngs.Make(3, 1, 8, TestPngs.GreyAlpha, [0, 0, 0, 100, 128, 7, 255])), 1, 3, 1, [255, 177, 7]);
        AssertPixels(
            Read(TestPngs.Make(2, 1, 8, TestPngs.ColourAlpha, [0, 0, 100, 200, 51, 10, 20, 30, 255])), 1, 2, 3,
            [204, 224, 244, 10, 20, 30]);
        AssertPixels(Read(TestPngs.Make(2, 1, 8, TestPngs.Grey, [0, 5, 6], ("tRNS", [0, 5]))), 1, 2, 1, [255, 6]);
    }

    [Fact]
    public void ReadRgba_Transparency_IsKept()
    {
        RgbaPicture picture = PictureFile.ReadRgba(Write(TestPngs.Make(1, 1, 8, TestPngs.ColourAlpha, [0, 10, 20, 30, 128])));

        Assert.Equal((1, 1), (picture.Height, picture.Width));
        Assert.Equal([10, 20, 30, 128], picture.Rgba);
    }

    /// <summary>Profiles and gammas say how to show values; what was written is what is learned from.</summary>
    [Fact]
    public void Read_Gamma_ChangesNothing() => AssertPixels(
        Read(TestPngs.Make(2, 1, 8, TestPngs.Colour, [0, 1, 2, 3, 100, 150, 200], ("gAMA", [0, 1, 0x86, 0xa0]))), 1, 2, 3,
        [1, 2, 3, 100, 150, 200]);

    [Theory]
    [InlineData(1, 2, 3, new byte[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(2, 2, 3, new byte[] { 3, 2, 1, 6, 5, 4 })]
    [InlineData(3, 2, 3, new byte[] { 6, 5, 4, 3, 2, 1 })]
    [InlineData(4, 2, 3, new byte[] { 4, 5, 6, 1, 2, 3 })]
    [InlineData(5, 3, 2, new byte[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData(6, 3, 2, new byte[] { 4, 1, 5, 2, 6, 3 })]
    [InlineData(7, 3, 2, new byte[] { 6, 3, 5, 2, 4, 1 })]
    [InlineData(8, 3, 2, new byte[] { 3, 6, 2, 5, 1, 4 })]
    [InlineData(9, 2, 3, new byte[] { 1, 2, 3, 4, 5, 6 })]
    public void Read_ExifOfPng_TurnsThePicture(byte orientation, int height, int width, byte[] expected)
    {
        foreach (bool isBig in new[] { true, false })
        {
            byte[] file = TestPngs.Make(
                3, 2, 8, TestPngs.Grey, [0, 1, 2, 3, 0, 4, 5, 6], TestPngs.Exif(orientation, isBig));
            AssertPixels(Read(file), height, width, 1, expected);
        }
    }

    [Fact]
    public void Read_ExifOfJpeg_TurnsThePicture()
    {
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0"u8, .. TestPngs.Exif(6, isBig: true).Data];
        byte[] turned = [.. Jpeg[..2], .. exif, .. Jpeg[2..]];
        Pixels plain = Read(Jpeg), seen = Read(turned);

        Assert.Equal((24, 16), (seen.Height, seen.Width));
        Assert.Equal(plain.Values[..3], seen.Values[45..48]); // Above on the left, now on the right.
        Assert.Equal(plain.Values[^3..], seen.Values[^48..^45]);
    }

    [Fact]
    public void Read_GifAndBmp_AreTheFirstPictureInColour()
    {
        AssertPixels(Read(AnimatedGif), 2, 3, 3, Six);
        AssertPixels(Read(Bmp), 2, 3, 3, Six);
    }

    [Fact]
    public void Read_GifOfGreyPixels_IsOneChannel() => AssertPixels(Read(GreyGif), 2, 3, 1, [76, 150, 29, 9, 208, 255]);

    [Fact]
    public void Read_ExifOfWebP_TurnsThePicture() => AssertPixels(
        Read(TurnedWebP), 3, 2, 3, [9, 9, 9, 255, 0, 0, 200, 210, 220, 0, 255, 0, 255, 255, 255, 0, 0, 255]);

    [Fact]
    public void Read_LossyWebP_GivesThePinnedBytes()
    {
        Pixels picture = Read(LossyWebP);

        Assert.Equal((8, 12, 3), (picture.Height, picture.Width, picture.Channels));
        Assert.StartsWith("58f6ebe8cabff65e2a26500e31deeb63119b3c7a7", Sha256(picture.Values));
    }

    /// <summary>A change of these bytes changes the weights of every training on pictures.</summary>
    [Fact]
    public void Read_JpegAndPng_GiveThePinnedBytes()
    {
        byte[] noise = new byte[40 * (1 + 3 * 30)];
        new Random(3).NextBytes(noise);
        for (int row = 0; row < 40; row++)
            noise[row * 91] = (byte)(row % 5); // All kinds of filter.

        Pixels jpeg = Read(Jpeg), png = Read(TestPngs.Make(30, 40, 8, TestPngs.Colour, noise));

        Assert.Equal((16, 24, 3), (jpeg.Height, jpeg.Width, jpeg.Channels));
        Assert.Equal("f6baed34d64d5138e59903e3de19a7bff5b0eabd6097d63f8a608522b566f64b", Sha256(jpeg.Values));
        Assert.Equal("d682227225cca86b0f2abdd36fc1e608fa51bd6b08819a48dadc1f5e175750de", Sha256(png.Values));
        Assert.Equal("5f75635136ecbf6a253b7e387a48ae68c3552d881d9fef431a7eba2fcac96386", Sha256(PictureSize.Fit(png, 28, 28, 1).Values));
    }

    [Fact]
    public void Fit_GreyToColour_RepeatsEachValue()
    {
        Pixels colours = PictureSize.Fit(new Pixels(1, 2, 1, [10, 30]), 1, 1, 3);

        Assert.Equal((1, 1, 3), (colours.Height, colours.Width, colours.Channels));
        Assert.Equal([20, 20, 20], colours.Values);
    }

    [Theory]
    [InlineData("....ftypheic....", "it looks like a HEIC picture). Save it as JPEG")]
    [InlineData("....ftypmif1....", "it looks like a HEIC picture). Save it as JPEG")]
    [InlineData("....ftypavif....", "it looks like an AVIF picture). Open it in a program for pictures")]
    [InlineData("II*\0............", "it looks like a TIFF picture). Open it in a program for pictures")]
    [InlineData("%PDF-1.7", "it looks like a PDF document). Export the page as PNG")]
    [InlineData("<svg xmlns=", "it looks like an SVG picture). Export the drawing as PNG")]
    [InlineData("<!DOCTYPE html>", "it looks like a web page: the download may have failed, or need a login). Save the picture as PNG.")]
    [InlineData("hello", "is not a PNG, JPEG, GIF, WebP or BMP file. Save the picture as PNG.")]
    [InlineData("BM, or this is a text", "is not a PNG, JPEG, GIF, WebP or BMP file. Save the picture as PNG.")]
    [InlineData("GIF89a.......", "is cut short or damaged")]
    [InlineData("RIFF....WEBPVP8 ", "is cut short or damaged")]
    public void Read_OtherKindOfFile_IsCalledByItsName(string content, string expected)
    {
        string path = _folder.Write("a.png", content);
        var error = Assert.Throws<DatasetException>(() => PictureFile.Read(path));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_JpegOfFourColours_IsRefusedInWords()
    {
        byte[] cmyk = [.. Jpeg];
        int frame = cmyk.AsSpan().IndexOf([(byte)0xff, (byte)0xc0]);
        cmyk[frame + 9] = 4;

        Assert.Contains("CMYK", Assert.Throws<DatasetException>(() => Read(cmyk)).Message, StringComparison.Ordinal);
    }

    /// <summary>Each scan goes over all pixels, so few bytes could take minutes.</summary>
    [Fact]
    public void Read_JpegOfManyScans_IsRefused()
    {
        int scan = Jpeg.AsSpan().IndexOf([(byte)0xff, (byte)0xda]);
        byte[] header = Jpeg[scan..(scan + 14)];
        byte[] many = [.. Jpeg[..^2], .. Enumerable.Repeat(header, 100).SelectMany(bytes => bytes), .. Jpeg[^2..]];

        Assert.Contains("100 scans", Assert.Throws<DatasetException>(() => Read(many)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, 100_000)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(3536, 3536)]
    public void Read_AbsurdSize_IsRefusedWithoutTheMemory(int width, int height)
    {
        string path = Write(TestPngs.Make(width, height, 8, TestPngs.ColourAlpha, [0, 1, 2, 3, 4]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        _ = Assert.Throws<DatasetException>(() => PictureFile.Read(path));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [SkippableFact]
    public void Read_NothingOrNoFile_SaysSo()
    {
        AssertRefused(_folder.File("none.png"), "does not exist");
        AssertRefused(_folder.Path, "is a folder");
        AssertRefused(_folder.Write("empty.png", ""), "is empty");
        Skip.IfNot(OperatingSystem.IsLinux(), "Pipes and devices of Linux.");
        AssertRefused(NamedPipe.Make(_folder.File("pipe.png")), "no regular file");
        AssertRefused("/dev/zero", "no regular file");
    }

    [Fact]
    public void Read_CutOrDamagedAnywhere_IsReadOrRefused()
    {
        var random = new Random(11);
        byte[] exif = TestPngs.Make(3, 2, 8, TestPngs.Grey, [0, 1, 2, 3, 0, 4, 5, 6], TestPngs.Exif(6, isBig: true));
        byte[] palette = TestPngs.Make(2, 1, 1, TestPngs.Palette, [0, 64], ("PLTE", [9, 9, 9, 200, 210, 220]), ("tRNS", [1]));
        foreach (byte[] whole in new[] { Jpeg, exif, palette, AnimatedGif, TurnedWebP, LossyWebP, Bmp })
        {
            byte[] expected = Read(whole).Values;
            for (int length = 0; length < whole.Length; length++)
            {
                // What misses only the end is read whole.
                if (ReadOrNull(whole[..length]) is { } read)
                    Assert.Equal(expected, read.Values);
            }

            for (int i = 0; i < 2000; i++)
            {
                byte[] changed = [.. whole];
                for (int changes = random.Next(1, 4); changes > 0; changes--)
                    changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                _ = ReadOrNull(changed);
            }
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void AssertPixels(Pixels picture, int height, int width, int channels, byte[] values)
    {
        Assert.Equal((height, width, channels), (picture.Height, picture.Width, picture.Channels));
        Assert.Equal(values, picture.Values);
    }

    private static void AssertRefused(string path, string expected) =>
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => PictureFile.Read(path)).Message, StringComparison.Ordinal);

    private Pixels? ReadOrNull(byte[] file)
    {
        try
        {
            return Read(file);
        }
        catch (DatasetException)
        {
            return null;
        }
    }

    private Pixels Read(byte[] file) => PictureFile.Read(Write(file));

    private string Write(byte[] file)
    {
        File.WriteAllBytes(_folder.File("picture"), file);
        return _folder.File("picture");
    }
}
