using System.Buffers.Binary;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Receives, frame by frame, what <see cref="DatasetTransfer"/> sends. Each example is checked as it arrives, and the digest of all at the
/// end. Memory grows with what arrives, not with what was announced.
/// </summary>
/// <param name="spec">The run spec, already received.</param>
/// <param name="run">The run; frames of other runs are refused.</param>
/// <param name="request">Asks the coordinator to send examples that could not be reached in shared memory: sends a Data frame.</param>
/// <param name="held">Examples from an earlier session, used if the coordinator refers to them.</param>
public sealed class DatasetReceiver(RunSpec spec, ulong run, Action request, TrainingData? held = null)
{
    private string _digest = "";
    private IncomingExamples? _incoming;
    private TransferOrder? _order;
    private bool _beginsEarly;
    private byte[] _piece = [];
    private long _offset;
    private int _arrived;

    /// <summary>The examples, of which some may still be missing; null before their index has arrived.</summary>
    public Examples? Examples { get; private set; }

    /// <summary>The examples and their digest, once all of them are here.</summary>
    public TrainingData? Received { get; private set; }

    /// <summary>The examples of the steps before this one are here.</summary>
    public long StepsArrived => Received is not null ? long.MaxValue : _arrived == 0 ? 0 : _order!.StepsWithin(_arrived);

    /// <summary>Whether training may begin.</summary>
    public bool CanBegin => Received is not null || _beginsEarly && Examples is not null && _arrived >= _order!.OfFirstStep;

    /// <summary>Receives the payload of the next frame.</summary>
    /// <exception cref="StreamException">The stream ended, or the content is not the announced examples.</exception>
    public void OnFrame(FrameStream stream, in FrameHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (header.Run != run || header.Step != _offset)
            throw Bad(stream, $"got data of run {header.Run:x16} at byte {header.Step:N0}, expected run {run:x16} at byte {_offset:N0}.");
        try
        {
            if (_incoming is null)
                OnAnnouncement(stream, header);
            else if (_incoming.Index.FirstOrDefault(array => !array.IsFull) is { } array)
                OnIndex(stream, header, array, _incoming);
            else if (Received is null)
                OnContent(stream, header, _incoming);
            else
                throw Bad(stream, "got more data than it announced.");
        }
        catch (ArgumentException e)
        {
            throw Bad(stream, $"its data set is not valid. {e.Message}", e);
        }
    }

    /// <summary>Receives all of a set of examples.</summary>
    /// <param name="stream">The stream; the caller is its only user.</param>
    /// <param name="spec">The run spec, already received.</param>
    /// <param name="run">The run; frames of other runs are refused.</param>
    /// <param name="held">Examples from an earlier session, used if the coordinator refers to them.</param>
    /// <exception cref="StreamException">The stream ended, or the content is not the announced examples.</exception>
    /// <returns>The examples and their digest.</returns>
    public static TrainingData ReceiveAll(FrameStream stream, RunSpec spec, ulong run, TrainingData? held = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int term = 0;
        var receiver = new DatasetReceiver(
            spec, run, () => stream.Send(new FrameHeader { Kind = FrameKind.Data, Run = run, Term = term }, []), held);
        while (receiver.Received is null)
        {
            FrameHeader header = stream.ReceiveHeader(FrameKind.Data);
            term = header.Term;
            receiver.OnFrame(stream, header);
        }

        return receiver.Received;
    }

