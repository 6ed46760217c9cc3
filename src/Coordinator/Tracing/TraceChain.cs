using System.Buffers.Binary;
using System.IO.Hashing;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;

namespace Lockstep.Coordinator.Tracing;

/// <summary>The chained hashes of a trace: each stands for the run spec and all weights up to its step.</summary>
public static class TraceChain
{
    private const int HashBytes = 16;

    /// <summary>
    /// XXH3-128 of the run spec as checkpoints encode it. The number of steps counts only where the learning rate depends on it, so a run
    /// that is made longer goes on in its trace.
    /// </summary>
    public static UInt128 HashOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        RunSpec counting = spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine ? spec : spec with { TotalSteps = 1 };
        return XxHash128.HashToUInt128(RunSpecCodec.Encode(counting));
    }

    /// <summary>Where a chain begins: the hash of the spec's and the first weights' hash, 16 bytes each, the highest first.</summary>
    /// <param name="spec">That of <see cref="HashOf"/>.</param>
    /// <param name="weights">All weights that the first step of the trace begins with, frozen ones included.</param>
    public static UInt128 Begin(UInt128 spec, UInt128 weights) => Join(spec, weights);

    /// <summary>The next chained hash: the hash of the one before and the weights' hash, 16 bytes each, the highest first.</summary>
    public static UInt128 Next(UInt128 chain, UInt128 weights) => Join(chain, weights);

    private static UInt128 Join(UInt128 first, UInt128 second)
    {
        Span<byte> both = stackalloc byte[2 * HashBytes];
        BinaryPrimitives.WriteUInt128BigEndian(both, first);
        BinaryPrimitives.WriteUInt128BigEndian(both[HashBytes..], second);
        return XxHash128.HashToUInt128(both);
    }
}
