using Lockstep.Model.Layers;

namespace Lockstep.Shared.Checkpoints;

/// <summary>Converts between the flat, padded vector of the model and the named tensors of a checkpoint.</summary>
public static class CheckpointTensors
{
    /// <summary>Copies every parameter out of a flat vector, layer by layer.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="flat">The weights, or the optimizer state of the trainable part.</param>
    public static IReadOnlyList<NamedTensor> CopyFrom(ParameterLayout layout, ReadOnlySpan<float> flat)
    {
        ArgumentNullException.ThrowIfNull(layout);
        IReadOnlyList<Parameter> parameters = ParametersOf(layout, flat.Length);
        var tensors = new NamedTensor[parameters.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Parameter parameter = parameters[i];
            float[] values = new float[parameter.Count];
            parameter.CopyOut(flat, values);
            tensors[i] = new NamedTensor(parameter.Name, parameter.Shape, values);
        }

        return tensors;
    }

    /// <summary>Copies the state of an optimizer out of its flat vector.</summary>
    /// <param name="layout">The model's layout.</param>
    /// <param name="names">Names of the slots.</param>
    /// <param name="state">The slots, one after the other, each as long as the trainable part.</param>
    public static IReadOnlyList<OptimizerSlot> CopySlotsFrom(ParameterLayout layout, IReadOnlyList<string> names, ReadOnlySpan<float> state)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(names);
        var slots = new OptimizerSlot[names.Count];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = new OptimizerSlot(names[i], CopyFrom(layout, state.Slice(i * layout.TrainableLength, layout.TrainableLength)));
        return slots;
    }

    /// <summary>Copies the state of an optimizer into its flat vector.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="layout">The model's layout.</param>
    /// <param name="state">Takes the slots, one after the other.</param>
    /// <exception cref="ArgumentException">The slots are not as many as the vector has, or not of the layout.</exception>
    public static void CopySlotsTo(IReadOnlyList<OptimizerSlot> slots, ParameterLayout layout, Span<float> state)
    {
        ArgumentNullException.ThrowIfNull(slots);
        ArgumentNullException.ThrowIfNull(layout);
        if (state.Length != slots.Count * layout.TrainableLength)
            throw new ArgumentException(
                $"{slots.Count} slots for {state.Length} floats of state; expected {layout.TrainableLength} a slot.", nameof(slots));
        for (int i = 0; i < slots.Count; i++)
            CopyTo(slots[i].Tensors, layout, state.Slice(i * layout.TrainableLength, layout.TrainableLength));
    }

    /// <summary>Copies tensors into a flat vector; the padding becomes zero.</summary>
    /// <param name="tensors">Every parameter that the vector holds, in any order.</param>
    /// <param name="layout">The model's layout.</param>
    /// <param name="flat">The weights, or the optimizer state of the trainable part.</param>
    /// <exception cref="ArgumentException">The tensors are not those of the layout.</exception>
    public static void CopyTo(IReadOnlyList<NamedTensor> tensors, ParameterLayout layout, Span<float> flat)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(layout);
        IReadOnlyList<Parameter> parameters = ParametersOf(layout, flat.Length);
        if (tensors.Count != parameters.Count)
            throw new ArgumentException($"{tensors.Count} tensors; expected {parameters.Count} parameters.", nameof(tensors));
        flat.Clear();
        Overlay(tensors, layout, flat);
    }

    /// <summary>Copies some parameters into a flat vector and leaves the others as they are.</summary>
    /// <param name="tensors">Different parameters of the layout, in any order.</param>
    /// <param name="layout">The model's layout.</param>
    /// <param name="flat">The weights, or the optimizer state of the trainable part.</param>
    /// <exception cref="ArgumentException">A tensor is none of the layout's.</exception>
    public static void Overlay(IReadOnlyList<NamedTensor> tensors, ParameterLayout layout, Span<float> flat)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(layout);
        Dictionary<string, Parameter> byName = ParametersOf(layout, flat.Length).ToDictionary(
            parameter => parameter.Name, StringComparer.Ordinal);
        foreach (NamedTensor tensor in tensors)
        {
            if (!byName.Remove(tensor.Name, out Parameter? parameter) || !tensor.Shape.SequenceEqual(parameter.Shape)
                || tensor.Values.Length != parameter.Count)
                throw new ArgumentException(
                    $"The tensor '{tensor.Name}' of shape [{string.Join(", ", tensor.Shape)}] is no parameter of the model, "
                        + "or there twice.",
                    nameof(tensors));
            parameter.CopyIn(tensor.Values, flat);
        }
    }

    private static IReadOnlyList<Parameter> ParametersOf(ParameterLayout layout, int length)
    {
        if (length == layout.Length)
            return layout.ByLayer;
        if (length == layout.TrainableLength)
            return [.. layout.ByLayer.Where(parameter => parameter.IsTrainable)];
        throw new ArgumentException(
            $"A flat vector of {length} floats; the layout has {layout.Length}, of which {layout.TrainableLength} are trained.");
    }
}
