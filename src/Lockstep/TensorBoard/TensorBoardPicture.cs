using System.Buffers.Binary;

namespace Lockstep.TensorBoard;

/// <summary>A picture for TensorBoard.</summary>
public sealed record TensorBoardPicture
{
    private const int WidthAt = 16, HeightAt = 20, HeaderLength = 24;

    /// <summary>A picture under a tag.</summary>
    /// <param name="tag">Where it stands, such as <c>mistakes/validation</c>. The pictures of a tag are one series over the steps.</param>
    /// <param name="png">Content of a PNG file.</param>
    /// <exception cref="ArgumentException">It is not a PNG file.</exception>
    public TensorBoardPicture(string tag, byte[] png)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ArgumentNullException.ThrowIfNull(png);
        if (png.Length < HeaderLength || !png.AsSpan(1).StartsWith("PNG\r\n"u8))
            throw new ArgumentException($"The picture {tag} is not a PNG file.", nameof(png));
        (Tag, Png) = (tag, png);
    }

    /// <summary>Where it stands.</summary>
    public string Tag { get; }

    /// <summary>Content of a PNG file.</summary>
    public ReadOnlyMemory<byte> Png { get; }

    // The first chunk of a PNG file begins with both, big-endian.
    internal int Width => BinaryPrimitives.ReadInt32BigEndian(Png.Span[WidthAt..]);

    internal int Height => BinaryPrimitives.ReadInt32BigEndian(Png.Span[HeightAt..]);
}
