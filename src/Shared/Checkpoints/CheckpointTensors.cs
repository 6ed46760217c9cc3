using Lockstep.Model.Training;

namespace Lockstep.Shared.Checkpoints;

/// <summary>Between the flat, padded vector in which the model computes and the named tensors that a checkpoint holds.</summary>
public static class CheckpointTensors
{
    /// <summary>Copies every parameter out of a flat vector, in the order of the layout.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="flat">Weights or optimizer state, <see cref="ParameterLayout.Length"/> floats.</param>
    public static IReadOnlyList<NamedTensor> CopyFrom(ParameterLayout layout, ReadOnlySpan<float> flat)
    {
        ArgumentNullException.ThrowIfNull(layout);
        CheckLength(layout, flat.Length);
        var tensors = new NamedTensor[layout.Parameters.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Parameter parameter = layout.Parameters[i];
            float[] values = new float[parameter.Count];
            parameter.CopyOut(flat, values);
            tensors[i] = new NamedTensor(parameter.Name, parameter.Shape, values);
        }

        return tensors;
    }

    /// <summary>Copies tensors into a flat vector; the padding becomes zero.</summary>
    /// <param name="tensors">Every parameter of the layout, in any order.</param>
    /// <param name="layout">The model's layout.</param>
    /// <param name="flat">Weights or optimizer state, <see cref="ParameterLayout.Length"/> floats.</param>
    /// <exception cref="ArgumentException">The tensors are not those of the layout.</exception>
    public static void CopyTo(IReadOnlyList<NamedTensor> tensors, ParameterLayout layout, Span<float> flat)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(layout);
        CheckLength(layout, flat.Length);
        if (tensors.Count != layout.Parameters.Count)
            throw new ArgumentException($"{tensors.Count} tensors; the model has {layout.Parameters.Count} parameters.", nameof(tensors));
        Dictionary<string, NamedTensor> byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        flat.Clear();
        foreach (Parameter parameter in layout.Parameters)
        {
            if (!byName.TryGetValue(parameter.Name, out NamedTensor? tensor) || !tensor.Shape.SequenceEqual(parameter.Shape) || tensor.Values.Length != parameter.Count)
                throw new ArgumentException($"No tensor '{parameter.Name}' of shape [{string.Join(", ", parameter.Shape)}].", nameof(tensors));
            parameter.CopyIn(tensor.Values, flat);
        }
    }

    private static void CheckLength(ParameterLayout layout, int length)
    {
        if (length != layout.Length)
            throw new ArgumentException($"A flat vector of {length} floats; the layout has {layout.Length}.");
    }
}
