using Lockstep.Shared.Streaming;

namespace Lockstep.Chaos.Network;

/// <summary>Sees what passes on the tensor streams. Called on the threads that pass it: returns at once.</summary>
internal interface IStreamWatch
{
    /// <summary>A coordinator sent a worker a frame.</summary>
    void FrameSent(int coordinator, int worker, FrameHeader frame);

    /// <summary>A worker's tensor stream to a coordinator has ended.</summary>
    void StreamEnded(int coordinator, int worker);
}
