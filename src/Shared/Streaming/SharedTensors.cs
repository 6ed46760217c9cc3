using System.Buffers.Binary;
using Lockstep.Model.Layers;
using Lockstep.Model.Memory;

namespace Lockstep.Shared.Streaming;

/// <summary>
/// Memory that coordinator and worker share on one machine: slots that the coordinator writes weights into, the same for all workers, and
/// slots that this worker writes gradients into. A frame of the stream then only names the slot of the tensor.
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
/// Slots are not locked. Weights in a slot are valid until their step is over: gradients computed with them later, perhaps from a mixture
/// of two steps, carry the number of a finished step and are dropped unread. A gradient's slot is free again once the weights of the next
/// step arrive, because a step begins after all gradients of the previous one are added up.
/// </remarks>
public sealed class SharedTensors
{
    /// <summary>Size of the offer in bytes.</summary>
    public const int OfferBytes = 2 * sizeof(int) + 2 * SharedMemoryPlace.EncodedBytes;

    /// <summary>Size in bytes of the payload that names a slot, a uint32.</summary>
    public const int SlotBytes = sizeof(uint);

    private const int MaxSlots = 64;

    private SharedTensors(SharedMemory weights, SharedMemory gradients) => (Weights, Gradients) = (Buffers(weights), Buffers(gradients));

    /// <summary>Slots with all parameters in the layout of the model, frozen ones included. Only the coordinator may write.</summary>
    public IReadOnlyList<AlignedBuffer> Weights { get; }

    /// <summary>Slots with the trained parameters in the layout of the model.</summary>
    public IReadOnlyList<AlignedBuffer> Gradients { get; }

    /// <summary>Coordinator side: the offer. The worker may ignore it.</summary>
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

    /// <summary>Worker side: accepts the offer; null if this process cannot reach the memory.</summary>
    /// <exception cref="StreamException">The offer is malformed.</exception>
    public static SharedTensors? TryOpen(ReadOnlySpan<byte> offer, string peer, ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (offer.Length != OfferBytes)
            throw new StreamException(
                StreamError.BadContent, peer, $"got an offer of shared memory of {offer.Length} bytes; expected {OfferBytes}.");
        int weightsSlots = BinaryPrimitives.ReadInt32LittleEndian(offer),
            gradientSlots = BinaryPrimitives.ReadInt32LittleEndian(offer[sizeof(int)..]);
        if (weightsSlots is < 1 or > MaxSlots || gradientSlots is < 1 or > MaxSlots)
            throw new StreamException(
                StreamError.BadContent, peer,
                $"got an offer of {weightsSlots} and {gradientSlots} slots of shared memory; expected 1 to {MaxSlots}.");
        ReadOnlySpan<byte> places = offer[(2 * sizeof(int))..];
        var weights = SharedMemory.TryOpen(SharedMemoryPlace.Read(places), weightsSlots, layout.Length, isWritable: false);
        var gradients = SharedMemory.TryOpen(
            SharedMemoryPlace.Read(places[SharedMemoryPlace.EncodedBytes..]), gradientSlots, layout.TrainableLength, isWritable: true);
        return weights is null || gradients is null ? null : new SharedTensors(weights, gradients);
    }

    /// <summary>Receives the number of a slot.</summary>
    /// <exception cref="StreamException">The stream ended, or the slot does not exist.</exception>
    public static int ReceiveSlot(FrameStream stream, in FrameHeader header, int slots)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> payload = stackalloc byte[SlotBytes];
        stream.ReceivePayload(header, payload);
        uint slot = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        return slot < slots
            ? (int)slot
            : throw new StreamException(
                StreamError.BadContent, stream.Peer, $"got a {header.Kind} frame of slot {slot}; there are {slots}.");
    }

    /// <summary>Sends a frame that names the slot of its tensor.</summary>
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
