using System.Buffers.Binary;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// What coordinator and worker share where both are on one machine: slots that the coordinator writes weights into, the same for all workers,
/// and slots that this worker writes gradients into. Then a frame of the stream only says which slot has the tensor.
/// </summary>
/// <remarks>
/// The offer, payload of a <see cref="FrameKind.SharedMemory"/> frame, little-endian; the answer is a frame without payload, or none:
/// <code>
/// offset  bytes  field
///      0      4  slots for weights
///      4      4  slots for gradients
///      8     24  place of the weights (SharedMemoryPlace)
///     32     24  place of the gradients
/// </code>
/// Nobody waits for slots. Weights in a slot are valid until their step is over: what is computed with them later, and perhaps from a
/// mixture of two steps, carries the number of a step that is over, and is dropped unread. A gradient's slot is free again with the weights of
/// the next step, because a step begins when all gradients of the one before are added up.
/// </remarks>
public sealed class SharedTensors
{
    /// <summary>Bytes of the offer.</summary>
    public const int OfferBytes = 2 * sizeof(int) + 2 * SharedMemoryPlace.EncodedBytes;

    /// <summary>Bytes of the payload that names a slot: its number as uint32.</summary>
    public const int SlotBytes = sizeof(uint);

    private const int MaxSlots = 64;

    private SharedTensors(SharedMemory weights, SharedMemory gradients) => (Weights, Gradients) = (Buffers(weights), Buffers(gradients));

    /// <summary>Slots with all parameters in the layout of the model, frozen ones too. Only the coordinator may write.</summary>
    public IReadOnlyList<AlignedBuffer> Weights { get; }

    /// <summary>Slots with the trained parameters in the layout of the model.</summary>
    public IReadOnlyList<AlignedBuffer> Gradients { get; }

    /// <summary>Coordinator side: the offer, which the worker may take up or not.</summary>
    public static byte[] Offer(SharedMemory weights, SharedMemory gradients)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(gradients);
        byte[] payload = new byte[OfferBytes];
        BinaryPrimitives.WriteInt32LittleEndian(payload, weights.Slots);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(sizeof(int)), gradients.Slots);
        weights.Place.Write(payload.AsSpan(2 * sizeof(int)));
        gradients.Place.Write(payload.AsSpan(2 * sizeof(int) + SharedMemoryPlace.EncodedBytes));
        return payload;
    }

    /// <summary>Worker side: takes the offer up; null where this process cannot reach the memory.</summary>
    /// <exception cref="StreamException">The offer is none.</exception>
    public static SharedTensors? TryOpen(ReadOnlySpan<byte> offer, string peer, ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (offer.Length != OfferBytes)
            throw new StreamException(StreamError.BadContent, peer, $"got an offer of shared memory of {offer.Length} bytes; expected {OfferBytes}.");
        int weightsSlots = BinaryPrimitives.ReadInt32LittleEndian(offer), gradientSlots = BinaryPrimitives.ReadInt32LittleEndian(offer[sizeof(int)..]);
        if (weightsSlots is < 1 or > MaxSlots || gradientSlots is < 1 or > MaxSlots)
            throw new StreamException(StreamError.BadContent, peer, $"got an offer of {weightsSlots} and {gradientSlots} slots of shared memory; expected 1 to {MaxSlots}.");
        ReadOnlySpan<byte> places = offer[(2 * sizeof(int))..];
        var weights = SharedMemory.TryOpen(SharedMemoryPlace.Read(places), weightsSlots, layout.Length, isWritable: false);
        var gradients = SharedMemory.TryOpen(SharedMemoryPlace.Read(places[SharedMemoryPlace.EncodedBytes..]), gradientSlots, layout.TrainableLength, isWritable: true);
        return weights is null || gradients is null ? null : new SharedTensors(weights, gradients);
    }

    /// <summary>Receives the number of a slot.</summary>
    /// <exception cref="StreamException">The stream ended, or there is no such slot.</exception>
    public static int ReceiveSlot(FrameStream stream, in FrameHeader header, int slots)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> payload = stackalloc byte[SlotBytes];
        stream.ReceivePayload(header, payload);
        uint slot = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        return slot < slots
            ? (int)slot
            : throw new StreamException(StreamError.BadContent, stream.Peer, $"got a {header.Kind} frame of slot {slot}; there are {slots}.");
    }

    /// <summary>Sends a frame that says which slot has its tensor.</summary>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public static void SendSlot(FrameStream stream, in FrameHeader header, int slot)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> payload = stackalloc byte[SlotBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)slot);
        stream.Send(header, payload);
    }

    private static AlignedBuffer[] Buffers(SharedMemory memory)
    {
        var buffers = new AlignedBuffer[memory.Slots];
        for (int i = 0; i < buffers.Length; i++)
            buffers[i] = memory[i];
        return buffers;
    }
}
