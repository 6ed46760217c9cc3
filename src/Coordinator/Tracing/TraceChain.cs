using Lockstep.Model.Specs;
using Lockstep.Model.Training;
using Lockstep.Shared.Packing;

namespace Lockstep.Coordinator.Tracing;

/// <summary>The chained hashes of a trace. Each covers the run spec and all weights up to its step.</summary>
public static class TraceChain
{
    /// <summary>
    /// XXH3-128 of the run spec as checkpoints encode it. The number of steps counts only if the learning rate depends on it, so an
    /// extended run continues its trace.
    /// </summary>
    public static Hash128 HashOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        RunSpec counting = spec.Optimizer.Schedule.Kind == ScheduleKind.Cosine ? spec : spec with { TotalSteps = 1 };
        return Hash128.Of(RunSpecCodec.Encode(counting));
    }

    /// <summary>The first chain value: the hash of the spec's hash and the initial weights' hash, 16 bytes each, big-endian.</summary>
    /// <param name="spec">The hash from <see cref="HashOf"/>.</param>
    /// <param name="weights">Hash of all weights before the first step of the trace, frozen ones included.</param>
    public static Hash128 Begin(Hash128 spec, Hash128 weights) => Join(spec, weights);

    /// <summary>The next chain value: the hash of the previous one and the weights' hash, 16 bytes each, big-endian.</summary>
    public static Hash128 Next(Hash128 chain, Hash128 weights) => Join(chain, weights);

    private static Hash128 Join(Hash128 first, Hash128 second)
    {
        Span<byte> both = stackalloc byte[2 * Hash128.Bytes];
        first.WriteBigEndian(both);
        second.WriteBigEndian(both[Hash128.Bytes..]);
        return Hash128.Of(both);
    }
}
