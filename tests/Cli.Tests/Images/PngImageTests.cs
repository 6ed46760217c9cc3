using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Lockstep.Cli.Images;
using SkiaSharp;

namespace Lockstep.Cli.Tests.Images;

public sealed class PngImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_ColourWithAlpha_KeepsBothApart()
    {
        string path = TestPictures.Write(
            _folder.File("a.png"), 3, 2, (x, y) => new SKColor((byte)(100 * x), (byte)(200 * y), 7, (byte)(x == 2 ? 128 : 255)));

        var image = PngImage.Read(path);

        Assert.Equal((3, 2), (image.Width, image.Height));
        Assert.Equal([0, 0, 7, 255, 100, 0, 7, 255, 200, 0, 7, 128], image.Rgba[..12]);
    }

    [Fact]
    public void Read_PaletteOfOneBit_IsItsColours()
    {
        // Two rows of eight pixels, the first half of each in the second colour.
        string path = WritePng(
            "p.png", width: 8, height: 2, depth: 1, colorType: 3, [0, 0xf0, 0, 0xf0], ("PLTE", [10, 20, 30, 200, 210, 220]));

        var image = PngImage.Read(path);

        Assert.Equal([200, 210, 220, 255], image.Rgba[..4]);
        Assert.Equal([10, 20, 30, 255], image.Rgba[^4..]);
    }

    [Fact]
    public void Read_GreyOf16Bits_IsItsUpperBits()
    {
        string path = WritePng("g.png", width: 2, height: 1, depth: 16, colorType: 0, [0, 0xab, 0xcd, 0x12, 0x34]);

        var image = PngImage.Read(path);

        Assert.Equal(0xab, image.Rgba[0], 1.0);
        Assert.Equal(0x12, image.Rgba[4], 1.0);
    }

    [Fact]
    public void Read_Jpeg_IsCalledByItsName()
    {
        string path = TestPictures.Write(_folder.File("a.png"), 20, 20, (_, _) => SKColors.Red, SKEncodedImageFormat.Jpeg);

        var error = Assert.Throws<RequestException>(() => PngImage.Read(path));

        Assert.Contains("is not a PNG file (it looks like JPEG)", error.Message);
    }

    [Fact]
    public void Read_BeginningOfAPng_IsRefusedUnlessAllPixelsAreThere()
    {
        byte[] whole = File.ReadAllBytes(TestPictures.WriteBar(_folder.File("whole.png")));
        byte[] pixels = PngImage.Read(_folder.File("whole.png")).Rgba;
        string path = _folder.File("cut.png");
        int refused = 0;
        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            try
            {
                Assert.Equal(pixels, PngImage.Read(path).Rgba);
            }
            catch (RequestException)
            {
                refused++;
            }
        }

        Assert.True(refused > whole.Length / 7 / 2, $"{refused} of {whole.Length / 7} are refused");
    }

    [Fact]
    public void Read_DamagedPixels_IsRefused()
    {
        byte[] whole = File.ReadAllBytes(TestPictures.WriteBar(_folder.File("whole.png")));
        whole[^20] ^= 0x55;
        File.WriteAllBytes(_folder.File("bad.png"), whole);

        _ = Assert.Throws<RequestException>(() => PngImage.Read(_folder.File("bad.png")));
    }

    [Theory]
    [InlineData(100_000, 100_000)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1, int.MaxValue)]
    public void Read_AbsurdSize_IsRefusedWithoutTheMemory(int width, int height)
    {
        string path = WritePng("huge.png", width, height, depth: 8, colorType: 6, [0, 1, 2, 3, 4]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        _ = Assert.Throws<RequestException>(() => PngImage.Read(path));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void Read_NothingThere_SaysSo()
    {
        Assert.Contains("there is no such file", Assert.Throws<RequestException>(() => PngImage.Read(_folder.File("none.png"))).Message);
        Assert.Contains("it is a folder", Assert.Throws<RequestException>(() => PngImage.Read(_folder.Path)).Message);
        Assert.Contains(
            "is not a PNG file", Assert.Throws<RequestException>(() => PngImage.Read(_folder.Write("text.png", "hello"))).Message);
    }

    /// <summary>Writes a PNG chunk by chunk.</summary>
    private string WritePng(
        string name, int width, int height, byte depth, byte colorType, byte[] rows, params (string Type, byte[] Data)[] before)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (depth, colorType);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(rows);
        using FileStream file = File.Create(_folder.File(name));
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach ((
            string type,
            byte[] data) in (IEnumerable<(string, byte[])>)[("IHDR", header), .. before, ("IDAT", packed.ToArray()), ("IEND", [])])
        {
            byte[] chunk = new byte[12 + data.Length];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            _ = System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
            data.CopyTo(chunk.AsSpan(8));
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc32.HashToUInt32(chunk.AsSpan(4, 4 + data.Length)));
            file.Write(chunk);
        }

        return file.Name;
    }
}
