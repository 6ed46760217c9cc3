using Lockstep.Model.Kernels;
using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>
/// A fully connected layer with activation and dropout, which are applied while the sums are in the cache.
/// <code>
/// forward:   z[e, j] = biases[j] + Σ x[e, i] · weights[i, j]          a = dropout(activation(z))
/// backward:  dz = gradient of a through dropout and activation        dx[e, i] = Σ dz[e, j] · weights[i, j]
///            dweights[i, j] = Σ over rows x[e, i] · dz[e, j]          dbiases[j] = Σ over rows dz[e, j]
/// x: [rows, inputs]   z, a: [rows, units]   weights: [inputs, units]
/// </code>
/// </summary>
internal sealed class DenseLayer(DenseSpec spec, IReadOnlyList<Parameter> parameters, int index, LayerContext context)
    : Layer(spec, context)
{
    private static readonly float[] One = [1f];

    private readonly Parameter _weights = parameters[0];
    private readonly Parameter _biases = parameters[1];
    private readonly LayerActivation _activation = new(
        spec.Activation, context, spec.KeepProb, RowPadding.Pad(spec.Units), index);

    /// <summary>Dropout mask, [rows, stride]: all bits set for kept units. Empty for a layer without dropout.</summary>
    public Span<uint> Mask => _activation.Mask(Rows);

    public override void Prepare(in BatchRows rows) => _activation.Prepare(rows);

    public override void Forward(ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, bool isTraining)
    {
        below.Multiply(_weights.Rows, _weights.Of(weights), _biases.Of(weights), Values, Stride);
        _activation.Forward(Values, Rows, isTraining);
    }

    public override void Backward(
        ReadOnlySpan<float> weights, LayerInput below, ReadOnlySpan<int> bounds, Span<float> deltas, Span<float> gradient,
        Span<float> deltasBelow)
    {
        _activation.Backward(deltas, Values, Rows);

        // The gradients' padding is a sum of products with zero: zero too, but NaN if a delta is infinite.
        for (int row = 0; row < Rows && spec.Units < Stride; row++)
            deltas[(row * Stride + spec.Units)..((row + 1) * Stride)].Clear();
        if (_biases.IsTrainable)
        {
            MatrixProduct.Run(
                Context.Width, Context.Panels, 1, Stride, new Strided(One, 0, 0), new Strided(deltas, Stride, 1), bounds, default,
                _biases.Of(gradient), Stride);
        }

        if (_weights.IsTrainable)
            below.Gradient(_weights.Rows, bounds, deltas, _weights.Of(gradient), Stride);
        if (deltasBelow.IsEmpty)
            return;
        var transposed = new Strided(_weights.Of(weights), 1, Stride);
        MatrixProduct.Run(
            Context.Width, Context.Panels, Rows, _weights.Rows, new Strided(deltas, Stride, 1), transposed, [0, spec.Units], default,
            deltasBelow, below.Stride);
    }
}
