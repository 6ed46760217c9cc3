using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch in the form in which the kernels of the input layer read them, and these kernels. Both forms give the same bits.
/// The memory grows to the largest batch seen; after that nothing is allocated.
/// </summary>
internal abstract class InputBatch
{
    // Outputs, with padding, for which rows are the faster form.
    private const int FewOutputs = 16;

    /// <summary>
    /// The form that is the faster for an input layer. Columns, which are the transposed images, pay where a pair of pixels, once its weights are
    /// loaded, has much to do for each row: with 16 outputs it has not, and rows as they come are quicker.
    /// </summary>
    /// <param name="pixels">Values of an image.</param>
    /// <param name="stride">Outputs of the layer, with padding.</param>
    public static InputBatch For(int pixels, int stride) =>
        stride == FewOutputs && pixels % 2 == 0 ? new PixelRows(pixels) : new PixelColumns(pixels);

    /// <summary>Rows of the batch.</summary>
    public abstract int Rows { get; }

    /// <summary>Takes the images of <paramref name="batch"/>.</summary>
    /// <exception cref="ArgumentException">They have not as many pixels as the layer takes.</exception>
    public abstract void Load(in PixelBatch batch);

    /// <summary>The sums of the layer: see <see cref="PixelForward"/>.</summary>
    public abstract void Forward(SimdWidth width, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride);

    /// <summary>The gradient of the layer's weights: see <see cref="PixelGradient"/>.</summary>
    public abstract void Gradient(SimdWidth width, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride);
}
