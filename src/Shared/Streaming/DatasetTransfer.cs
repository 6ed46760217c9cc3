using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lockstep.Model.Data;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Sends images over a tensor stream in <see cref="FrameKind.Data"/> frames: an announcement, then the arrays as they lie in memory,
/// in pieces of at most <see cref="StreamLimits.DataBytes"/>. A frame's step is its offset in bytes within all arrays.
/// </summary>
/// <remarks>
/// Announcement, little-endian:
/// <code>
/// offset  bytes  field
///      0      4  version, 2
///      4      4  images
///      8      4  height
///     12      4  width
///     16      4  entries: pairs of pixels that are not both zero
///     20     16  digest of the images (ImageSet.Digest)
/// </code>
/// An announcement in a frame whose node is 1 is all: the worker has said that it holds these images from an earlier session.
/// Arrays, each begun in a new frame: row starts (int32, images + 1), entries (uint32, as ImageSet.Entries has them), labels (byte, images).
/// </remarks>
public static class DatasetTransfer
{
    /// <summary>Largest set of images that is accepted, in bytes of its arrays.</summary>
    public const long MaxBytes = 2L << 30;

    private const int Version = 2;
    private const int AnnouncementBytes = 36;
    private const uint HeldNode = 1;

    /// <summary>Sends a set of images.</summary>
    /// <param name="stream">The stream; the caller is its one sender.</param>
    /// <param name="run">The run.</param>
    /// <param name="term">Incarnation of the coordinator.</param>
    /// <param name="images">What to send.</param>
    /// <param name="digest">Its <see cref="ImageSet.Digest"/>, computed once for all workers.</param>
    /// <param name="isHeld">The worker holds images of this digest: only the announcement is sent.</param>
    /// <param name="progress">Told after each frame: bytes sent and bytes in all.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public static void Send(
        FrameStream stream, ulong run, int term, ImageSet images, string digest, bool isHeld = false, Action<long, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(images);
        Span<byte> announcement = stackalloc byte[AnnouncementBytes];
        BinaryPrimitives.WriteInt32LittleEndian(announcement, Version);
        BinaryPrimitives.WriteInt32LittleEndian(announcement[4..], images.Count);
        BinaryPrimitives.WriteInt32LittleEndian(announcement[8..], images.Height);
        BinaryPrimitives.WriteInt32LittleEndian(announcement[12..], images.Width);
        BinaryPrimitives.WriteInt32LittleEndian(announcement[16..], images.Entries.Length);
        Convert.FromHexString(digest).CopyTo(announcement[20..]);
        var header = new FrameHeader { Kind = FrameKind.Data, Run = run, Term = term };
        stream.Send(isHeld ? header with { Node = HeldNode } : header, announcement);
        if (isHeld)
            return;

        long offset = 0, total = TotalBytes(images.Count, images.Entries.Length);
        SendArray(MemoryMarshal.AsBytes(images.RowStarts));
        SendArray(MemoryMarshal.AsBytes(images.Entries));
        SendArray(images.Labels);

