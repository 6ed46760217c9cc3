using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Data;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Receives frame by frame what <see cref="DatasetTransfer.Send"/> sends. Memory grows with what arrives, whatever was announced; the
/// content's digest is checked at the end.
/// </summary>
/// <param name="run">The run; frames of another one are refused.</param>
/// <param name="held">Images that were received before, by their digest; taken when the coordinator refers to them.</param>
/// <param name="maxBytes">Largest set to accept, at most <see cref="DatasetTransfer.MaxBytes"/>.</param>
/// <param name="progress">Told after each frame: bytes received and bytes in all.</param>
public sealed class DatasetReceiver(
    ulong run, (ImageSet Images, string Digest)? held = null, long maxBytes = DatasetTransfer.MaxBytes, Action<long, long>? progress = null)
{
    private int _height;
    private int _width;
    private string _digest = "";
    private GrowingArray<int>? _rowStarts;
    private GrowingArray<uint>? _entries;
    private GrowingArray<byte>? _labels;
    private long _offset;
    private long _total;

    /// <summary>The images and their digest, when <see cref="OnFrame"/> has returned true.</summary>
    public (ImageSet Images, string Digest) Received { get; private set; }

    /// <summary>Receives the payload of the next frame. True when it was the last one.</summary>
    /// <exception cref="StreamException">The stream ended, or what came is not the announced images.</exception>
    public bool OnFrame(FrameStream stream, in FrameHeader header)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (header.Run != run || header.Step != _offset)
            throw Bad(stream, $"got data of run {header.Run:x16} at byte {header.Step:N0}, expected run {run:x16} at byte {_offset:N0}.");
        if (_rowStarts is null)
            return OnAnnouncement(stream, header);
        _offset += !_rowStarts.IsFull ? _rowStarts.Receive(stream, header)
            : !_entries!.IsFull ? _entries.Receive(stream, header)
            : _labels!.Receive(stream, header);
        progress?.Invoke(_offset, _total);
        if (!_labels!.IsFull)
            return false;
        Complete(stream);
        return true;
    }

    private bool OnAnnouncement(FrameStream stream, in FrameHeader header)
    {
        Span<byte> announcement = stackalloc byte[DatasetTransfer.AnnouncementBytes];
        stream.ReceivePayload(header, announcement);
        int version = BinaryPrimitives.ReadInt32LittleEndian(announcement);
        int count = BinaryPrimitives.ReadInt32LittleEndian(announcement[4..]);
        _height = BinaryPrimitives.ReadInt32LittleEndian(announcement[8..]);
        _width = BinaryPrimitives.ReadInt32LittleEndian(announcement[12..]);
        int entries = BinaryPrimitives.ReadInt32LittleEndian(announcement[16..]);
        _digest = Convert.ToHexStringLower(announcement[20..]);
        if (version != DatasetTransfer.Version)
            throw Bad(stream, $"its data set has format {version}, expected {DatasetTransfer.Version}. Run the same version of Lockstep on every machine.");
        if (count < 1 || _height < 1 || _width < 1 || (long)_height * _width > ushort.MaxValue + 1 || entries < 0 || entries > (Int128)count * ((_height * _width + 1) / 2))
            throw Bad(stream, $"it announces {count} images of {_height} x {_width} pixels with {entries} entries, which do not belong together.");
        if (header.Node == DatasetTransfer.HeldNode)
        {
            Received = held is { } known && known.Digest == _digest
                ? known
                : throw Bad(stream, $"it refers to images with the digest {_digest}, held are {held?.Digest ?? "none"}.");
            return true;
        }

        long most = Math.Min(maxBytes, DatasetTransfer.MaxBytes);
        _total = DatasetTransfer.TotalBytes(count, entries);
        if (_total > most)
            throw Bad(stream, $"it announces a data set of {_total:N0} bytes; at most {most:N0} are accepted.");
        _rowStarts = new GrowingArray<int>(count + 1);
        _entries = new GrowingArray<uint>(entries);
        _labels = new GrowingArray<byte>(count);
        return false;
    }

    private void Complete(FrameStream stream)
    {
        ImageSet images;
        try
        {
            images = new ImageSet(_height, _width, _rowStarts!.Values, _entries!.Values, _labels!.Values);
        }
        catch (ArgumentException e)
        {
            throw Bad(stream, $"its data set is not valid. {e.Message}", e);
        }

        string actual = images.Digest();
        if (actual != _digest)
            throw Bad(stream, $"its data set has the digest {actual}, announced was {_digest}.");
        Received = (images, actual);
    }

    private static StreamException Bad(FrameStream stream, string problem, Exception? inner = null) =>
        new(StreamError.BadContent, stream.Peer, problem, inner);

    /// <summary>Room for one frame at first, and twice as much whenever it is full.</summary>
    private sealed class GrowingArray<T>(int length)
        where T : unmanaged
    {
        private T[] _values = new T[Math.Min(length, StreamLimits.DataBytes / Unsafe.SizeOf<T>())];
        private int _received;

        public bool IsFull => _received == length;

        public T[] Values => _values;

        /// <summary>
        /// Receives the next piece, which is as long as the array's rest and a frame allow, and returns its length in bytes.
        /// </summary>
        public int Receive(FrameStream stream, in FrameHeader header)
        {
            if (_received == _values.Length)
                Array.Resize(ref _values, (int)Math.Min(length, 2L * _received));
            Span<byte> room = MemoryMarshal.AsBytes(_values.AsSpan(_received));
            room = room[..Math.Min(room.Length, StreamLimits.DataBytes)];
            stream.ReceivePayload(header, room);
            _received += room.Length / Unsafe.SizeOf<T>();
            return room.Length;
        }
    }
}
