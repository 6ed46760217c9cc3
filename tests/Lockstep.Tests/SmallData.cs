using Lockstep.Model.Data;
using Lockstep.Training;

namespace Lockstep.Tests;

/// <summary>
/// Images small enough to train on in milliseconds: 8 x 8 pixels, a bar at a place of its own for each of 4 classes, under noise.
/// </summary>
internal static class SmallData
{
    public static Dataset Data { get; } = Create(seed: 1);

    /// <summary>Another one of the same form.</summary>
    public static Dataset Other { get; } = Create(seed: 2);

    /// <summary>A short run: 500 training images, 16 steps an epoch.</summary>
    public static TrainerOptions Options { get; } = new() { BatchSize = 32, Epochs = 3, TrainingExamples = 500, LearningRate = 0.05 };

    private static Dataset Create(int seed)
    {
        var random = new Random(seed);
        return new Dataset("bars", Images(random, 600), Images(random, 100));
    }

    private static ImageSet Images(Random random, int count)
    {
        byte[] pixels = new byte[count * 64], labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = (byte)random.Next(4);
            for (int p = 0; p < 64; p++)
            {
                bool bar = p / 16 == labels[i];
                if (random.Next(100) < (bar ? 70 : 15))
                    pixels[i * 64 + p] = (byte)random.Next(1, 256);
            }
        }

        return ImageSet.FromDense(pixels, labels, 8, 8);
    }
}
