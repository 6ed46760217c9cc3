using System.Buffers;
using System.Runtime.Serialization;
using System.Text.Unicode;
using Akka.Actor;
using Akka.Serialization;
using Lockstep.Shared.Packing;
using Lockstep.Shared.Streaming;
using MessagePack;

namespace Lockstep.Shared.Messages;

/// <summary>
/// The messages of <see cref="IRunMessage"/> as MessagePack arrays, elements in the order of the record's parameters. The manifest selects
/// one of the readers below, never a type by name. Anything that is not exactly as expected is refused.
/// </summary>
internal sealed class ProtocolSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Akka reserves 0 to 40.</summary>
    public const int Id = 1031;

    private const int MaxTextBytes = 4096;
    private const int MaxNameBytes = 256;

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        FindLeader => "find-leader",
        LeaderFound => "leader",
        JoinRun => "join-run",
        RunOffered => "offer",
        JoinRefused => "refuse",
        RunEnded => "end",
        _ => throw Unknown(o),
    };

    public override byte[] ToBinary(object obj)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(buffer);
        switch (obj)
        {
            case FindLeader find:
                writer.WriteArrayHeader(1);
                WriteText(ref writer, find.Version, MaxNameBytes);
                break;
            case LeaderFound found:
                writer.WriteArrayHeader(5);
                WriteText(ref writer, found.Leader, MaxNameBytes);
                writer.Write(found.IsLeading);
                writer.Write(found.Step);
                writer.Write(found.Workers);
                writer.Write(found.Term);
                break;
            case JoinRun { Worker: var worker, Attempt: var attempt }:
                writer.WriteArrayHeader(7);
                writer.Write(attempt);
                WriteText(ref writer, worker.Host, MaxNameBytes);
                writer.Write(worker.ProcessId);
                writer.Write(worker.Lanes);
                WriteText(ref writer, worker.Version, MaxNameBytes);
                WriteText(ref writer, worker.Processor, MaxNameBytes);
                WriteText(ref writer, worker.HeldData, MaxNameBytes);
                break;
            case RunOffered offer:
                writer.WriteArrayHeader(5);
                writer.Write(offer.Run);
                writer.Write(offer.Term);
                WriteText(ref writer, offer.StreamHost, MaxNameBytes);
                writer.Write(offer.StreamPort);
                writer.Write(offer.Token);
                break;
            case JoinRefused refusal:
                writer.WriteArrayHeader(1);
                WriteText(ref writer, refusal.Reason, MaxTextBytes);
                break;
            case RunEnded end:
                writer.WriteArrayHeader(2);
                writer.Write(end.Completed);
                WriteText(ref writer, end.Reason, MaxTextBytes);
                break;
            default:
                throw Unknown(obj);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        PackReading.Reader<IRunMessage> read = manifest switch
        {
            "find-leader" => ReadFindLeader,
            "leader" => ReadLeaderFound,
            "join-run" => ReadJoinRun,
            "offer" => ReadRunOffered,
            "refuse" => ReadJoinRefused,
            "end" => ReadRunEnded,
            _ => throw new SerializationException(
                $"Got a message with the manifest '{manifest}', which this version of Lockstep does not know. "
                    + "Run the same version everywhere."),
        };
        try
        {
            return PackReading.Decode(bytes, $"'{manifest}' message", read);
        }
        catch (FormatException e)
        {
            throw new SerializationException(e.Message, e);
        }
    }

    private static FindLeader ReadFindLeader(ref MessagePackReader reader)
    {
        reader.ExpectArray(1);
        return new FindLeader(reader.ReadText(MaxNameBytes));
    }

    private static LeaderFound ReadLeaderFound(ref MessagePackReader reader)
    {
        reader.ExpectArray(5);
        return new LeaderFound(
            reader.ReadText(MaxNameBytes), reader.ReadBoolean(), reader.ReadInt64("step", 0, long.MaxValue),
            reader.ReadInt32("workers", 0, int.MaxValue), ReadTerm(ref reader));
    }

    private static JoinRun ReadJoinRun(ref MessagePackReader reader)
    {
        reader.ExpectArray(7);
        int attempt = reader.ReadInt32("attempt", 0, int.MaxValue);
        return new JoinRun(new WorkerInfo(
            reader.ReadText(MaxNameBytes),
            reader.ReadInt32("process id", 0, int.MaxValue),
            reader.ReadInt32("lanes", 1, 65_536),
            reader.ReadText(MaxNameBytes),
            reader.ReadText(MaxNameBytes),
            reader.ReadText(MaxNameBytes)), attempt);
    }

    private static RunOffered ReadRunOffered(ref MessagePackReader reader)
    {
        reader.ExpectArray(5);
        return new RunOffered(
            reader.ReadUInt64(),
            ReadTerm(ref reader),
            reader.ReadText(MaxNameBytes),
            reader.ReadInt32("stream port", 1, 65_535),
            reader.ReadBlock(StreamTokens.TokenBytes, StreamTokens.TokenBytes).ToArray());
    }

    private static JoinRefused ReadJoinRefused(ref MessagePackReader reader)
    {
        reader.ExpectArray(1);
        return new JoinRefused(reader.ReadText(MaxTextBytes));
    }

    private static RunEnded ReadRunEnded(ref MessagePackReader reader)
    {
        reader.ExpectArray(2);
        return new RunEnded(reader.ReadBoolean(), reader.ReadText(MaxTextBytes));
    }

    private static int ReadTerm(ref MessagePackReader reader) => reader.ReadInt32("term", 0, int.MaxValue);

    /// <summary>Truncates a text that the receiver would refuse, so that a long reason does not prevent delivery.</summary>
    private static void WriteText(ref MessagePackWriter writer, string text, int maxBytes)
    {
        byte[] utf8 = new byte[maxBytes];
        Utf8.FromUtf16(text, utf8, out _, out int length);
        writer.WriteString(utf8.AsSpan(0, length));
    }

    private static ArgumentException Unknown(object message) =>
        new($"{message.GetType()} is not a message between nodes of Lockstep; it must not leave the process.");
}
