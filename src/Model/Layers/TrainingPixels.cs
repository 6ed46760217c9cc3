using Lockstep.Model.Data;
using Lockstep.Model.Kernels;

namespace Lockstep.Model.Layers;

/// <summary>The images of a batch as the first layer reads them: in a training step augmented, then thinned by dropout.</summary>
internal sealed class TrainingPixels
{
    private readonly AugmentedImages? _augmented;
    private readonly PixelDropout? _dropout;

    /// <summary>For the batches of a set.</summary>
    /// <param name="images">The set.</param>
    /// <param name="training">What training does to it.</param>
    /// <param name="context">Shared by the layers of the network.</param>
    public TrainingPixels(ImageSet images, InputTraining training, LayerContext context)
    {
        if (training.Augmentation is { } augmentation)
            _augmented = new AugmentedImages(images, augmentation, context.Seed);
        if (training.KeepProb < 1.0)
            _dropout = new PixelDropout(images.Pixels, training.KeepProb, context.Seed, context.Width);
    }

    /// <summary>A batch; valid until the next call.</summary>
    /// <param name="images">The set.</param>
    /// <param name="indices">The image of each row.</param>
    /// <param name="rows">The rows of a training step; null for evaluation.</param>
    public PixelBatch Batch(ImageSet images, ReadOnlySpan<int> indices, in BatchRows? rows)
    {
        if (rows is not { } step)
            return new PixelBatch(images, indices);
        PixelBatch batch = _augmented is null ? new PixelBatch(images, indices) : _augmented.Of(images, indices, step.Epoch);
        return _dropout is null ? batch : _dropout.Thin(batch, step.Step, step.FirstPosition);
    }
}
