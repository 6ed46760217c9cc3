using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// The computation of one layer, and the memory that it needs. One per layer and thread. The memory grows to the largest batch seen; after that
/// nothing is allocated.
/// <para>
/// A step calls <see cref="Begin"/>, <see cref="Prepare"/>, <see cref="Forward"/> and <see cref="Backward"/>, in this order. Sums over examples go
/// shard by shard and along the tree, so that a node gives the bits of its children added up; statistics over examples, forward, are those of a shard.
/// </para>
/// </summary>
internal abstract class Layer
{
    private readonly LayerOutput _output;
    private AlignedBuffer _deltas = new(0);

    /// <summary>A layer.</summary>
    /// <param name="spec">The layer.</param>
    /// <param name="context">What the network shares.</param>
    protected Layer(LayerSpec spec, LayerContext context)
    {
        Context = context;
        _output = new LayerOutput(spec.OutputShape, context);
    }

    /// <summary>The computation of a layer. Kinds are listed here and in <see cref="LayerKind.All"/>.</summary>
    /// <param name="parameters">The layer and where its parameters lie.</param>
    /// <param name="index">Its place in the model, from 0: part of the key of its random numbers.</param>
    /// <param name="context">What the network shares.</param>
    public static Layer Of(LayerParameters parameters, int index, LayerContext context) => parameters.Spec switch
    {
        DenseSpec dense => new DenseLayer(dense, parameters.Parameters, index, context),
        _ => throw new NotSupportedException($"No computation is known for layers of the kind '{parameters.Spec.Kind.Name}'."),
    };

    /// <summary>What the layer above reads, after <see cref="Forward"/>.</summary>
    public LayerInput Output => _output;

    /// <summary>Rows of the batch.</summary>
    protected int Rows => _output.Rows;

    /// <summary>Floats of a row of the output, with padding.</summary>
    protected int Stride => _output.Stride;

    /// <summary>What the network shares.</summary>
    protected LayerContext Context { get; }

    /// <summary>
    /// The output, [rows, stride], to be written by <see cref="Forward"/>. That of the last layer is turned into deltas in place: it must not be
    /// needed for <see cref="Backward"/>.
    /// </summary>
    public Span<float> Values => _output.Writable;

    /// <summary>Room for the gradient of the output, [rows, stride], of which the layer above writes every float. Its padding may be anything.</summary>
    public Span<float> Deltas => AlignedBuffer.Grown(ref _deltas, Rows * Stride);

    /// <summary>A batch of so many rows comes next.</summary>
    public virtual void Begin(int rows) => _output.Begin(rows);

    /// <summary>Does what does not depend on weights or examples, such as dropout masks, for a training step.</summary>
    public virtual void Prepare(in BatchRows rows)
    {
    }

    /// <summary>Computes the output.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="below">What the layer reads.</param>
    /// <param name="bounds">First row of every shard, and the end of the last.</param>
    /// <param name="isTraining">Whether dropout drops and statistics are those of the batch.</param>
    public abstract void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining);

    /// <summary>Computes the gradients of the layer's trained parameters, and, where asked, of what it reads; after <see cref="Forward"/> in training.</summary>
    /// <param name="weights">The flat vector of parameters.</param>
    /// <param name="below">What the layer has read.</param>
    /// <param name="bounds">First row of every shard, and the end of the last.</param>
    /// <param name="deltas">The gradient of the output, [rows, stride]; may be overwritten.</param>
    /// <param name="gradient">The trainable part of the flat vector: the parameters' parts are written, padding zero, no value -0.</param>
    /// <param name="deltasBelow">Written: the gradient of what the layer has read, as long as it; empty where it is not needed.</param>
    public abstract void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient, Span<float> deltasBelow);
}
