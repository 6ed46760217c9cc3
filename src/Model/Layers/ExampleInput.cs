using Lockstep.Model.Data;
using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>The examples of a batch in the form that the first layer reads, with augmentation and input dropout.</summary>
/// <param name="context">Shared by the layers of the network.</param>
internal abstract class ExampleInput(LayerContext context) : LayerInput(context)
{
    /// <summary>
    /// The form for a set of examples and the layer that reads it. New kinds of examples are added here and in <see cref="Examples"/>.
    /// </summary>
    /// <param name="examples">A set of the kind.</param>
    /// <param name="first">The layer.</param>
    /// <param name="training">What training does to the examples.</param>
    /// <param name="context">Shared by the layers of the network.</param>
    public static ExampleInput Of(Examples examples, LayerSpec first, InputTraining training, LayerContext context) =>
        (examples, first) switch
        {
            (ImageSet images, DenseSpec dense) => new PixelInput(
                images.Pixels, RowPadding.Pad(dense.Units), new TrainingPixels(images, training, context), context),
            (FeatureSet features, DenseSpec dense) when SparseFeatureInput.Suits(features, dense) =>
                new SparseFeatureInput(features.Features, training.KeepProb, context),
            (ImageSet images, { InputShape.IsFlat: false }) => new ImageMaps(
                MapShape.Of(first.InputShape), new TrainingPixels(images, training, context), context),
            (FeatureSet features, _) => new FeatureInput(features.Features, training.KeepProb, context),
            _ => throw new NotSupportedException($"{examples.KindName} cannot be the input of a layer of the kind '{first.Kind.Name}'."),
        };

    /// <summary>Whether this form can read these examples.</summary>
    public abstract bool Reads(Examples examples);

    /// <summary>Loads examples, one per row.</summary>
    /// <param name="examples">A set that it <see cref="Reads"/>.</param>
    /// <param name="indices">The example of each row.</param>
    /// <param name="rows">The rows of a training step, for augmentation and dropout; null for evaluation.</param>
    public abstract void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows);
}
