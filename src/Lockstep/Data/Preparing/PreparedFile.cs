using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;
using MessagePack;

namespace Lockstep.Data.Preparing;

/// <summary>
/// The file of a prepared data set: <c>LSPREP03</c>, the length of the description, the description in MessagePack, the arrays of both
/// parts as they lie in memory, and the XXH3 (128 bits) of all of that.
/// </summary>
internal static class PreparedFile
{
    private const int MaxDescriptionBytes = 64 << 20, MaxNotices = 1000, MaxNoticeBytes = 64 << 10;

    private static ReadOnlySpan<byte> Magic => "LSPREP03"u8;

    /// <summary>Writes a data set.</summary>
    public static void Write(Stream file, PreparedData data)
    {
        var hash = new XxHash128();
        byte[] description = Describe(data);
        Append(Magic);
        Append(BitConverter.GetBytes(description.Length));
        Append(description);
        foreach (Examples part in new[] { data.Training, data.Test })
        {
            for (int i = 0; i < part.Arrays; i++)
                Append(part.Array(i));
        }

        file.Write(hash.GetCurrentHash());

        void Append(ReadOnlySpan<byte> bytes)
        {
            file.Write(bytes);
            hash.Append(bytes);
        }
    }

    /// <summary>Reads a data set.</summary>
    /// <returns>Null where the file is not whole, or of another version.</returns>
    public static PreparedData? Read(Stream file)
    {
        var hash = new XxHash128();
        try
        {
            Span<byte> magic = stackalloc byte[Magic.Length];
            Fill(magic);
            Span<byte> length = stackalloc byte[sizeof(int)];
            Fill(length);
            int count = MemoryMarshal.Read<int>(length);
            if (!magic.SequenceEqual(Magic) || count < 1 || count > Math.Min(MaxDescriptionBytes, file.Length))
                return null;
            byte[] description = new byte[count];
            Fill(description);
            (DataSpec spec, ExamplesHeader[] headers, string[] notices) = PackReading.Decode(description, "description", ReadDescription);
            IncomingExamples[] parts = [IncomingExamples.Of(headers[0]), IncomingExamples.Of(headers[1])];
            if (parts.Sum(part => part.TotalBytes) > file.Length)
                return null;
            Examples[] examples = [.. parts.Select(ReadPart)];
            byte[] expected = hash.GetCurrentHash(), stored = new byte[expected.Length];
            file.ReadExactly(stored);
            return expected.AsSpan().SequenceEqual(stored)
                ? new PreparedData(spec, examples[0], examples[1], notices)
                : null;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            return null;
        }

        Examples ReadPart(IncomingExamples part)
        {
            foreach (IncomingArray array in part.Index)
            {
                while (!array.IsFull)
                {
                    Span<byte> room = array.Room();
                    Fill(room);
                    array.Advance(room.Length);
                }
            }

            Examples examples = part.Begin();
            for (int example = 0; example < examples.Count; example++)
            {
                Fill(part.Content(example));
                part.Check(example);
            }

            return examples;
        }

        void Fill(Span<byte> bytes)
        {
            file.ReadExactly(bytes);
            hash.Append(bytes);
        }
    }

    private static byte[] Describe(PreparedData data)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        int version = data.Spec.Preparation is not { } preparation ? 1
            : preparation.Targets.Count > 0 ? DataCodec.TargetsVersion : DataCodec.PreparedVersion;
        writer.Write(version);
        DataCodec.Write(ref writer, data.Spec, version);
        foreach (ExamplesHeader header in new[] { data.Training.Header, data.Test.Header })
        {
            writer.Write(header.Kind);
            writer.Write(header.Count);
            writer.Write(header.First);
            writer.Write(header.Second);
            writer.Write(header.Third);
        }

        writer.WriteArrayHeader(data.Notices.Count);
        foreach (string notice in data.Notices)
            writer.Write(notice);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static (DataSpec Spec, ExamplesHeader[] Headers, string[] Notices) ReadDescription(ref MessagePackReader reader)
    {
        DataSpec spec = DataCodec.Read(ref reader, reader.ReadInt32());
        var headers = new ExamplesHeader[2];
        for (int i = 0; i < headers.Length; i++)
            headers[i] = new ExamplesHeader(
                reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        string[] notices = new string[reader.ReadCount(0, MaxNotices)];
        for (int i = 0; i < notices.Length; i++)
            notices[i] = reader.ReadText(MaxNoticeBytes);
        return (spec, headers, notices);
    }
}
