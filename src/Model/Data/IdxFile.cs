namespace Lockstep.Model.Data;

/// <summary>
/// Reads data sets in the IDX format of MNIST (http://yann.lecun.com/exdb/mnist): big-endian int32 magic number and dimensions, then bytes.
/// Detects gzip by content, not by name. Treats files as hostile: memory grows with the actual content, not with what a header claims.
/// </summary>
public static class IdxFile
{
    /// <summary>First four bytes of an images file: unsigned bytes in three dimensions (images, rows, columns).</summary>
    public const int ImagesMagic = 0x00000803;

    /// <summary>First four bytes of a labels file: unsigned bytes in one dimension.</summary>
    public const int LabelsMagic = 0x00000801;

    /// <summary>Maximum decompressed content in bytes: five times MNIST, and more than any data set of its kind.</summary>
    public const int MaxContentBytes = 256 << 20;

    private const string FetchAgain = "Fetch the file again.";

    /// <summary>Reads labelled images.</summary>
    /// <param name="images">The images file, raw or gzip; seekable, read from its position to its end.</param>
    /// <param name="imagesName">Name of the images file, for messages.</param>
    /// <param name="labels">The labels file, raw or gzip; seekable, read from its position to its end.</param>
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

    private static byte[] ReadLabels(Stream stream, string name)
    {
        using var reader = new IdxReader(stream, name);
        ReadMagic(reader, LabelsMagic);
        int count = reader.ReadInt32("the number of labels");
        if (count is < 1 or > MaxContentBytes)
            throw new IdxFormatException(name, 4, $"{count} labels; expected 1 to {MaxContentBytes}. {FetchAgain}");

        // Grows by doubling, so a header that lies about the count costs no memory.
        byte[] labels = new byte[Math.Min(count, 1 << 16)];
        int length = 0;
        while (true)
        {
            reader.ReadExactly(labels.AsSpan(length), () => $"the header promises {count} labels");
            length = labels.Length;
            if (length == count)
                break;
            Array.Resize(ref labels, (int)Math.Min(count, 2L * length));
        }

        reader.ReadEnd(() => $"the {count} labels that the header promises");
        return labels;
    }

    private static ImageSet ReadImages(Stream stream, string name, byte[] labels, string labelsName)
    {
        using var reader = new IdxReader(stream, name);
        ReadMagic(reader, ImagesMagic);
        int count = reader.ReadInt32("the number of images");
        int height = reader.ReadInt32("the number of rows");
        int width = reader.ReadInt32("the number of columns");
        if (height < 1 || width < 1 || (long)height * width > ImageSet.MaxPixels)
            throw new IdxFormatException(
                name, 8, $"images of {height} x {width} pixels; expected 1 to {ImageSet.MaxPixels} pixels. {FetchAgain}");
        if (count < 1 || (long)count * height * width > MaxContentBytes)
            throw new IdxFormatException(
                name, 4,
                $"{count} images of {height} x {width} pixels; expected at least one image and at most {MaxContentBytes} bytes in all. "
                    + $"{FetchAgain}");
        if (count != labels.Length)
        {
            throw new IdxFormatException(name, 4,
                $"{count} images, but '{labelsName}' has {labels.Length} labels. The two files do not belong together; "
                    + "take both from the same data set and the same part of it.");
        }

        var builder = new ImageSetBuilder(height, width);
        byte[] block = new byte[Math.Max(1, Math.Min(count, (1 << 16) / builder.Pixels)) * builder.Pixels];
        for (int done = 0; done < count;)
        {
            int images = Math.Min(count - done, block.Length / builder.Pixels);
            Span<byte> pixels = block.AsSpan(0, images * builder.Pixels);
            reader.ReadExactly(pixels, () => $"the header promises {count} images of {height} x {width} pixels");
            builder.AddImages(pixels, labels.AsSpan(done, images));
            done += images;
        }

        reader.ReadEnd(() => $"the {count} images that the header promises");
        return builder.ToImageSet();
    }

    private static void ReadMagic(IdxReader reader, int expected)
    {
        int magic = reader.ReadInt32("the magic number");
        if (magic == expected)
            return;
        (string what, string other) = expected == ImagesMagic ? ("images", "labels") : ("labels", "images");
        throw new IdxFormatException(reader.FileName, 0, magic is ImagesMagic or LabelsMagic
            ? $"{Article(other)} {other} file where {Article(what)} {what} file was expected. Were the two swapped?"
            : $"magic number 0x{magic:x8}; expected 0x{expected:x8}. This is not an IDX {what} file. {FetchAgain}");
    }

    private static string Article(string kind) => kind == "images" ? "an" : "a";
}
