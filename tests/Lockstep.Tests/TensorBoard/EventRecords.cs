using System.Buffers.Binary;
using Lockstep.TensorBoard.Schema;

namespace Lockstep.Tests.TensorBoard;

/// <summary>
/// A reader of event files, written from the specification of the format: length (8 bytes, little-endian), masked CRC-32C of the length,
/// content, masked CRC-32C of the content, where a mask of c is ((c >> 15) | (c &lt;&lt; 17)) + 0xa282ead8. CRC-32C is computed bit by bit.
/// </summary>
internal static class EventRecords
{
    /// <summary>The events of a file.</summary>
    public static IReadOnlyList<Event> Read(string path)
    {
        var events = new List<Event>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (!rest.IsEmpty)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(rest));
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            ReadOnlySpan<byte> content = rest.Slice(12, length);
            Assert.Equal(Masked(content), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            events.Add(Event.Parser.ParseFrom(content));
            rest = rest[(16 + length)..];
        }

        Assert.Equal("brain.Event:2", events[0].FileVersion);
        return events;
    }

    /// <summary>
    /// What TensorBoard shows of a run folder: its files in the order of their names, where a session that starts at a step makes points of
    /// this and later steps void.
    /// </summary>
    public static IReadOnlyList<(string Tag, long Step, Summary.Types.Value Value)> Shown(string run)
    {
        var shown = new List<(string Tag, long Step, Summary.Types.Value Value)>();
        foreach (Event read in Files(run).SelectMany(Read))
        {
            if (read.SessionLog is { Status: SessionLog.Types.SessionStatus.Start })
                _ = shown.RemoveAll(point => point.Step >= read.Step);
            shown.AddRange((read.Summary?.Value ?? []).Select(value => (value.Tag, read.Step, value)));
        }

        return shown;
    }

    /// <summary>The event files of a run, in TensorBoard's order.</summary>
    public static string[] Files(string run) =>
        [.. Directory.GetFiles(Path.Combine(run, "tensorboard"), "*tfevents*").Order(StringComparer.Ordinal)];

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = Crc32C(bytes);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }

        return ~crc;
    }
}
