using System.Runtime.InteropServices;
using Lockstep.Shared.Slicing;

namespace Lockstep.Shared.Streaming;

// Tensors in frames: gradients without their zeros, and slices.
public partial class FrameStream
{
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
    public void SendSlice(FrameHeader header, int plan, Slice slice, ReadOnlySpan<float> values) =>
        Send(header with { Plan = plan, First = slice.First }, MemoryMarshal.AsBytes(values));

    /// <summary>Which slice a frame holds. Receive or skip its payload, the floats, next.</summary>
    /// <param name="header">The last header from <see cref="ReceiveHeader()"/>.</param>
    /// <param name="length">Number of trained parameters.</param>
    /// <exception cref="StreamException">The payload is not a slice of so many parameters.</exception>
    public Slice SliceOf(in FrameHeader header, int length)
    {
        if (header.PayloadLength % sizeof(float) != 0)
            throw Fail(StreamError.WrongLength, $"got a {header.Kind} frame of {header.PayloadLength:N0} bytes; expected 4 for each float.");
        int count = header.PayloadLength / sizeof(float);
        return header.First <= length - count
            ? new Slice(header.First, count)
            : throw Fail(
                StreamError.BadContent, $"got a slice of {count:N0} floats from float {header.First:N0} on; the model has {length:N0}.");
    }

    /// <summary>Receives the floats of a slice, and verifies the hash.</summary>
    /// <param name="header">The header of the frame.</param>
    /// <param name="values">As long as the slice. Its content is undefined after an exception.</param>
    /// <exception cref="StreamException">The stream ended, or the hash does not match.</exception>
    public void ReceiveSlice(in FrameHeader header, Span<float> values) => ReceivePayload(header, MemoryMarshal.AsBytes(values));
}
