using System.Buffers;
using Lockstep.Model.Training;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Shared.Streaming;

/// <summary>Role of a coordinator in its run.</summary>
public enum PeerRole
{
    /// <summary>It looks for a leader.</summary>
    Seeking = 0,

    /// <summary>It replicates what a leader saves, and would lead.</summary>
    Following = 1,

    /// <summary>It trains.</summary>
    Leading = 2,

    /// <summary>It has led and is ending; another coordinator is to lead.</summary>
    Leaving = 3,
}

/// <summary>
/// Status of a coordinator, sent to the other coordinators of its run several times a second, and at once when it changes.
/// </summary>
/// <param name="Version">Version of Lockstep.</param>
/// <param name="Role">Its role.</param>
/// <param name="Spec">Hash of its run spec.</param>
/// <param name="Run">The run; 0 for none yet.</param>
/// <param name="Term">Newest known term of the run.</param>
/// <param name="Step">Completed steps that it could continue from.</param>
/// <param name="Workers">Ready workers.</param>
/// <param name="Leader">HOST:PORT of the coordinator that it follows; empty for none.</param>
public sealed record PeerStatus(string Version, PeerRole Role, Hash128 Spec, ulong Run, int Term, long Step, int Workers, string Leader)
{
    private const int MaxTextBytes = 256;

    /// <summary>Encodes the status as a MessagePack array, elements in the order of the parameters.</summary>
    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(8);
        writer.Write(Version);
        writer.Write((int)Role);
        byte[] spec = new byte[Hash128.Bytes];
        Spec.WriteBigEndian(spec);
        writer.Write(spec);
        writer.Write(Run);
        writer.Write(Term);
        writer.Write(Step);
        writer.Write(Workers);
        writer.Write(Leader);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes a status.</summary>
    /// <exception cref="FormatException">The bytes are something else.</exception>
    public static PeerStatus Decode(byte[] encoded) => PackReading.Decode(encoded, "peer status", Read);

    private static PeerStatus Read(ref MessagePackReader reader)
    {
        reader.ExpectArray(8);
        return new PeerStatus(
            reader.ReadText(MaxTextBytes),
            (PeerRole)reader.ReadInt32("role", 0, (int)PeerRole.Leaving),
            Hash128.ReadBigEndian(reader.ReadBlock(Hash128.Bytes, Hash128.Bytes)),
            reader.ReadUInt64(),
            reader.ReadInt32("term", 0, int.MaxValue),
            reader.ReadInt64("step", 0, long.MaxValue),
            reader.ReadInt32("workers", 0, int.MaxValue),
            reader.ReadText(MaxTextBytes));
    }
}
