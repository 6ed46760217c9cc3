using System.Buffers.Binary;
using Lockstep.Model.Data;
using Lockstep.Model.Specs;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Sends examples over a tensor stream in <see cref="FrameKind.Data"/> frames: an announcement, the arrays of the index as they lie in
/// memory, then the content in the order of <see cref="TransferOrder"/>, while training goes on. Pieces have at most
/// <see cref="StreamLimits.DataBytes"/>; a frame's step is its offset in bytes within all that follows the announcement.
/// </summary>
/// <remarks>
/// Announcement, little-endian:
/// <code>
/// offset  bytes  field
///      0      4  version, 4
///      4      4  kind: 1 grey images, 2 features, 3 RGB images
///      8      4  examples
///     12      4  images: height; features: how many
///     16      4  images: width; features: 0
///     20      4  images: entries, that is pairs of pixels that are not both zero; features: 0
///     24     16  digest of the examples (Examples.Digest)
///     40      8  the step that the content begins with
///     48      4  1 if the worker is ready once it has the examples of that step, 0 if it needs all of them
///     52     24  if they are in shared memory: the place (SharedMemoryPlace)
/// </code>
/// The frame's node says how the examples come (<see cref="DataForm"/>). A worker that cannot reach the shared memory answers with an empty
/// Data frame; then they follow. Arrays, each begun in a new frame. Images: row starts (int32, images + 1), labels (byte, images), entries
/// (uint32, as ImageSet.Entries has them). Features: labels (byte, rows), values (float32, rows · features).
/// </remarks>
/// <param name="stream">The stream; one thread at a time calls this object, and it is the only sender meanwhile.</param>
/// <param name="origin">Run and term of the frames.</param>
/// <param name="spec">The run spec.</param>
/// <param name="data">The examples: as many as the run trains on.</param>
/// <param name="start">Where the content begins.</param>
public sealed class DatasetTransfer(FrameStream stream, FrameOrigin origin, RunSpec spec, TrainingData data, DataStart start)
{
    internal const int Version = 4;
    internal const int AnnouncementBytes = 52;

    private readonly TransferOrder _order = new(spec, start.Step);
    private byte[] _piece = [];
    private long _offset;
    private int _array;
    private int _inArray;
    private int _position;

    /// <summary>Sends the announcement.</summary>
    /// <param name="isHeld">Whether the worker holds these examples: then nothing follows.</param>
    /// <param name="place">Where they are in shared memory; null if they follow.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Announce(bool isHeld = false, SharedMemoryPlace? place = null)
    {
        ExamplesHeader examples = data.Examples.Header;
        Span<byte> announcement = stackalloc byte[AnnouncementBytes + SharedMemoryPlace.EncodedBytes];
        ReadOnlySpan<int> fields = [Version, examples.Kind, examples.Count, examples.First, examples.Second, examples.Third];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(announcement[(i * sizeof(int))..], fields[i]);
        Convert.FromHexString(data.Digest).CopyTo(announcement[24..]);
        BinaryPrimitives.WriteInt64LittleEndian(announcement[40..], start.Step);
        BinaryPrimitives.WriteInt32LittleEndian(announcement[48..], start.BeginsEarly ? 1 : 0);
        place?.Write(announcement[AnnouncementBytes..]);
        DataForm form = isHeld ? DataForm.Held : place is null ? DataForm.Sent : DataForm.Shared;
        stream.Send(
            Header(0) with { Node = (uint)form }, form == DataForm.Shared ? announcement : announcement[..AnnouncementBytes]);
    }

    /// <summary>Sends the next piece. False if that was the last.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public bool SendNext()
    {
        Examples examples = data.Examples;
        if (_array < examples.Arrays - 1)
        {
            ReadOnlySpan<byte> rest = examples.Array(_array)[_inArray..];
            int count = Math.Min(rest.Length, StreamLimits.DataBytes);
            Send(rest[..count]);
            _inArray = count < rest.Length ? _inArray + count : 0;
            _array += count < rest.Length ? 0 : 1;
            return true;
        }

        int end = _order.PieceEnd(_position, example => examples.Content(example).Length, out int bytes);
        if (_piece.Length == 0)
            _piece = new byte[StreamLimits.DataBytes];
        for (int at = 0; _position < end; _position++)
        {
            ReadOnlySpan<byte> content = examples.Content(_order[_position]);
            content.CopyTo(_piece.AsSpan(at));
            at += content.Length;
        }

        Send(_piece.AsSpan(0, bytes));
        return _position < _order.Count;
    }

    private void Send(ReadOnlySpan<byte> piece)
    {
        stream.Send(Header(_offset), piece);
        _offset += piece.Length;
    }

    private FrameHeader Header(long offset) => new() { Kind = FrameKind.Data, Run = origin.Run, Term = origin.Term, Step = offset };
}

/// <summary>Where the transfer of examples begins.</summary>
/// <param name="Step">The run's step.</param>
/// <param name="BeginsEarly">Whether the worker begins as soon as it has the examples of that step; otherwise once it has all.</param>
public readonly record struct DataStart(long Step, bool BeginsEarly);

/// <summary>How examples come to a worker.</summary>
internal enum DataForm : uint
{
    /// <summary>They follow.</summary>
    Sent = 0,

    /// <summary>The worker has said that it holds them from an earlier session.</summary>
    Held = 1,

    /// <summary>They are in shared memory, if the worker can reach it.</summary>
    Shared = 2,
}
