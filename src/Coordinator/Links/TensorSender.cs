using Lockstep.Coordinator.Weights;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// Sends weights to one worker: as the name of their slot, if it shares memory; in slices, if the step is exchanged so; else whole. One
/// thread at a time.
/// </summary>
internal sealed class TensorSender(FrameStream stream, LinkContext context, FrameOrigin origin)
{
    /// <summary>Shared-memory slots for gradients. A worker with more nodes in a step sends the rest through the stream.</summary>
    private const int SharedGradients = 4;

    private bool _memoryOffered;
    private SharedMemory? _gradientMemory;
    private NodeGradient[]? _slots;
    private volatile bool _isSharing;

    /// <summary>Whether the worker has accepted the shared memory.</summary>
    public bool IsSharing => _isSharing;

    /// <summary>The worker accepts the shared memory. False if none was offered.</summary>
    public bool Accept()
    {
        if (Volatile.Read(ref _slots) is null)
            return false;
        return _isSharing = true;
    }

    /// <summary>Receives which slot holds a gradient.</summary>
    /// <exception cref="StreamException">The stream ended, or there is no such slot.</exception>
    public NodeGradient ReceiveSlot(in FrameHeader header) =>
        _slots![SharedTensors.ReceiveSlot(stream, header, _gradientMemory!.Slots)];

    /// <summary>Whether weights can be sent without blocking, whatever the worker does.</summary>
    public bool CanSendAtOnce(WeightsVersion weights, SliceShare? slices) => slices is { } share
        ? stream.CanSendAtOnce(share.Bytes)
        : _isSharing && weights.Slot is not null && stream.CanSendAtOnce();

    /// <summary>Sends the weights of a step.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="step">The step.</param>
    /// <param name="slices">The slices that the worker gets; null for all.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(WeightsVersion weights, long step, SliceShare? slices)
    {
        if (slices is { } share)
        {
            SendSlices(weights, step, share);
            return;
        }

        if (_isSharing && weights.Slot is { } slot)
        {
            SharedTensors.SendSlot(stream, Header(FrameKind.SharedWeights, step), slot);
            return;
        }

        if (!_memoryOffered && weights.Memory is { } memory && stream.IsWithinMachine)
            OfferMemory(memory);
        ReadOnlySpan<byte> bytes = weights.Buffer.Bytes[..TrainableBytes];
        stream.SendSealed(weights.Seal(stream, Header(FrameKind.Weights, step), bytes), bytes);
    }

    private int TrainableBytes => context.State.Layout.TrainableLength * sizeof(float);

    private void SendSlices(WeightsVersion weights, long step, in SliceShare share)
    {
        foreach (Slice slice in share.Slices)
            stream.SendSlice(Header(FrameKind.SliceWeights, step), share.Plan, slice, slice.Of(weights.Buffer.Span));
    }

    /// <summary>Offers shared memory. A worker that does not accept it keeps using the stream.</summary>
    private void OfferMemory(SharedMemory weights)
    {
        _memoryOffered = true;
        if (SharedMemory.TryCreate(SharedGradients, context.State.Layout.TrainableLength, othersWrite: true) is not { } gradients)
            return;
        _gradientMemory = gradients;
        Volatile.Write(ref _slots, [.. Enumerable.Range(0, gradients.Slots).Select(slot => new NodeGradient(gradients[slot]))]);
        stream.Send(Header(FrameKind.SharedMemory), SharedTensors.Offer(weights, gradients));
    }

    private FrameHeader Header(FrameKind kind, long step = 0) => new() { Kind = kind, Run = origin.Run, Term = origin.Term, Step = step };
}
