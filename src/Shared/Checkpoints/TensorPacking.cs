using System.Runtime.InteropServices;
using Lockstep.Model.Layers;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Shared.Checkpoints;

/// <summary>Parameters and optimizer slots in a checkpoint: arrays of [name, shape, "f32", little-endian float32 values].</summary>
internal static class TensorPacking
{
    private const string Float32 = "f32";

    private static IReadOnlyList<Parameter> TrainedOf(ParameterLayout layout) =>
        [.. layout.ByLayer.Where(parameter => parameter.IsTrainable)];

    /// <summary>Checks that a checkpoint has the optimizer state of its spec.</summary>
    /// <exception cref="ArgumentException">It has another one.</exception>
    public static void CheckSlots(Checkpoint checkpoint, ParameterLayout layout)
    {
        IEnumerable<string> names = checkpoint.Slots.Select(slot => slot.Name);
        if (!names.SequenceEqual(checkpoint.Spec.Optimizer.Slots))
            throw new ArgumentException(
                $"A checkpoint with the optimizer state ({string.Join(", ", names)}); "
                    + $"its spec has ({string.Join(", ", checkpoint.Spec.Optimizer.Slots)}).");
        foreach (OptimizerSlot slot in checkpoint.Slots)
            Check(slot.Tensors, TrainedOf(layout));
    }

    /// <summary>Writes the optimizer state as a version of the format has it.</summary>
    public static void WriteSlots(ref MessagePackWriter writer, Checkpoint checkpoint, int version)
    {
        if (version == 1)
        {
            writer.Write("velocities");
            Write(ref writer, checkpoint.Slots.Count == 0 ? [] : checkpoint.Slots[0].Tensors);
            return;
        }

        writer.Write("slots");
        writer.WriteArrayHeader(checkpoint.Slots.Count);
        foreach (OptimizerSlot slot in checkpoint.Slots)
        {
            writer.WriteArrayHeader(2);
            writer.Write(slot.Name);
            Write(ref writer, slot.Tensors);
        }
    }

    /// <summary>Reads the optimizer state of a version of the format.</summary>
    /// <exception cref="FormatException">It is not the state of these slots.</exception>
    public static OptimizerSlot[] ReadSlots(ref MessagePackReader reader, IReadOnlyList<string> names, ParameterLayout layout, int version)
    {
        IReadOnlyList<Parameter> trained = TrainedOf(layout);
        var slots = new OptimizerSlot[names.Count];
        if (version == 1)
        {
            reader.ExpectKey("velocities");
            if (slots.Length == 0)
                reader.ExpectArray(0);
            else
                slots[0] = new OptimizerSlot(names[0], Read(ref reader, trained));
            return slots;
        }

        reader.ExpectKey("slots");
        reader.ExpectArray(slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            reader.ExpectArray(2);
            reader.ExpectKey(names[i]);
            slots[i] = new OptimizerSlot(names[i], Read(ref reader, trained));
        }

        return slots;
    }

    /// <summary>Checks that tensors are those of some parameters.</summary>
    /// <exception cref="ArgumentException">They are others.</exception>
    public static void Check(IReadOnlyList<NamedTensor> tensors, IReadOnlyList<Parameter> expected)
    {
        bool match = tensors.Count == expected.Count && tensors.Zip(expected).All(pair => pair.First.Name == pair.Second.Name
            && pair.First.Shape.SequenceEqual(pair.Second.Shape) && pair.First.Values.Length == pair.Second.Count);
        if (!match)
            throw new ArgumentException($"A checkpoint with the tensors {Describe(tensors.Select(tensor => (tensor.Name, tensor.Shape)))}; "
                + $"its spec has {Describe(expected.Select(parameter => (parameter.Name, parameter.Shape)))}.");

        static string Describe(IEnumerable<(string Name, IReadOnlyList<int> Shape)> tensors) =>
            $"({string.Join(", ", tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]"))})";
    }

    public static void Write(ref MessagePackWriter writer, IReadOnlyList<NamedTensor> tensors)
    {
        writer.WriteArrayHeader(tensors.Count);
        foreach (NamedTensor tensor in tensors)
        {
            writer.WriteArrayHeader(4);
            writer.Write(tensor.Name);
            writer.WriteArrayHeader(tensor.Shape.Count);
            foreach (int dimension in tensor.Shape)
                writer.Write(dimension);
            writer.Write(Float32);
            writer.Write(MemoryMarshal.AsBytes(tensor.Values.AsSpan()));
        }
    }

    /// <summary>Reads the tensors of some parameters.</summary>
    /// <exception cref="FormatException">They are others.</exception>
    public static NamedTensor[] Read(ref MessagePackReader reader, IReadOnlyList<Parameter> expected)
    {
        reader.ExpectArray(expected.Count);
        var tensors = new NamedTensor[expected.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Parameter parameter = expected[i];
            reader.ExpectArray(4);
            reader.ExpectKey(parameter.Name);
            reader.ExpectArray(parameter.Shape.Count);
            foreach (int dimension in parameter.Shape)
                reader.ReadInt32($"a dimension of '{parameter.Name}'", dimension, dimension);
            reader.ExpectKey(Float32);
            ReadOnlySpan<byte> data = reader.ReadBlock(parameter.Count * sizeof(float), parameter.Count * sizeof(float));
            float[] values = new float[parameter.Count];
            data.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            tensors[i] = new NamedTensor(parameter.Name, parameter.Shape, values);
        }

        return tensors;
    }
}
