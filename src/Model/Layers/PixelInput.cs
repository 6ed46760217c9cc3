using Lockstep.Model.Data;
using Lockstep.Model.Kernels;

namespace Lockstep.Model.Layers;

/// <summary>Byte images below a dense layer. The pixel kernels read them in sparse form, so there are no float values.</summary>
/// <param name="pixels">Pixels of an image.</param>
/// <param name="stride">Units of the layer, with padding.</param>
/// <param name="training">Makes the batches.</param>
/// <param name="context">Shared by the layers of the network.</param>
internal sealed class PixelInput(int pixels, int stride, TrainingPixels training, LayerContext context) : ExampleInput(context)
{
    private readonly InputBatch _batch = InputBatch.For(pixels, stride);

    public override int Rows => _batch.Rows;

    public override int Stride => Memory.RowPadding.Pad(pixels);

    /// <exception cref="NotSupportedException">Always: a layer that reads floats needs another form of the images.</exception>
    public override ReadOnlySpan<float> Values => throw new NotSupportedException("Images below a dense layer are not unpacked to floats.");

    public override bool Reads(Examples examples) => examples is ImageSet;

    public override void Load(Examples examples, ReadOnlySpan<int> indices, in BatchRows? rows) =>
        _batch.Load(training.Batch((ImageSet)examples, indices, rows));

    public override void Multiply(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride) =>
        _batch.Forward(Context.Width, weights, biases, z, stride);

    public override void Gradient(int inputs, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        _batch.Gradient(Context.Width, bounds, deltas, gradient, stride);
}
