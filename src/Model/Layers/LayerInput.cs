using Lockstep.Model.Kernels;

namespace Lockstep.Model.Layers;

/// <summary>
/// What a layer reads of a batch: the output of the layer below, or the examples themselves. It has the two products of a dense layer, because
/// examples may be in a form that has quicker ones than the floats.
/// </summary>
/// <param name="context">What the network shares.</param>
internal abstract class LayerInput(LayerContext context)
{
    /// <summary>Rows of the batch: its examples.</summary>
    public abstract int Rows { get; }

    /// <summary>Floats of one row, with padding; a multiple of 16.</summary>
    public abstract int Stride { get; }

    /// <summary>The values: [rows, stride]. Their padding may be anything.</summary>
    public abstract ReadOnlySpan<float> Values { get; }

    /// <summary>What the network shares.</summary>
    protected LayerContext Context { get; } = context;

    /// <summary>The sums of a dense layer, each in the order of its inputs: <c>z = biases + values · weights</c>.</summary>
    /// <param name="inputs">Values of a row that are read: the first ones.</param>
    /// <param name="weights">[inputs, stride].</param>
    /// <param name="biases">[stride].</param>
    /// <param name="z">[rows, stride], written.</param>
    /// <param name="stride">Units, with padding.</param>
    public virtual void Multiply(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride) =>
        MatrixProduct.Run(
            Context.Width, Context.Panels, Rows, stride, new Strided(Values, Stride, 1), new Strided(weights, stride, 1), [0, inputs], biases, z, stride);

    /// <summary>The gradient of a dense layer's weights, added up shard by shard: <c>gradient = valuesᵀ · deltas</c>.</summary>
    /// <param name="inputs">Values of a row that are read: the first ones.</param>
    /// <param name="bounds">First row of every shard, and the end of the last.</param>
    /// <param name="deltas">[rows, stride].</param>
    /// <param name="gradient">[inputs, stride], written.</param>
    /// <param name="stride">Units, with padding.</param>
    public virtual void Gradient(int inputs, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        MatrixProduct.Run(
            Context.Width, Context.Panels, inputs, stride, new Strided(Values, 1, Stride), new Strided(deltas, stride, 1), bounds, default, gradient, stride);
}
