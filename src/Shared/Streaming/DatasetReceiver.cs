using System.Buffers.Binary;
using Lockstep.Model.Data;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Receives, frame by frame, what <see cref="DatasetTransfer.Send"/> sends. Memory grows with what arrives, not with what was announced.
/// Checks the digest at the end.
/// </summary>
/// <param name="run">The run; frames of other runs are refused.</param>
/// <param name="held">Examples from an earlier session, used if the coordinator refers to them.</param>
/// <param name="maxBytes">Largest set to accept, at most <see cref="DatasetTransfer.MaxBytes"/>.</param>
/// <param name="progress">Called after each frame with bytes received and bytes in total.</param>
public sealed class DatasetReceiver(
    ulong run, TrainingData? held = null, long maxBytes = DatasetTransfer.MaxBytes, Action<long, long>? progress = null)
{
    private string _digest = "";
    private IncomingExamples? _incoming;
    private long _offset;
    private long _total;

    /// <summary>The examples and their digest, after <see cref="OnFrame"/> has returned true.</summary>
    public TrainingData? Received { get; private set; }

    /// <summary>Receives the payload of the next frame. True after the last one.</summary>
    /// <exception cref="StreamException">The stream ended, or the content is not the announced examples.</exception>
    public bool OnFrame(FrameStream stream, in FrameHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (header.Run != run || header.Step != _offset)
            throw Bad(stream, $"got data of run {header.Run:x16} at byte {header.Step:N0}, expected run {run:x16} at byte {_offset:N0}.");
        if (_incoming is null)
            return OnAnnouncement(stream, header);
        IncomingArray array = _incoming.Arrays.First(array => !array.IsFull);
        Span<byte> room = array.Room();
        stream.ReceivePayload(header, room);
        array.Advance(room.Length);
        _offset += room.Length;
        progress?.Invoke(_offset, _total);
        if (_offset < _total)
            return false;
        Complete(stream, _incoming);
        return true;
    }

    private bool OnAnnouncement(FrameStream stream, in FrameHeader header)
    {
        Span<byte> announcement = stackalloc byte[DatasetTransfer.AnnouncementBytes];
        stream.ReceivePayload(header, announcement);
        Span<int> fields = stackalloc int[6];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = BinaryPrimitives.ReadInt32LittleEndian(announcement[(i * sizeof(int))..]);
        _digest = Convert.ToHexStringLower(announcement[(fields.Length * sizeof(int))..]);
        if (fields[0] != DatasetTransfer.Version)
            throw Bad(
                stream,
                $"its data set has format {fields[0]}, expected {DatasetTransfer.Version}. "
                    + "Run the same version of Lockstep on every machine.");
        IncomingExamples incoming = Announced(stream, new ExamplesHeader(fields[1], fields[2], fields[3], fields[4], fields[5]));
        if (header.Node == DatasetTransfer.HeldNode)
        {
            Received = held is not null && held.Digest == _digest
                ? held
                : throw Bad(stream, $"it refers to examples with the digest {_digest}, held are {held?.Digest ?? "none"}.");
            return true;
        }

        long most = Math.Min(maxBytes, DatasetTransfer.MaxBytes);
        _total = incoming.Arrays.Sum(array => array.TotalBytes);
        if (_total > most)
            throw Bad(stream, $"it announces a data set of {_total:N0} bytes; at most {most:N0} are accepted.");
        _incoming = incoming;
        return false;
    }

    private static IncomingExamples Announced(FrameStream stream, in ExamplesHeader header)
    {
        try
        {
            return IncomingExamples.Of(header);
        }
        catch (ArgumentException e)
        {
            throw Bad(stream, $"it announces {e.Message}.", e);
        }
    }

    private void Complete(FrameStream stream, IncomingExamples incoming)
    {
        Examples examples;
        try
        {
            examples = incoming.Complete();
        }
        catch (ArgumentException e)
        {
            throw Bad(stream, $"its data set is not valid. {e.Message}", e);
        }

        string actual = examples.Digest();
        if (actual != _digest)
            throw Bad(stream, $"its data set has the digest {actual}, announced was {_digest}.");
        Received = new TrainingData(examples, actual);
    }

    private static StreamException Bad(FrameStream stream, string problem, Exception? inner = null) =>
        new(StreamError.BadContent, stream.Peer, problem, inner);
}
