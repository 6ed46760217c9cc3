using Lockstep.Model.Memory;
using Lockstep.Model.Specs;

namespace Lockstep.Model.Layers;

/// <summary>A named parameter and its position in the flat vector of all parameters.</summary>
/// <param name="Definition">Its definition in its layer.</param>
/// <param name="Offset">Index of the first value in the flat vector; a multiple of 16.</param>
public sealed record Parameter(LayerParameter Definition, int Offset)
{
    /// <summary>Name, initialiser and training settings.</summary>
    public ParameterSpec Spec => Definition.Spec;

    /// <summary>Such as <c>layer0/weights</c>.</summary>
    public string Name => Spec.Name;

    /// <summary>Whether it has a gradient.</summary>
    public bool IsTrainable => Spec.IsTrainable;

    /// <summary>Whether the run's L2 applies to it.</summary>
    public bool IsWeights => Definition.IsWeights;

    /// <summary>Whether it is a running average (see <see cref="LayerParameter.Momentum"/>).</summary>
    public bool IsStatistic => Definition.IsStatistic;

    /// <summary>Canonical shape: [in, out] for the weights of a dense layer, [out] for its biases.</summary>
    public IReadOnlyList<int> Shape => Definition.Shape.Dimensions;

    /// <summary>Rows in memory: all dimensions but the last.</summary>
    public int Rows { get; } = (int)Definition.Shape.Rows;

    /// <summary>Values of one row: the last dimension.</summary>
    public int Columns { get; } = Definition.Shape.Columns;

    /// <summary>Distance of two rows: <see cref="Columns"/> rounded up to 16. The padding is always zero.</summary>
    public int Stride { get; } = RowPadding.Pad(Definition.Shape.Columns);

    /// <summary>Number of values, without padding.</summary>
    public int Count => Rows * Columns;

    /// <summary>Floats in the flat vector, with padding.</summary>
    public int PaddedCount => checked(Rows * Stride);

    /// <summary>Its floats in the flat vector, with padding.</summary>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> flat) => flat.Slice(Offset, PaddedCount);

    /// <summary>Its floats in the flat vector, with padding.</summary>
    public Span<float> Of(Span<float> flat) => flat.Slice(Offset, PaddedCount);

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

/// <summary>A layer and its parameters.</summary>
/// <param name="Spec">The layer.</param>
/// <param name="Parameters">In the layer's order: weights, then biases for a dense layer.</param>
public sealed record LayerParameters(LayerSpec Spec, IReadOnlyList<Parameter> Parameters);

/// <summary>
/// The layout of all parameters of a model in one flat vector of float32, layer by layer, in each layer's order: first the trained ones,
/// those that the optimizer trains and then running averages, then the frozen ones. Every row is padded with zeros to 16 floats (64 bytes),
/// so kernels have neither tails nor masks at any vector width. Gradients, optimizer state and frames of the tensor stream have the layout
/// of the trained part.
/// </summary>
public sealed class ParameterLayout
{
    /// <summary>Lays out the parameters of <paramref name="model"/>.</summary>
    public ParameterLayout(ModelSpec model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var byLayer = model.Layers.Select(layer => new Parameter[layer.Parameters.Count]).ToArray();
        var parameters = new List<Parameter>();
        int offset = 0;
        foreach (int part in new[] { 0, 1, 2 })
        {
            for (int i = 0; i < byLayer.Length; i++)
            {
                IReadOnlyList<LayerParameter> definitions = model.Layers[i].Parameters;
                for (int p = 0; p < definitions.Count; p++)
                {
                    if (PartOf(definitions[p]) != part)
                        continue;
                    var parameter = new Parameter(definitions[p], offset);
                    offset = checked(offset + parameter.PaddedCount);
                    byLayer[i][p] = parameter;
                    parameters.Add(parameter);
                }
            }

            if (part == 0)
                GradientLength = offset;
            if (part == 1)
                TrainableLength = offset;
        }

        Layers = [.. model.Layers.Select((layer, i) => new LayerParameters(layer, byLayer[i]))];
        Parameters = parameters;
        ByLayer = [.. byLayer.SelectMany(layer => layer)];
        Length = offset;
    }

    /// <summary>Per layer, from the input up.</summary>
    public IReadOnlyList<LayerParameters> Layers { get; }

    /// <summary>In the order of the flat vector: the trainable ones come first.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Layer by layer, in each layer's order: the order in files and messages.</summary>
    public IReadOnlyList<Parameter> ByLayer { get; }

    /// <summary>The trained ones, in the order of the flat vector.</summary>
    public IEnumerable<Parameter> Trainable => Parameters.Where(parameter => parameter.IsTrainable);

    /// <summary>Floats of the flat vector, with padding; a multiple of 16.</summary>
    public int Length { get; }

    /// <summary>Floats of the first part, which the optimizer trains: without running averages; a multiple of 16.</summary>
    public int GradientLength { get; }

    /// <summary>
    /// Floats of the trained first part, with running averages: the length of gradients and optimizer slots; a multiple of 16.
    /// </summary>
    public int TrainableLength { get; }

    /// <summary>Number of parameters without padding.</summary>
    public long Count => Parameters.Sum(parameter => (long)parameter.Count);

    // What the optimizer trains, running averages, what is frozen.
    private static int PartOf(LayerParameter parameter) => !parameter.Spec.IsTrainable ? 2 : parameter.IsStatistic ? 1 : 0;
}
