using System.Buffers.Binary;

namespace Lockstep.Cli.Tests;

/// <summary>
/// The four files of a very small MNIST: 24 training and 6 test images of 28 x 28 pixels, in two classes that a line tells apart.
/// </summary>
internal static class TinyImages
{
    public const int TrainingImages = 24;
    public const int TestImages = 6;

    /// <summary>Writes the files.</summary>
    public static string Write(TemporaryFolder folder)
    {
        Write(folder, "train", TrainingImages);
        Write(folder, "t10k", TestImages);
        return folder.Path;
    }

    private static void Write(TemporaryFolder folder, string part, int count)
    {
        byte[] images = new byte[16 + count * 784];
        byte[] labels = new byte[8 + count];
        foreach ((byte[] file, int[] header) in new[] { (images, new[] { 0x803, count, 28, 28 }), (labels, [0x801, count]) })
        {
            for (int i = 0; i < header.Length; i++)
                BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 * i), header[i]);
        }

        for (int image = 0; image < count; image++)
        {
            int label = image % 2;
            labels[8 + image] = (byte)label;
            images.AsSpan(16 + image * 784 + label * 392, 100 + image).Fill(200);
        }

        File.WriteAllBytes(folder.File($"{part}-images-idx3-ubyte"), images);
        File.WriteAllBytes(folder.File($"{part}-labels-idx1-ubyte"), labels);
    }
}
