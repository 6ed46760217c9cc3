using Lockstep.Model.Specs;
using MessagePack;

namespace Lockstep.Shared.Packing;

/// <summary>How images are augmented, as the last entry of a run spec: the strength of each kind by name. From version 6 on.</summary>
internal static class AugmentationCodec
{
    /// <summary>Writes key and map, or nil for none.</summary>
    public static void Write(ref MessagePackWriter writer, AugmentationSpec? augmentation)
    {
        writer.Write("augmentation");
        if (augmentation is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(AugmentationKind.All.Count);
        foreach (AugmentationKind kind in AugmentationKind.All)
        {
            writer.Write(kind.Name);
            if (kind.IsWhole)
                writer.Write((int)kind.StrengthOf(augmentation));
            else
                writer.Write(kind.StrengthOf(augmentation));
        }
    }

    /// <summary>Reads key and map.</summary>
    /// <exception cref="FormatException">It is something else, or a strength is out of range.</exception>
    public static AugmentationSpec? Read(ref MessagePackReader reader)
    {
        reader.ExpectKey("augmentation");
        if (reader.TryReadNil())
            return null;
        reader.ExpectMap(AugmentationKind.All.Count);
        var augmentation = new AugmentationSpec();
        foreach (AugmentationKind kind in AugmentationKind.All)
        {
            reader.ExpectKey(kind.Name);
            double strength = kind.IsWhole ? reader.ReadInt32() : reader.ReadDouble();
            if (kind.Problem(strength) is not null)
                throw PackReading.OutOfRange(kind.Name, strength, kind.Range.Words);
            augmentation = kind.With(augmentation, strength);
        }

        return augmentation;
    }
}
