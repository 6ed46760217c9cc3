using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// The computation of one layer, and its memory. One per layer and thread. Memory grows to the largest batch seen; after that nothing is
/// allocated.
/// <para>
/// A step calls <see cref="Begin"/>, <see cref="Prepare"/>, <see cref="Forward"/> and <see cref="Backward"/>, in this order. Sums over
/// examples are formed shard by shard and along the tree, so a node gives the bits of its children's sum. Statistics over examples in the
/// forward pass are per shard.
/// </para>
/// </summary>
internal abstract class Layer
{
    private readonly LayerOutput _output;
    private AlignedBuffer _deltas = new(0);

    /// <summary>A layer.</summary>
    /// <param name="spec">The layer.</param>
    /// <param name="context">Shared by the layers of the network.</param>
    protected Layer(LayerSpec spec, LayerContext context)
    {
        Context = context;
        _output = new LayerOutput(spec.OutputShape, context);
    }

    /// <summary>Creates the computation of a layer. New kinds are added here and in <see cref="LayerKind.All"/>.</summary>
    /// <param name="parameters">The layer and the positions of its parameters.</param>
    /// <param name="index">Its index in the model, from 0: part of the key of its random numbers.</param>
    /// <param name="context">Shared by the layers of the network.</param>
    public static Layer Of(LayerParameters parameters, int index, LayerContext context) => parameters.Spec switch
    {
        DenseSpec dense => new DenseLayer(dense, parameters.Parameters, index, context),
        ConvolutionSpec convolution => new ConvolutionLayer(convolution, parameters.Parameters, context),
        PoolingSpec pooling => new PoolingLayer(pooling, context),
        FlattenSpec flatten => new FlattenLayer(flatten, context),
        BatchNormSpec norm => new BatchNormLayer(norm, parameters.Parameters, index, context),
        LayerNormSpec norm => new LayerNormLayer(norm, parameters.Parameters, index, context),
        _ => throw new NotSupportedException($"No computation is known for layers of the kind '{parameters.Spec.Kind.Name}'."),
    };

    /// <summary>The input of the layer above, after <see cref="Forward"/>.</summary>
    public LayerInput Output => _output;

    /// <summary>Rows of the batch.</summary>
    protected int Rows => _output.Rows;

    /// <summary>Stride of the output: floats of a row, with padding.</summary>
    protected int Stride => _output.Stride;

    /// <summary>Shared by the layers of the network.</summary>
    protected LayerContext Context { get; }

    /// <summary>
    /// The output, [rows, stride] or maps in blocks, written by <see cref="Forward"/>. The loss converts that of the last layer to deltas
    /// in place, so <see cref="Backward"/> must not need it.
    /// </summary>
    public Span<float> Values => _output.Writable;

    /// <summary>
    /// Memory for the gradient of the output, in the form of <see cref="Values"/>. The layer above writes every float; the padding of rows
    /// may be anything, lanes of maps without an example are zero.
    /// </summary>
    public Span<float> Deltas => AlignedBuffer.Grown(ref _deltas, _output.Floats);

    /// <summary>Prepares for a batch of <paramref name="rows"/> rows.</summary>
    public virtual void Begin(int rows) => _output.Begin(rows);

    /// <summary>Computes what does not depend on weights or examples, such as dropout masks, for a training step.</summary>
    public virtual void Prepare(in BatchRows rows)
    {
    }

    /// <summary>Computes the output.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="below">The layer's input.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="isTraining">Whether to apply dropout and to use the statistics of the batch.</param>
    public abstract void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining);

    /// <summary>
    /// Computes the gradients of the layer's trained parameters and, if requested, of its input. Requires <see cref="Forward"/> in training
    /// mode.
    /// </summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="below">The layer's input.</param>
    /// <param name="bounds">First row of each shard, and the end of the last.</param>
    /// <param name="deltas">The gradient of the output, in the form of <see cref="Values"/>; may be overwritten.</param>
    /// <param name="gradient">The trainable part of the flat vector. Writes the layer's parameters: padding zero, no value -0.</param>
    /// <param name="deltasBelow">Receives the gradient of the layer's input; empty if it is not needed.</param>
    public abstract void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow);
}
