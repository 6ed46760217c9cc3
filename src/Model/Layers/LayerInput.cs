using Lockstep.Model.Kernels;

namespace Lockstep.Model.Layers;

/// <summary>
/// The input of a layer for a batch: the output of the layer below, or the examples. It implements the two products of a dense layer,
/// because some forms of examples have faster ones than dense floats.
/// </summary>
/// <param name="context">Shared by the layers of the network.</param>
internal abstract class LayerInput(LayerContext context)
{
    /// <summary>Rows of the batch: its examples.</summary>
    public abstract int Rows { get; }

    /// <summary>Floats of one row, with padding; a multiple of 16. 0 for maps.</summary>
    public abstract int Stride { get; }

    /// <summary>
    /// The values: [rows, stride], whose padding may be anything, or maps in blocks (<see cref="MapShape"/>), whose lanes without an
    /// example may be anything finite.
    /// </summary>
    public abstract ReadOnlySpan<float> Values { get; }

    /// <summary>Shared by the layers of the network.</summary>
    protected LayerContext Context { get; } = context;

    /// <summary>The sums of a dense layer, each in the order of its inputs: <c>z = biases + values · weights</c>.</summary>
    /// <param name="inputs">Values of a row to read, from the first on.</param>
    /// <param name="weights">[inputs, stride].</param>
    /// <param name="biases">[stride].</param>
    /// <param name="z">[rows, stride], overwritten.</param>
    /// <param name="stride">Units, with padding.</param>
    public virtual void Multiply(int inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> biases, Span<float> z, int stride) =>
        MatrixProduct.Run(
            Context.Width, Context.Panels, Rows, stride, new Strided(Values, Stride, 1), new Strided(weights, stride, 1), [0, inputs],
            biases, z, stride);

    /// <summary>The gradient of a dense layer's weights, added up shard by shard: <c>gradient = valuesᵀ · deltas</c>.</summary>
    /// <param name="inputs">Values of a row to read, from the first on.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="deltas">[rows, stride].</param>
    /// <param name="gradient">[inputs, stride], overwritten.</param>
    /// <param name="stride">Units, with padding.</param>
    public virtual void Gradient(int inputs, ReadOnlySpan<int> bounds, ReadOnlySpan<float> deltas, Span<float> gradient, int stride) =>
        MatrixProduct.Run(
            Context.Width, Context.Panels, inputs, stride, new Strided(Values, 1, Stride), new Strided(deltas, stride, 1), bounds, default,
            gradient, stride);
}
