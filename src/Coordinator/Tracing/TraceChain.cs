using System.Buffers.Binary;
using System.IO.Hashing;
using Lockstep.Model.Specs;
using Lockstep.Shared.Packing;

namespace Lockstep.Coordinator.Tracing;

/// <summary>The chained hashes of a trace. Each covers the run spec and all weights up to its step.</summary>
public static class TraceChain
{
    private const int HashBytes = 16;

    /// <summary>
    /// XXH3-128 of the run spec as checkpoints encode it. The number of steps counts only if the learning rate depends on it, so an
    /// extended run continues its trace.
    /// </summary>
    public static UInt128 HashOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        RunSpec counting = spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine ? spec : spec with { TotalSteps = 1 };
        return XxHash128.HashToUInt128(RunSpecCodec.Encode(counting));
    }

    /// <summary>The first chain value: the hash of the spec's hash and the initial weights' hash, 16 bytes each, big-endian.</summary>
    /// <param name="spec">The hash from <see cref="HashOf"/>.</param>
    /// <param name="weights">Hash of all weights before the first step of the trace, frozen ones included.</param>
    public static UInt128 Begin(UInt128 spec, UInt128 weights) => Join(spec, weights);

    /// <summary>The next chain value: the hash of the previous one and the weights' hash, 16 bytes each, big-endian.</summary>
    public static UInt128 Next(UInt128 chain, UInt128 weights) => Join(chain, weights);

    private static UInt128 Join(UInt128 first, UInt128 second)
    {
        Span<byte> both = stackalloc byte[2 * HashBytes];
        BinaryPrimitives.WriteUInt128BigEndian(both, first);
        BinaryPrimitives.WriteUInt128BigEndian(both[HashBytes..], second);
        return XxHash128.HashToUInt128(both);
    }
}