        void SendArray(ReadOnlySpan<byte> array)
        {
            while (!array.IsEmpty)
            {
                int count = Math.Min(array.Length, StreamLimits.DataBytes);
                stream.Send(header with { Step = offset }, array[..count]);
                array = array[count..];
                offset += count;
                progress?.Invoke(offset, total);
            }
        }
    }

    /// <summary>Receives a set of images. Memory grows with what arrives, whatever was announced; the content's digest is checked at the end.</summary>
    /// <param name="stream">The stream; the caller is its one receiver.</param>
    /// <param name="run">The run; frames of another one are refused.</param>
    /// <param name="held">Images that were received before, by their digest; taken when the coordinator refers to them.</param>
    /// <param name="maxBytes">Largest set to accept, at most <see cref="MaxBytes"/>.</param>
    /// <param name="progress">Told after each frame: bytes received and bytes in all.</param>
    /// <exception cref="StreamException">The stream ended, or what came is not the announced images.</exception>
    /// <returns>The images and their digest.</returns>
    public static (ImageSet Images, string Digest) Receive(
        FrameStream stream, ulong run, (ImageSet Images, string Digest)? held = null, long maxBytes = MaxBytes, Action<long, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> announcement = stackalloc byte[AnnouncementBytes];
        FrameHeader first = Expect(stream, run, 0);
        stream.ReceivePayload(first, announcement);
        int version = BinaryPrimitives.ReadInt32LittleEndian(announcement);
        int count = BinaryPrimitives.ReadInt32LittleEndian(announcement[4..]);
        int height = BinaryPrimitives.ReadInt32LittleEndian(announcement[8..]);
        int width = BinaryPrimitives.ReadInt32LittleEndian(announcement[12..]);
        int entries = BinaryPrimitives.ReadInt32LittleEndian(announcement[16..]);
        string digest = Convert.ToHexStringLower(announcement[20..]);
        if (version != Version)
            throw Bad(stream, $"its data set has format {version}, expected {Version}. Run the same version of Lockstep on every machine.");
        if (count < 1 || height < 1 || width < 1 || (long)height * width > ushort.MaxValue + 1 || entries < 0 || entries > (Int128)count * ((height * width + 1) / 2))
            throw Bad(stream, $"it announces {count} images of {height} x {width} pixels with {entries} entries, which do not belong together.");
        if (first.Node == HeldNode)
        {
            return held is { } known && known.Digest == digest
                ? known
                : throw Bad(stream, $"it refers to images with the digest {digest}, held are {held?.Digest ?? "none"}.");
        }

        long total = TotalBytes(count, entries);
        if (total > Math.Min(maxBytes, MaxBytes))
            throw Bad(stream, $"it announces a data set of {total:N0} bytes; at most {Math.Min(maxBytes, MaxBytes):N0} are accepted.");

        long offset = 0;
        int[] rowStarts = ReceiveArray<int>(count + 1);
        uint[] pairs = ReceiveArray<uint>(entries);
        byte[] labels = ReceiveArray<byte>(count);

        ImageSet images;
        try
        {
            images = new ImageSet(height, width, rowStarts, pairs, labels);
        }
        catch (ArgumentException e)
        {
            throw Bad(stream, $"its data set is not valid. {e.Message}", e);
        }

        string actual = images.Digest();
        if (actual != digest)
            throw Bad(stream, $"its data set has the digest {actual}, announced was {digest}.");
        return (images, digest);

        T[] ReceiveArray<T>(int length)
            where T : unmanaged
        {
            // Room for one frame at first, and twice as much whenever it is full.
            var array = new T[Math.Min(length, StreamLimits.DataBytes / Unsafe.SizeOf<T>())];
            for (int received = 0; ;)
            {
                Span<byte> room = MemoryMarshal.AsBytes(array.AsSpan(received));
                for (int bytes; !room.IsEmpty; room = room[bytes..])
                {
                    bytes = Math.Min(room.Length, StreamLimits.DataBytes);
                    stream.ReceivePayload(Expect(stream, run, offset), room[..bytes]);
                    offset += bytes;
                    progress?.Invoke(offset, total);
                }

                received = array.Length;
                if (received == length)
                    return array;
                Array.Resize(ref array, (int)Math.Min(length, 2L * received));
            }
        }
    }

    private static FrameHeader Expect(FrameStream stream, ulong run, long offset)
    {
        FrameHeader header = stream.ReceiveHeader(FrameKind.Data);
        if (header.Run != run || header.Step != offset)
            throw Bad(stream, $"got data of run {header.Run:x16} at byte {header.Step:N0}, expected run {run:x16} at byte {offset:N0}.");
        return header;
    }

    private static long TotalBytes(int count, int entries) => (count + 1L) * sizeof(int) + (long)entries * sizeof(uint) + count;

    private static StreamException Bad(FrameStream stream, string problem, Exception? inner = null) =>
        new(StreamError.BadContent, stream.Peer, problem, inner);
}