    private void OnAnnouncement(FrameStream stream, in FrameHeader header)
    {
        var form = (DataForm)header.Node;
        Span<byte> announcement = stackalloc byte[DatasetTransfer.AnnouncementBytes + SharedMemoryPlace.EncodedBytes];
        if (form != DataForm.Shared)
            announcement = announcement[..DatasetTransfer.AnnouncementBytes];
        stream.ReceivePayload(header, announcement);
        Span<int> fields = stackalloc int[6];
        for (int i = 0; i < fields.Length; i++)
            fields[i] = BinaryPrimitives.ReadInt32LittleEndian(announcement[(i * sizeof(int))..]);
        if (fields[0] != DatasetTransfer.Version)
            throw Bad(
                stream,
                $"its data set has format {fields[0]}, expected {DatasetTransfer.Version}. "
                    + "Run the same version of Lockstep on every machine.");
        _digest = Convert.ToHexStringLower(announcement[24..40]);
        IncomingExamples incoming = Announced(stream, new ExamplesHeader(fields[1], fields[2], fields[3], fields[4], fields[5]));
        if (form == DataForm.Held)
        {
            Received = held is not null && held.Digest == _digest
                ? held
                : throw Bad(stream, $"it refers to examples with the digest {_digest}, held are {held?.Digest ?? "none"}.");
            Examples = held.Examples;
            return;
        }

        long largest = Math.Max(incoming.ContentBytes, incoming.Index.Max(array => array.TotalBytes));
        if (largest > Model.Data.Examples.MaxArrayBytes)
            throw Bad(stream, $"it announces an array of {largest:N0} bytes; at most {Model.Data.Examples.MaxArrayBytes:N0} are accepted.");
        if (fields[2] != spec.Data.TrainingExamples)
            throw Bad(stream, $"it announces {fields[2]:N0} examples; the run trains on {spec.Data.TrainingExamples:N0}.");
        long step = BinaryPrimitives.ReadInt64LittleEndian(announcement[40..]);
        if (step < 0 || step > spec.TotalSteps)
            throw Bad(stream, $"it announces the examples from step {step:N0} on; the run has {spec.TotalSteps:N0} steps.");
        _order = new TransferOrder(spec, step);
        _beginsEarly = BinaryPrimitives.ReadInt32LittleEndian(announcement[48..]) != 0;
        _incoming = incoming;
        if (form != DataForm.Shared)
            return;
        if (SharedExamples.TryOpen(SharedMemoryPlace.Read(announcement[DatasetTransfer.AnnouncementBytes..]), incoming) is { } shared)
            Complete(stream, Examples = shared);
        else
            request();
    }

    private void OnIndex(FrameStream stream, in FrameHeader header, IncomingArray array, IncomingExamples incoming)
    {
        Span<byte> room = array.Room();
        stream.ReceivePayload(header, room);
        array.Advance(room.Length);
        _offset += room.Length;
        if (incoming.Index.All(each => each.IsFull))
            Examples = incoming.Begin();
    }

    // Nothing of a frame gets into the examples before its hash is checked.
    private void OnContent(FrameStream stream, in FrameHeader header, IncomingExamples incoming)
    {
        int end = _order!.PieceEnd(_arrived, example => incoming.Content(example).Length, out int bytes);
        if (_piece.Length < bytes)
            _piece = new byte[Math.Min(incoming.ContentBytes, StreamLimits.DataBytes)];
        ReadOnlySpan<byte> piece = _piece.AsSpan(0, bytes);
        stream.ReceivePayload(header, _piece.AsSpan(0, bytes));
        _offset += bytes;
        for (; _arrived < end; _arrived++)
        {
            Span<byte> content = incoming.Content(_order[_arrived]);
            piece[..content.Length].CopyTo(content);
            piece = piece[content.Length..];
            incoming.Check(_order[_arrived]);
        }

        if (_arrived == _order.Count)
            Complete(stream, Examples!);
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

    private void Complete(FrameStream stream, Examples examples)
    {
        string actual = examples.Digest();
        if (actual != _digest)
            throw Bad(stream, $"its data set has the digest {actual}, announced was {_digest}.");
        Received = new TrainingData(examples, actual);
        _piece = [];
    }

    private static StreamException Bad(FrameStream stream, string problem, Exception? inner = null) =>
        new(StreamError.BadContent, stream.Peer, problem, inner);
}
