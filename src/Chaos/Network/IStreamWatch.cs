using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Network;

/// <summary>Sees the frames of the tensor streams. Called on the threads that forward them, so it must return at once.</summary>
internal interface IStreamWatch
{
    /// <summary>A coordinator sent a worker a frame.</summary>
    void FrameSent(int coordinator, int worker, FrameHeader frame);

    /// <summary>A worker's tensor stream to a coordinator has ended.</summary>
    void StreamEnded(int coordinator, int worker);
}
