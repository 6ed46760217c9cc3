namespace Lockstep.Data.Raw.Arrays;

/// <summary>Images in one array of bytes.</summary>
/// <param name="source">Path that they were read from.</param>
/// <param name="labels">[count] class of each image.</param>
/// <param name="pixels">[count, height, width, channels] intensities, row-major.</param>
/// <param name="height">Rows of pixels of one image.</param>
/// <param name="width">Pixels of one row.</param>
/// <param name="channels">1 for grey, 3 for RGB.</param>
internal sealed class ByteImages(string source, RawColumn labels, byte[] pixels, int height, int width, int channels)
    : RawImages(source, labels)
{
    /// <summary>Rows of pixels of one image.</summary>
    public int Height { get; } = height;

    /// <summary>Pixels of one row.</summary>
    public int Width { get; } = width;

    /// <summary>1 for grey, 3 for RGB.</summary>
    public int Channels { get; } = channels;

    /// <summary>[count, height, width, channels] intensities, row-major.</summary>
    public ReadOnlySpan<byte> Values => pixels;

    /// <inheritdoc/>
    public override string NameOf(int image) => PlaceOf is null ? $"image {image} of '{Source}'" : $"{Source}, {PlaceOf(image)}";

    /// <summary>Where an image stands in the file, such as <c>line 17</c>; null for its number.</summary>
    public Func<int, string>? PlaceOf { get; init; }

    /// <inheritdoc/>
    public override Pixels Read(int image)
    {
        int size = Height * Width * Channels;
        return new Pixels(Height, Width, Channels, pixels.AsSpan(image * size, size).ToArray());
    }
}
