using Lockstep.Model.Data.Pictures;

namespace Lockstep.Model.Data;

/// <summary>
/// Reads data sets in the IDX format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian int32 magic number and dimensions, then
/// numbers. Detects gzip by content, not by name. Treats files as hostile: memory grows with the actual content, not with what a header
/// claims.
/// </summary>
public static class IdxFile
{
    /// <summary>First four bytes of an images file: unsigned bytes in three dimensions (images, rows, columns).</summary>
    public const int ImagesMagic = 0x00000803;

    /// <summary>First four bytes of a labels file: unsigned bytes in one dimension.</summary>
    public const int LabelsMagic = 0x00000801;

    /// <summary>Maximum decompressed content in bytes, of images as of other arrays.</summary>
    public const int MaxContentBytes = 2_000_000_000;

    internal const string FetchAgain = "Fetch the file again.";

    /// <summary>Reads labelled images.</summary>
    /// <param name="images">
    /// The images file, raw or gzip; seekable, read from its position to its end. Bytes in three dimensions (images, rows, columns), or in
    /// four with one or three channels, last or second.
    /// </param>
    /// <param name="imagesName">Name of the images file, for messages.</param>
    /// <param name="labels">
    /// The labels file, raw or gzip; seekable, read from its position to its end. Integers of any type from 0 to 255 in one dimension, or
    /// in two, of which the first column is the class, as QMNIST has them.
    /// </param>
    /// <param name="labelsName">Name of the labels file, for messages.</param>
    /// <exception cref="IdxFormatException">
    /// A file is damaged, truncated, of another kind or too large, or the two do not match.
    /// </exception>
    public static ImageSet Read(Stream images, string imagesName, Stream labels, string labelsName)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        return ReadImages(images, imagesName, ReadLabels(labels, labelsName), labelsName);
    }

    /// <summary>Reads a file of any type and shape.</summary>
    /// <param name="stream">The file, raw or gzip; seekable, read from its position to its end.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <exception cref="IdxFormatException">It is damaged, truncated, of another kind or too large.</exception>
    public static IdxArray ReadArray(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var reader = new IdxReader(stream, name);
        var header = IdxHeader.Read(reader, expectedMagic: 0);
        return ReadArray(reader, header, $"numbers of shape {string.Join(" x ", header.Shape)}");
    }

    private static IdxArray ReadArray(IdxReader reader, IdxHeader header, string what)
    {
        byte[] values = reader.ReadGrowing(header.Bytes, () => $"the header promises {what}");
        reader.ReadEnd(() => $"the {what} that the header promises");
        if (BitConverter.IsLittleEndian)
            header.ReverseBytes(values);
        return new IdxArray(header.Type, header.Shape, values);
    }

    private static byte[] ReadLabels(Stream stream, string name)
    {
        using var reader = new IdxReader(stream, name);
        var header = IdxHeader.Read(reader, LabelsMagic, "labels");
        if (header.Type == IdxType.UnsignedByte && header.Shape.Length == 3)
            throw Swapped(name, "an images", "a labels");
        if (header.Type >= IdxType.Real32 || header.Shape.Length > 2)
            throw new IdxFormatException(
                name, 0, $"{header.KindText}; expected labels: integers in 1 dimension, or in 2 with the class in the first column.");
        IdxArray array = ReadArray(reader, header, $"{header.Shape[0]} labels");
        byte[] labels = array.Values;
        if (header is { Type: IdxType.UnsignedByte, Shape.Length: 1 })
            return labels;
        labels = new byte[header.Shape[0]];
        int row = array.Values.Length / labels.Length;
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<byte> number = array.Values.AsSpan(i * row, header.Size);
            long label = header.Size switch
            {
                1 => header.Type == IdxType.SignedByte ? (sbyte)number[0] : number[0],
                2 => BitConverter.ToInt16(number),
                _ => BitConverter.ToInt32(number),
            };
            if (label is < 0 or > byte.MaxValue)
                throw new IdxFormatException(name, 0, $"label {i} is {label}; expected classes from 0 to {byte.MaxValue}.");
            labels[i] = (byte)label;
        }

        return labels;
    }

    private static ImageSet ReadImages(Stream stream, string name, byte[] labels, string labelsName)
    {
        using var reader = new IdxReader(stream, name);
        var header = IdxHeader.Read(reader, ImagesMagic, "images", "rows", "columns");
        if (header is { Type: IdxType.UnsignedByte, Shape.Length: 1 })
            throw Swapped(name, "a labels", "an images");
        if (header.Type != IdxType.UnsignedByte || ImageAxes.Of(header.Shape) is not { } axes)
            throw new IdxFormatException(
                name, 0, $"{header.KindText}; expected images: unsigned bytes in 3 dimensions, or in 4 with 1 or 3 channels.");
        (int count, int height, int width, int channels, _) = axes;
        string size = channels == 1 ? $"{height} x {width}" : $"{height} x {width} x {channels}";
        if (!ImageSet.IsSize(height, width, channels))
            throw new IdxFormatException(name, 8, $"images of {size} pixels; expected 1 to {ImageSet.MaxPixels} pixels. {FetchAgain}");
        if (count != labels.Length)
        {
            throw new IdxFormatException(name, 4,
                $"{count} images, but '{labelsName}' has {labels.Length} labels. The two files do not belong together; "
                    + "take both from the same data set and the same part of it.");
        }

        var builder = new ImageSetBuilder(height, width, channels);
        byte[] block = new byte[Math.Max(1, Math.Min(count, (1 << 16) / builder.Pixels)) * builder.Pixels];
        for (int done = 0; done < count;)
        {
            int images = Math.Min(count - done, block.Length / builder.Pixels);
            Span<byte> pixels = block.AsSpan(0, images * builder.Pixels);
            reader.ReadExactly(pixels, () => $"the header promises {count} images of {size} pixels");
            axes.PutChannelsLast(pixels);
            builder.AddImages(pixels, labels.AsSpan(done, images));
            done += images;
        }

        reader.ReadEnd(() => $"the {count} images that the header promises");
        return builder.ToImageSet();
    }

    private static IdxFormatException Swapped(string name, string found, string expected) =>
        new(name, 0, $"{found} file where {expected} file was expected. Were the two swapped?");
}
