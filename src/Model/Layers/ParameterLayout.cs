using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>A named parameter and where it lies in the flat vector of all parameters.</summary>
/// <param name="Spec">Name and training.</param>
/// <param name="Shape">Canonical shape: [in, out] for weights, [out] for biases.</param>
/// <param name="Offset">Index of the first value in the flat vector; a multiple of 16.</param>
/// <param name="Rows">Rows in memory: in for weights, 1 for biases.</param>
/// <param name="Columns">Values of one row: out.</param>
/// <param name="Stride">Distance of two rows: <paramref name="Columns"/> rounded up to 16. What lies between is always zero.</param>
/// <param name="IsWeights">Whether it is a weight matrix, to which the run's L2 applies.</param>
public sealed record Parameter(ParameterSpec Spec, IReadOnlyList<int> Shape, int Offset, int Rows, int Columns, int Stride, bool IsWeights)
{
    /// <summary>Such as <c>layer0/weights</c>.</summary>
    public string Name => Spec.Name;

    /// <summary>Whether it has a gradient.</summary>
    public bool IsTrainable => Spec.IsTrainable;

    /// <summary>Number of values, without padding.</summary>
    public int Count => Rows * Columns;

    /// <summary>Floats in the flat vector, with padding.</summary>
    public int PaddedCount => Rows * Stride;

    /// <summary>Copies the values without padding, row-major, from the flat vector.</summary>
    public void CopyOut(ReadOnlySpan<float> flat, Span<float> values)
    {
        for (int row = 0; row < Rows; row++)
            flat.Slice(Offset + row * Stride, Columns).CopyTo(values[(row * Columns)..]);
    }

    /// <summary>Copies values without padding, row-major, into the flat vector.</summary>
    public void CopyIn(ReadOnlySpan<float> values, Span<float> flat)
    {
        for (int row = 0; row < Rows; row++)
            values.Slice(row * Columns, Columns).CopyTo(flat[(Offset + row * Stride)..]);
    }
}

/// <summary>The parameters of one layer.</summary>
public sealed record LayerParameters(LayerSpec Spec, Parameter Weights, Parameter Biases);

/// <summary>
/// All parameters of a model in one flat vector of float32: weights, then biases, layer by layer; first those that are trained, then the
/// frozen ones. Every row is padded with zeros to 16 floats (64 bytes), so kernels have neither tails nor masks, whatever the vector width.
/// Gradients, optimizer state and the frames of the tensor stream are the part that is trained.
/// </summary>
public sealed class ParameterLayout
{
    /// <summary>Lays out the parameters of <paramref name="model"/>.</summary>
    public ParameterLayout(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var weights = new Parameter[model.Layers.Count];
        var biases = new Parameter[model.Layers.Count];
        var parameters = new List<Parameter>();
        int offset = 0;
        foreach (bool trainable in new[] { true, false })
        {
            for (int i = 0; i < model.Layers.Count; i++)
            {
                LayerSpec layer = model.Layers[i];
                if (layer.Weights.IsTrainable == trainable)
                    weights[i] = Add(new Parameter(layer.Weights, [layer.Inputs, layer.Units], offset, layer.Inputs, layer.Units, RowPadding.Pad(layer.Units), true));
                if (layer.Biases.IsTrainable == trainable)
                    biases[i] = Add(new Parameter(layer.Biases, [layer.Units], offset, 1, layer.Units, RowPadding.Pad(layer.Units), false));
            }

            if (trainable)
                TrainableLength = offset;
        }

        Layers = [.. model.Layers.Select((layer, i) => new LayerParameters(layer, weights[i], biases[i]))];
        Parameters = parameters;
        ByLayer = [.. Layers.SelectMany(layer => new[] { layer.Weights, layer.Biases })];
        Length = offset;

        Parameter Add(Parameter parameter)
        {
            offset = checked(offset + parameter.PaddedCount);
            parameters.Add(parameter);
            return parameter;
        }
    }

    /// <summary>Per layer, from the input up.</summary>
    public IReadOnlyList<LayerParameters> Layers { get; }

    /// <summary>In the order of the flat vector: the trainable ones come first.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Layer by layer, weights before biases: the order in which files and people list them.</summary>
    public IReadOnlyList<Parameter> ByLayer { get; }

    /// <summary>Those that are trained, in the order of the flat vector.</summary>
    public IEnumerable<Parameter> Trainable => Parameters.Where(parameter => parameter.IsTrainable);

    /// <summary>Floats of the flat vector, with padding; a multiple of 16.</summary>
    public int Length { get; }

    /// <summary>Floats of its first part, which is trained: the length of gradients and optimizer state; a multiple of 16.</summary>
    public int TrainableLength { get; }

    /// <summary>Number of parameters without padding.</summary>
    public long Count => Parameters.Sum(parameter => (long)parameter.Count);
}
