using Lockstep.Model.Memory;
using Lockstep.Shared.Slicing;

namespace Lockstep.Worker.Lanes;

/// <summary>
/// Weights of a step, received from the stream or in the coordinator's memory. Lanes may still read an older buffer meanwhile.
/// </summary>
internal sealed class WeightsBuffer(AlignedBuffer values) : ISliceSource
{
    private int _senders;

    public AlignedBuffer Values { get; } = values;

    /// <summary>Whether it waits for its weights. Guarded by the lock of the team, like <see cref="Readers"/>.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Number of lanes that compute with it. Guarded by the lock of the team.</summary>
    public int Readers { get; set; }

    /// <summary>Whether nothing reads or writes it.</summary>
    public bool IsFree => !IsTaken && Readers == 0 && Volatile.Read(ref _senders) == 0;

    /// <summary>Called when the last sender has sent its slice.</summary>
    public Action? Sent { get; set; }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Read(Slice slice) => slice.Of(Values.Span);

    /// <inheritdoc/>
    public void Hold() => Interlocked.Increment(ref _senders);

    /// <inheritdoc/>
    public void Release()
    {
        if (Interlocked.Decrement(ref _senders) == 0)
            Sent?.Invoke();
    }
}
