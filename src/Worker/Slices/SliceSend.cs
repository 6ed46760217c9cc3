using Lockstep.Model.Reduction;
using Lockstep.Shared.Slicing;
using Lockstep.Shared.Streaming;
using Lockstep.Worker.Lanes;

namespace Lockstep.Worker.Slices;

/// <summary>A slice on its way to another worker or the coordinator. Whoever sends or drops it releases the source.</summary>
/// <param name="Kind"><see cref="FrameKind.SliceWeights"/> or <see cref="FrameKind.SliceGradient"/>.</param>
/// <param name="Step">The step.</param>
/// <param name="Plan">Number of the plan.</param>
/// <param name="Node">The node; gradients only.</param>
/// <param name="Statistics">Its statistics; gradients only.</param>
/// <param name="Slice">The slice.</param>
/// <param name="Source">Its floats, held for this.</param>
internal readonly record struct SliceSend(
    FrameKind Kind, long Step, int Plan, TreeNode Node, NodeStatistics Statistics, Slice Slice, ISliceSource Source)
{
    /// <summary>Bytes of its frame's payload.</summary>
    public int Bytes => Slice.Count * sizeof(float);

    /// <summary>Sends it, and releases the source in any case.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="origin">Run and term.</param>
    /// <param name="computeTime">This worker's own compute time, for the coordinator.</param>
    /// <exception cref="StreamException">The stream broke or was closed.</exception>
    public void Send(FrameStream stream, FrameOrigin origin, TimeSpan computeTime = default)
    {
        try
        {
            var header = new FrameHeader
            {
                Kind = Kind,
                Run = origin.Run,
                Term = origin.Term,
                Step = Step,
                Node = Node.ToKey(),
                Statistics = Statistics,
                ComputeMicroseconds = FrameHeader.MicrosecondsOf(computeTime),
            };
            stream.SendSlice(header, Plan, Slice, Source.Read(Slice));
        }
        finally
        {
            Source.Release();
        }
    }
}
