using Lockstep.Model.Simd;

namespace Lockstep.Model.Kernels;

/// <summary>
/// The images of a batch in the form that the kernels of the input layer read, and these kernels. Both forms give the same bits. Memory
/// grows to the largest batch seen; after that nothing is allocated.
/// </summary>
internal abstract class InputBatch
{
    // Up to this many outputs, with padding, rows are the faster form.
    private const int FewOutputs = 16;

    /// <summary>
    /// The faster form for an input layer. Columns (the transposed images) pay off if the weights of a pixel pair, once loaded, serve much
    /// work per row. With 16 outputs they do not, and rows in their stored order are faster.
    /// </summary>
    /// <param name="pixels">Values of an image.</param>
    /// <param name="stride">Outputs of the layer, with padding.</param>
    public static InputBatch For(int pixels, int stride) =>
        stride == FewOutputs && pixels % 2 == 0 ? new PixelRows(pixels) : new PixelColumns(pixels);

    /// <summary>Rows of the batch.</summary>
    public abstract int Rows { get; }

    /// <summary>Loads the images of <paramref name="batch"/>.</summary>
    /// <exception cref="ArgumentException">The images do not have the layer's number of pixels.</exception>
    public abstract void Load(in PixelBatch batch);

    /// <summary>The sums of the layer, see <see cref="PixelForward"/>.</summary>
    public abstract void Forward(SimdWidth width, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride);

    /// <summary>The gradient of the layer's weights, see <see cref="PixelGradient"/>.</summary>
    public abstract void Gradient(SimdWidth width, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride);
}
