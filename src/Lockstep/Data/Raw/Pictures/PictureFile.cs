using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Text;
using Lockstep.Shared.Files;
using SkiaSharp;

namespace Lockstep.Data.Raw.Pictures;

/// <summary>
/// Reads PNG, JPEG, GIF, WebP and BMP files: grey, palette or colour, with or without transparency, up to 16 bits of which the upper 8
/// count, interlaced or progressive; of several pictures the first. Colours are as they are in the file, whatever profile it names, and the
/// same on every processor. Turned as EXIF says.
/// Thread-safe.
/// </summary>
internal static class PictureFile
{
    /// <summary>The kinds of files that are read, for messages.</summary>
    public const string Kinds = "PNG, JPEG, GIF, WebP or BMP";

    /// <summary>Largest file that is read.</summary>
    public const int MaxFileBytes = 64_000_000;

    /// <summary>Most pixels that are read: more than a large screen or a common camera has.</summary>
    public const int MaxPixels = 12_500_000;

    // The decoder keeps all passes of an interlaced or progressive picture beside the pixels, and lossless WebP a second time.
    private const int MaxPixelsInPasses = MaxPixels / 3;

    private const int RgbaBytes = 4, Opaque = 255;

    /// <summary>
    /// Reads a picture: one channel where the file is grey (GIF, WebP and BMP: where all pixels are), otherwise three. Transparency is laid
    /// on white: (alpha·value + (255 - alpha)·255 + 127) / 255, rounded down.
    /// </summary>
    /// <exception cref="DatasetException">
    /// It cannot be read, is no whole picture, or too large. Memory is bounded by the limits.
    /// </exception>
    public static Pixels Read(string path)
    {
        using SKData file = ReadFile(path);
        return Decode(file, path, keepAlpha: false);
    }

    /// <summary>The same for a picture inside of another file.</summary>
    /// <param name="bytes">The content of a file.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="DatasetException">It is no whole picture, or too large. Memory is bounded by the limits.</exception>
    public static Pixels Decode(byte[] bytes, string name)
    {
        if (bytes.Length > MaxFileBytes)
            throw Refused(name, $"has {bytes.Length:N0} bytes; pictures of at most {MaxFileBytes:N0} bytes are read", "Make it smaller.");
        using SKData file = SKData.CreateCopy(bytes);
        return Decode(file, name, keepAlpha: false);
    }

    /// <summary>Reads a picture as it is, with its transparency.</summary>
    /// <exception cref="DatasetException">
    /// It cannot be read, is no whole picture, or too large. Memory is bounded by the limits.
    /// </exception>
    public static RgbaPicture ReadRgba(string path)
    {
        using SKData file = ReadFile(path);
        Pixels picture = Decode(file, path, keepAlpha: true);
        return new RgbaPicture(picture.Height, picture.Width, picture.Values);
    }

    /// <summary>Whether a file begins as a picture does, of a kind that is read or of another.</summary>
    public static bool LooksLikePicture(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenToRead(path, ForeignContent.HeadBytes);
            return ForeignContent.Recognise(ForeignContent.HeadOf(file)) is { IsPicture: true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Nothing is lost: it has not the name of a picture.
        }
    }

