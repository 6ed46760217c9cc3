using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lockstep.Shared.Slicing;

namespace Lockstep.Shared.Streaming;

// Tensors in frames: gradients without their zeros, and slices.
public partial class FrameStream
{
    /// <summary>What comes before the floats of a slice: the number of the plan and the first float, as little-endian uint32.</summary>
    public const int SliceKeyBytes = 2 * sizeof(uint);

    /// <summary>Sends the non-zero runs of a gradient without copying them; see <see cref="TensorRuns"/>.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(FrameHeader header, ReadOnlySpan<float> gradient, TensorRuns runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ReadOnlySpan<byte> table = runs.Find(gradient, IsWithinMachine);
        header = header with { PayloadLength = runs.PayloadLength };
        BeginHash(header);
        _sendHash.Append(table);
        foreach ((int first, int count) in runs.Runs)
            _sendHash.Append(MemoryMarshal.AsBytes(gradient.Slice(first, count)));
        header = header with { Hash = _sendHash.GetCurrentHashAsUInt64() };

        SendSealed(header, table);
        foreach ((int first, int count) in runs.Runs)
            SendAll(MemoryMarshal.AsBytes(gradient.Slice(first, count)));
    }

    /// <summary>Receives a gradient: its runs into their places, zeros between them.</summary>
    /// <param name="header">The last header from <see cref="ReceiveHeader()"/>.</param>
    /// <param name="gradient">The destination. Its content is undefined after an exception.</param>
    /// <param name="runs">Receives the gradient's runs.</param>
    /// <exception cref="StreamException">The stream ended, the payload is not that of a gradient, or the hash does not match.</exception>
    public void ReceivePayload(in FrameHeader header, Span<float> gradient, TensorRuns runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Span<byte> count = stackalloc byte[sizeof(uint)];
        if (header.PayloadLength < count.Length)
            throw Fail(
                StreamError.WrongLength,
                $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; expected at least {count.Length}.");
        ReceiveAll(count, hashed: true, atBoundary: false);
        Span<byte> table = runs.ReserveTable(count, Peer);
        if (header.PayloadLength < table.Length)
            throw Fail(
                StreamError.WrongLength,
                $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; its table of runs alone takes {table.Length:N0}.");
        ReceiveAll(table[count.Length..], hashed: true, atBoundary: false);
        runs.Decode(Peer);
        if (header.PayloadLength != runs.PayloadLength)
            throw Fail(
                StreamError.WrongLength,
                $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes, expected {runs.PayloadLength:N0} for its runs.");
        runs.ClearGaps(gradient);
        foreach ((int first, int floats) in runs.Runs)
            ReceiveAll(MemoryMarshal.AsBytes(gradient.Slice(first, floats)), hashed: true, atBoundary: false);
        EndPayload(header);
    }

    /// <summary>Sends a slice of weights or of a gradient.</summary>
    /// <param name="header">The header; length and hash are filled in.</param>
    /// <param name="plan">Number of the plan that the slice belongs to.</param>
    /// <param name="slice">The slice.</param>
    /// <param name="values">Its floats; not accessed afterwards.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void SendSlice(FrameHeader header, int plan, Slice slice, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        Span<byte> key = stackalloc byte[SliceKeyBytes];
        BinaryPrimitives.WriteInt32LittleEndian(key, plan);
        BinaryPrimitives.WriteInt32LittleEndian(key[sizeof(uint)..], slice.First);
        header = header with { PayloadLength = SliceKeyBytes + bytes.Length };
        BeginHash(header);
        _sendHash.Append(key);
        _sendHash.Append(bytes);
        header = header with { Hash = _sendHash.GetCurrentHashAsUInt64() };

        Span<byte> staging = _staging;
        header.Write(staging);
        key.CopyTo(staging[FrameHeader.Size..]);
        int before = FrameHeader.Size + SliceKeyBytes, copied = Math.Min(bytes.Length, StagingBytes - before);
        bytes[..copied].CopyTo(staging[before..]);
        SendAll(staging[..(before + copied)]);
        SendAll(bytes[copied..]);
    }

    /// <summary>Receives which slice a frame holds. Receive or skip its floats next.</summary>
    /// <param name="header">The last header from <see cref="ReceiveHeader()"/>.</param>
    /// <param name="length">Number of trained parameters.</param>
    /// <exception cref="StreamException">The stream ended, or the payload is not a slice of so many parameters.</exception>
    public (int Plan, Slice Slice) ReceiveSlice(in FrameHeader header, int length)
    {
        int bytes = header.PayloadLength - SliceKeyBytes;
        if (bytes < 0 || bytes % sizeof(float) != 0)
            throw Fail(
                StreamError.WrongLength,
                $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; expected {SliceKeyBytes} and 4 for each float.");
        Span<byte> key = stackalloc byte[SliceKeyBytes];
        ReceiveAll(key, hashed: true, atBoundary: false);
        if (bytes == 0)
            EndPayload(header);
        (int plan, int first) =
            (BinaryPrimitives.ReadInt32LittleEndian(key), BinaryPrimitives.ReadInt32LittleEndian(key[sizeof(uint)..]));
        int count = bytes / sizeof(float);
        return first >= 0 && first <= length - count
            ? (plan, new Slice(first, count))
            : throw Fail(
                StreamError.BadContent, $"got a slice of {count:N0} floats from float {first:N0} on; the model has {length:N0}.");
    }

    /// <summary>Receives the floats of a slice, and verifies the hash.</summary>
    /// <param name="header">The header of the frame.</param>
    /// <param name="values">As long as the slice. Its content is undefined after an exception.</param>
    /// <exception cref="StreamException">The stream ended, or the hash does not match.</exception>
    public void ReceiveSliceValues(in FrameHeader header, Span<float> values)
    {
        if (values.IsEmpty)
            return;
        ReceiveAll(MemoryMarshal.AsBytes(values), hashed: true, atBoundary: false);
        EndPayload(header);
    }

    /// <summary>Receives and verifies the floats of a slice without keeping them.</summary>
    /// <exception cref="StreamException">The stream ended, or the hash does not match.</exception>
    public void SkipSliceValues(in FrameHeader header)
    {
        if (header.PayloadLength > SliceKeyBytes)
            SkipRest(header, header.PayloadLength - SliceKeyBytes);
    }
}
