using Lockstep.Model.Data.Synthetic;

namespace Lockstep.Model.Data;

/// <summary>
/// The built-in data set: digits like MNIST's, drawn from strokes. 60,000 training and 10,000 test images of 28 x 28 pixels. Generated, not
/// stored, with equal bytes on every machine: each image is a function of its index alone, computed in integers and plain IEEE float32
/// arithmetic.
/// </summary>
public static class SyntheticDigits
{
    /// <summary>Name for people.</summary>
    public const string Name = "synthetic";

    /// <summary>Images of the training part.</summary>
    public const int TrainingCount = 60_000;

    /// <summary>Images of the test part.</summary>
    public const int TestCount = 10_000;

    private const ulong Seed = 0x4C6F636B73746570;
    private const int BlockImages = 500;

    /// <summary>Generates the data set on all processors; about a second of work for one.</summary>
    public static Dataset Create() => new(Name, CreateImages(0, TrainingCount), CreateImages(TrainingCount, TestCount));

    /// <summary>
    /// The images <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> - 1 of the unbounded sequence of digits.
    /// </summary>
    internal static ImageSet CreateImages(int first, int count)
    {
        var blocks = new ImageSetBuilder[(count + BlockImages - 1) / BlockImages];
        Parallel.For(0, blocks.Length, () => new DigitPen(), (block, _, pen) =>
        {
            int start = block * BlockImages;
            blocks[block] = CreateBlock(pen, first + start, Math.Min(BlockImages, count - start));
            return pen;
        }, _ => { });

        var all = new ImageSetBuilder(InkCanvas.Size, InkCanvas.Size);
        foreach (ImageSetBuilder block in blocks)
            all.AddImages(block);
        return all.ToImageSet();
    }

    private static ImageSetBuilder CreateBlock(DigitPen pen, int first, int count)
    {
        var builder = new ImageSetBuilder(InkCanvas.Size, InkCanvas.Size);
        byte[] pixels = new byte[builder.Pixels];
        for (int i = 0; i < count; i++)
        {
            var random = new ImageRandom((uint)(first + i), Seed);
            byte digit = (byte)random.Below(10);
            pen.Write(digit, ref random, pixels);
            builder.AddImages(pixels, [digit]);
        }

        return builder;
    }
}