    private static Pixels Decode(SKData file, string path, bool keepAlpha)
    {
        PictureHeader header = ReadHeader(file.AsSpan(), path);
        using SKCodec codec = SKCodec.Create(file) ?? throw Refused(path, "is cut short or damaged", "Save the picture again.");
        SKImageInfo info = codec.Info;
        (int most, string kind) = header.InPasses
            ? (MaxPixelsInPasses, " of an interlaced or progressive picture, or one in lossless WebP,")
            : (MaxPixels, "");
        if ((long)info.Width * info.Height > most)
            throw Refused(
                path, $"has {info.Height:N0} x {info.Width:N0} pixels (height x width); at most {most:N0}{kind} are read",
                "Make it smaller.");

        // Grey without transparency needs no colours in between.
        bool isGreyOnly = !keepAlpha && header.IsGrey == true && info.ColorType == SKColorType.Gray8;
        var wanted = new SKImageInfo(
            info.Width, info.Height, isGreyOnly ? SKColorType.Gray8 : SKColorType.Rgba8888,
            isGreyOnly ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        byte[] values = DecodeAs(codec, wanted, path);
        int channels = isGreyOnly ? 1 : RgbaBytes;
        if (!keepAlpha && !isGreyOnly)
        {
            channels = header.IsGrey ?? IsGrey(values) ? 1 : 3;
            values = OnWhite(values, channels);
        }

        int orientation = header.Orientation > 0 ? header.Orientation : (int)codec.EncodedOrigin;
        values = PictureOrientation.Apply(values, info.Height, info.Width, channels, orientation);
        return PictureOrientation.IsTransposed(orientation)
            ? new Pixels(info.Width, info.Height, channels, values)
            : new Pixels(info.Height, info.Width, channels, values);
    }

    private static PictureHeader ReadHeader(ReadOnlySpan<byte> file, string path)
    {
        try
        {
            if (PictureHeader.Read(file) is { } header)
                return header;
        }
        catch (FormatException e)
        {
            throw Refused(path, e.Message, "Save the picture again, as PNG or as JPEG in RGB.", e);
        }

        var other = ForeignContent.Recognise(file);
        throw Refused(
            path, $"is not a {Kinds} file{(other is null ? "" : $" (it looks like {other.Kind})")}",
            other?.AsPicture ?? "Save the picture as PNG.");
    }

    private static byte[] DecodeAs(SKCodec codec, SKImageInfo wanted, string path)
    {
        byte[] values = new byte[wanted.Width * wanted.Height * wanted.BytesPerPixel];
        SKCodecResult result;
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        try
        {
            result = codec.GetPixels(wanted, pin.AddrOfPinnedObject());
        }
        finally
        {
            pin.Free();
        }

        return result switch
        {
            SKCodecResult.Success => values,
            SKCodecResult.IncompleteInput or SKCodecResult.ErrorInInput => throw Refused(
                path, $"is cut short or damaged: not all of its {wanted.Height:N0} x {wanted.Width:N0} pixels (height x width) can be read",
                "Save the picture again."),
            _ => throw Refused(path, $"is damaged ({result})", "Save the picture again."),
        };
    }

    private static bool IsGrey(ReadOnlySpan<byte> rgba)
    {
        for (; rgba.Length > 0; rgba = rgba[RgbaBytes..])
        {
            if (rgba[3] > 0 && (rgba[0] != rgba[1] || rgba[1] != rgba[2]))
                return false;
        }

        return true;
    }

    private static byte[] OnWhite(ReadOnlySpan<byte> rgba, int channels)
    {
        byte[] values = new byte[rgba.Length / RgbaBytes * channels];
        for (int at = 0; rgba.Length > 0; rgba = rgba[RgbaBytes..])
        {
            int alpha = rgba[3], white = (Opaque - alpha) * Opaque + Opaque / 2;
            for (int channel = 0; channel < channels; channel++)
                values[at++] = alpha == Opaque ? rgba[channel] : (byte)((alpha * rgba[channel] + white) / Opaque);
        }

        return values;
    }

    private static SKData ReadFile(string path)
    {
        try
        {
            using FileStream file = DataFile.Open(path, $"a {Kinds} file", bufferBytes: 0);
            long length = file.Length;
            if (length > MaxFileBytes)
                throw Refused(path, $"has {length:N0} bytes; pictures of at most {MaxFileBytes:N0} bytes are read", "Make it smaller.");
            SKData data = SKData.Create((int)length);
            Span<byte> bytes = data.Span;
            for (int read = 0, got; read < bytes.Length; read += got)
            {
                got = file.Read(bytes[read..]);
                if (got == 0)
                {
                    data.Dispose();
                    throw Refused(path, "became shorter while it was read", "Try again.");
                }
            }

            return data;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DatasetException(
                $"The picture '{path}' cannot be read: {BoundedFile.ReasonOf(path, e)}. Give a {Kinds} file that you may read.", e);
        }
    }

    private static DatasetException Refused(string path, string problem, string advice, Exception? inner = null) =>
        new($"'{path}' {problem}. {advice}", inner);
}
