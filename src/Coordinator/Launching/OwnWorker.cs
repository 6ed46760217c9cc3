using Lockstep.Model.Data;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Launching;

/// <summary>
/// A worker in the coordinator's own process. It computes from the first moment on, while the processes that were launched start, and
/// leaves when they are ready.
/// </summary>
/// <param name="Lanes">Its compute threads.</param>
/// <param name="Start">Starts it, with its end of the stream and with the examples, which it need not receive.</param>
public sealed record OwnWorker(int Lanes, Action<FrameOrigin, FrameStream, TrainingData> Start)
{
    /// <summary>Its name, in place of HOST:PORT, and its address in the cluster.</summary>
    public const string Name = "this process";
}
