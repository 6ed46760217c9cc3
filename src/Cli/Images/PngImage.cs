using System.Runtime.InteropServices;
using Lockstep.Shared.Files;
using SkiaSharp;

namespace Lockstep.Cli.Images;

/// <summary>A picture that was read from a PNG file.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgba">[height, width, 4] red, green, blue and alpha, colours not multiplied by alpha.</param>
internal sealed record PngImage(int Width, int Height, byte[] Rgba)
{
    /// <summary>Largest file that is read.</summary>
    public const long MaxFileBytes = 64_000_000;

    /// <summary>Most pixels that are read: more than a large screen or a common camera has.</summary>
    public const int MaxPixels = 12_500_000;

    // Skia keeps all passes of an interlaced picture beside the pixels.
    private const int MaxInterlacedPixels = MaxPixels / 3;

    // Of an interlaced picture: after signature, length and type of the first chunk, size, depth, colour type, compression and filter.
    private const int InterlaceOffset = 28;

    /// <summary>Reads a PNG file of any kind: grey, palette, colour, with or without alpha, 1 to 16 bits, interlaced or not.</summary>
    /// <exception cref="RequestException">The file cannot be read, or is no whole PNG of a size that is supported. Memory is bounded by the
    /// limits.</exception>
    public static PngImage Read(string path)
    {
        using SKData data = ReadData(path);
        using SKCodec? codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat != SKEncodedImageFormat.Png)
        {
            string found = codec is null ? "" : $" (it looks like {codec.EncodedFormat.ToString().ToUpperInvariant()})";
            throw new RequestException($"'{path}' is not a PNG file{found}. Save the picture as PNG.");
        }

        (int width, int height) = (codec.Info.Width, codec.Info.Height);
        (int most, string kind) = data.AsSpan()[InterlaceOffset] == 0
            ? (MaxPixels, "")
            : (MaxInterlacedPixels, " of an interlaced picture");
        if ((long)width * height > most)
            throw new RequestException($"'{path}' has {width:N0} x {height:N0} pixels; at most {most:N0}{kind} are read. Make it "
                + "smaller: 28 x 28 are looked at in the end.");
        byte[] rgba = new byte[width * height * 4];
        SKCodecResult result;
        var pin = GCHandle.Alloc(rgba, GCHandleType.Pinned);
        try
        {
            result = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), pin.AddrOfPinnedObject());
        }
        finally
        {
            pin.Free();
        }

        return result switch
        {
            SKCodecResult.Success => new PngImage(width, height, rgba),
            SKCodecResult.IncompleteInput => throw new RequestException(
                $"'{path}' is cut short or damaged: not all of its {width:N0} x {height:N0} pixels can be read. Save the picture again."),
            _ => throw new RequestException($"'{path}' is damaged ({result}). Save the picture again."),
        };
    }

    private static SKData ReadData(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxFileBytes)
                throw new RequestException($"'{path}' has {file.Length:N0} bytes; pictures of at most {MaxFileBytes:N0} bytes are read.");
            return SKData.Create(file, file.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new RequestException($"The picture '{path}' cannot be read: {BoundedFile.ReasonOf(path, e)}.", e);
        }
    }
}
