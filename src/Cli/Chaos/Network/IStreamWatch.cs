using Lockstep.Shared.Streaming;

namespace Lockstep.Cli.Chaos.Network;

/// <summary>Sees what passes on the tensor streams. Called on the threads that pass it: returns at once.</summary>
internal interface IStreamWatch
{
    /// <summary>The coordinator sent a worker a frame.</summary>
    void FrameSent(int worker, FrameHeader frame);

    /// <summary>A worker's tensor stream has ended.</summary>
    void StreamEnded(int worker);
}
