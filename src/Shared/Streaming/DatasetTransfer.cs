using System.Buffers.Binary;
using Lockstep.Model.Data;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Sends examples over a tensor stream in <see cref="FrameKind.Data"/> frames: an announcement, then the arrays as they lie in memory,
/// in pieces of at most <see cref="StreamLimits.DataBytes"/>. A frame's step is its offset in bytes within all arrays.
/// </summary>
/// <remarks>
/// Announcement, little-endian:
/// <code>
/// offset  bytes  field
///      0      4  version, 3
///      4      4  kind: 1 grey images, 2 features, 3 RGB images
///      8      4  examples
///     12      4  images: height; features: how many
///     16      4  images: width; features: 0
///     20      4  images: entries, that is pairs of pixels that are not both zero; features: 0
///     24     16  digest of the examples (Examples.Digest)
/// </code>
/// An announcement in a frame whose node is 1 is all: the worker has said that it holds these examples from an earlier session.
/// Arrays, each begun in a new frame. Images: row starts (int32, images + 1), entries (uint32, as ImageSet.Entries has them), labels (byte,
/// images). Features: values (float32, rows · features), labels (byte, rows).
/// </remarks>
public static class DatasetTransfer
{
    /// <summary>Maximum size of a set of examples, in bytes of its arrays.</summary>
    public const long MaxBytes = 2L << 30;

    internal const int Version = 3;
    internal const int AnnouncementBytes = 40;
    internal const uint HeldNode = 1;

    /// <summary>Sends a set of examples.</summary>
    /// <param name="stream">The stream; the caller is its only sender.</param>
    /// <param name="run">The run.</param>
    /// <param name="term">The coordinator's term.</param>
    /// <param name="data">The examples.</param>
    /// <param name="isHeld">Whether the worker holds these examples: then only the announcement is sent.</param>
    /// <param name="progress">Called after each frame with bytes sent and bytes in total.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public static void Send(
        FrameStream stream, ulong run, int term, TrainingData data, bool isHeld = false, Action<long, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(data);
        ExamplesHeader examples = data.Examples.Header;
        Span<byte> announcement = stackalloc byte[AnnouncementBytes];
        ReadOnlySpan<int> fields = [Version, examples.Kind, examples.Count, examples.First, examples.Second, examples.Third];
        for (int i = 0; i < fields.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(announcement[(i * sizeof(int))..], fields[i]);
        Convert.FromHexString(data.Digest).CopyTo(announcement[(fields.Length * sizeof(int))..]);
        var header = new FrameHeader { Kind = FrameKind.Data, Run = run, Term = term };
        stream.Send(isHeld ? header with { Node = HeldNode } : header, announcement);
        if (isHeld)
            return;

        long offset = 0, total = 0;
        for (int i = 0; i < data.Examples.Arrays; i++)
            total += data.Examples.Array(i).Length;
        for (int i = 0; i < data.Examples.Arrays; i++)
        {
            for (ReadOnlySpan<byte> rest = data.Examples.Array(i); !rest.IsEmpty;)
            {
                int count = Math.Min(rest.Length, StreamLimits.DataBytes);
                stream.Send(header with { Step = offset }, rest[..count]);
                rest = rest[count..];
                offset += count;
                progress?.Invoke(offset, total);
            }
        }
    }

    /// <summary>Receives a set of examples; see <see cref="DatasetReceiver"/>.</summary>
    /// <param name="stream">The stream; the caller is its only receiver.</param>
    /// <param name="run">The run; frames of other runs are refused.</param>
    /// <param name="held">Examples from an earlier session, used if the coordinator refers to them.</param>
    /// <param name="maxBytes">Largest set to accept, at most <see cref="MaxBytes"/>.</param>
    /// <param name="progress">Called after each frame with bytes received and bytes in total.</param>
    /// <exception cref="StreamException">The stream ended, or the content is not the announced examples.</exception>
    /// <returns>The examples and their digest.</returns>
    public static TrainingData Receive(
        FrameStream stream, ulong run, TrainingData? held = null, long maxBytes = MaxBytes, Action<long, long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var receiver = new DatasetReceiver(run, held, maxBytes, progress);
        while (!receiver.OnFrame(stream, stream.ReceiveHeader(FrameKind.Data)))
        {
        }

        return receiver.Received!;
    }
}
