using System.Buffers.Binary;
using Lockstep.Model.Reduction;

namespace Lockstep.Shared.Streaming;

/// <summary>The fixed header before every payload of the tensor stream: 72 bytes, little-endian.</summary>
/// <remarks>
/// <code>
/// offset  bytes  field
///      0      4  magic, ASCII "LKST"
///      4      1  version, 3
///      5      1  kind (FrameKind)
///      6      2  zero
///      8      8  run
///     16      8  step
///     24      4  term
///     28      4  node (TreeNode.ToKey)
///     32      4  payload length in bytes
///     36      4  compute time in microseconds
///     40      8  loss sum (float64)
///     48      4  correct
///     52      4  examples
///     56      4  number of the plan of slices
///     60      4  first float of the slice
///     64      8  XXH3-64 (seed 0) of bytes 0..63 followed by the payload
/// </code>
/// </remarks>
public readonly record struct FrameHeader
{
    /// <summary>Size of the header, in bytes.</summary>
    public const int Size = 72;

    /// <summary>Version of the layout.</summary>
    public const byte Version = 3;

    /// <summary>Bytes of the header that the hash covers.</summary>
    internal const int HashedSize = 64;

    private static ReadOnlySpan<byte> Magic => "LKST"u8;

    /// <summary>Kind of the payload.</summary>
    public required FrameKind Kind { get; init; }

    /// <summary>The run that the frame belongs to.</summary>
    public ulong Run { get; init; }

    /// <summary>The coordinator's term, ≥ 0.</summary>
    public int Term { get; init; }

    /// <summary>Optimizer step, ≥ 0.</summary>
    public long Step { get; init; }

    /// <summary>Key of the tree node (<see cref="TreeNode.ToKey"/>); gradients only.</summary>
    public uint Node { get; init; }

    /// <summary>Bytes of the payload, ≥ 0. <see cref="FrameStream.Seal"/> sets it.</summary>
    public int PayloadLength { get; init; }

    /// <summary>
    /// Statistics of the node's examples; gradients only. The loss may be infinite or NaN: the receiver judges divergence.
    /// </summary>
    public NodeStatistics Statistics { get; init; }

    /// <summary>Compute time of the sender in microseconds, ≥ 0; gradients, and answers to pings, only.</summary>
    public int ComputeMicroseconds { get; init; }

    /// <summary>A time as <see cref="ComputeMicroseconds"/> has it: the greatest number if it is longer.</summary>
    public static int MicrosecondsOf(TimeSpan time) => (int)Math.Min(time.TotalMicroseconds, int.MaxValue);

    /// <summary>Number of the plan by which slices are exchanged, ≥ 0; slices only.</summary>
    public int Plan { get; init; }

    /// <summary>First float of the slice, ≥ 0; slices only.</summary>
    public int First { get; init; }

    /// <summary>XXH3 of the other bytes and the payload. <see cref="FrameStream.Seal"/> sets it.</summary>
    public ulong Hash { get; init; }

    /// <summary>Writes the header to the first <see cref="Size"/> bytes of <paramref name="destination"/>.</summary>
    /// <exception cref="OverflowException">The node has more examples than a batch can.</exception>
    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        Magic.CopyTo(destination);
        destination[4] = Version;
        destination[5] = (byte)Kind;
        destination[6] = destination[7] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Run);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], Term);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], Node);
        BinaryPrimitives.WriteInt32LittleEndian(destination[32..], PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[36..], ComputeMicroseconds);
        BinaryPrimitives.WriteDoubleLittleEndian(destination[40..], Statistics.LossSum);
        BinaryPrimitives.WriteInt32LittleEndian(destination[48..], checked((int)Statistics.Correct));
        BinaryPrimitives.WriteInt32LittleEndian(destination[52..], checked((int)Statistics.Examples));
        BinaryPrimitives.WriteInt32LittleEndian(destination[56..], Plan);
        BinaryPrimitives.WriteInt32LittleEndian(destination[60..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[HashedSize..], Hash);
    }

    /// <summary>Reads a header and checks the range of every field. The hash is checked together with the payload.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    /// <param name="peer">The sender, for the error.</param>
    /// <exception cref="StreamException">Another protocol or version, or a field outside its range.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source, string peer)
    {
        source = source[..Size];
        if (!source.StartsWith(Magic))
            throw new StreamException(StreamError.BadMagic, peer, $"got bytes {Convert.ToHexString(source[..4])} where a frame begins with "
                + $"{Convert.ToHexString(Magic)}: the peer does not speak this protocol.");
        if (source[4] != Version)
            throw new StreamException(StreamError.BadVersion, peer,
                $"got protocol version {source[4]}, expected {Version}. Run the same version of Lockstep on every machine.");
        var header = new FrameHeader
        {
            Kind = (FrameKind)source[5],
            Run = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            Step = BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            Term = BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            Node = BinaryPrimitives.ReadUInt32LittleEndian(source[28..]),
            PayloadLength = BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            ComputeMicroseconds = BinaryPrimitives.ReadInt32LittleEndian(source[36..]),
            Statistics = new NodeStatistics(
                BinaryPrimitives.ReadDoubleLittleEndian(source[40..]),
                BinaryPrimitives.ReadInt32LittleEndian(source[48..]),
                BinaryPrimitives.ReadInt32LittleEndian(source[52..])),
            Plan = BinaryPrimitives.ReadInt32LittleEndian(source[56..]),
            First = BinaryPrimitives.ReadInt32LittleEndian(source[60..]),
            Hash = BinaryPrimitives.ReadUInt64LittleEndian(source[HashedSize..]),
        };
        (string Field, long Value)? wrong = header switch
        {
            { Kind: < FrameKind.Hello or > FrameKind.SliceGradient } => ("kind", (long)header.Kind),
            { Step: < 0 } => ("step", header.Step),
            { Term: < 0 } => ("term", header.Term),
            { PayloadLength: < 0 } => ("payload length", header.PayloadLength),
            { ComputeMicroseconds: < 0 } => ("compute time", header.ComputeMicroseconds),
            { Plan: < 0 } => ("plan", header.Plan),
            { First: < 0 } => ("first float", header.First),
            { Statistics.Examples: < 0 } => ("examples", header.Statistics.Examples),
            _ when header.Statistics.Correct < 0 || header.Statistics.Correct > header.Statistics.Examples =>
                ("correct", header.Statistics.Correct),
            _ when source[6] != 0 || source[7] != 0 => ("reserved", BinaryPrimitives.ReadUInt16LittleEndian(source[6..])),
            _ => null,
        };
        if (wrong is { } bad)
            throw new StreamException(StreamError.BadHeader, peer, $"got a header with {bad.Field} {bad.Value}, outside its range.");
        return header;
    }
}
