using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Weights;

/// <summary>
/// The weights after a number of steps. They never change while somebody else holds them: the next step writes another buffer then.
/// So they are sent, evaluated and saved without a copy, and go back to their pool when the last holder lets go.
/// </summary>
internal sealed class WeightsVersion
{
    private readonly WeightsPool _pool;
    private readonly Lock _sealing = new();
    private FrameHeader? _sealed;
    private int _holders;

    internal WeightsVersion(WeightsPool pool, AlignedBuffer buffer, int? slot = null) => (_pool, Buffer, Slot) = (pool, buffer, slot);

    /// <summary>Flat vector in the layout of the model.</summary>
    public AlignedBuffer Buffer { get; }

    /// <summary>Where in <see cref="SharedMemory"/> the buffer is, if it is there.</summary>
    public int? Slot { get; }

    /// <summary>The memory that has the slot.</summary>
    public SharedMemory? Memory => _pool.Memory;

    /// <summary>Completed steps that these weights are the result of.</summary>
    public long Step { get; private set; }

    /// <summary>Whether nobody but the caller, who holds it, has it.</summary>
    public bool IsHeldOnce => Volatile.Read(ref _holders) == 1;

    /// <summary>The header of the frame that carries these weights: the same for all workers, so it is hashed once.</summary>
    public FrameHeader Seal(FrameStream stream, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_sealing)
            return _sealed ??= stream.Seal(header, payload);
    }

    /// <summary>The buffer has the weights of a step from now on.</summary>
    internal void Begin(long step) => (Step, _sealed) = (step, null);

    /// <summary>One more holder. Only somebody who holds it may pass it on.</summary>
    public WeightsVersion Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>One holder less; the last one gives the buffer back.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _holders);
        if (left == 0)
            _pool.Return(this);
        else if (left < 0)
            throw new InvalidOperationException($"The weights of step {Step} were released once too often.");
    }
}

/// <summary>Reuses the buffers of weights; as many exist as were ever held at a time. All have the same frozen part.</summary>
/// <param name="layout">Layout of the weights.</param>
/// <param name="initial">The weights that the run begins with.</param>
/// <param name="memory">What workers of this machine can read: the first buffers are its slots.</param>
internal sealed class WeightsPool(ParameterLayout layout, float[] initial, SharedMemory? memory = null)
{
    /// <summary>Buffers that are commonly held at a time: what workers compute with, what is evaluated and saved, and what waits for that.</summary>
    public const int CommonlyHeld = 6;

    private readonly Stack<WeightsVersion> _free = [];
    private int _made;

    /// <summary>What workers of this machine can read, if anything.</summary>
    public SharedMemory? Memory => memory;

    /// <summary>Buffers that somebody holds.</summary>
    public int Held
    {
        get
        {
            lock (_free)
                return _made - _free.Count;
        }
    }

    /// <summary>A version whose trainable part the caller fills, held once.</summary>
    public WeightsVersion Rent(long step)
    {
        WeightsVersion? version;
        int number = 0;
        lock (_free)
        {
            if (!_free.TryPop(out version))
                number = _made++;
        }

        if (version is null)
        {
            version = number < memory?.Slots
                ? new WeightsVersion(this, memory[number], number)
                : new WeightsVersion(this, new AlignedBuffer(layout.Length));
            initial.CopyTo(version.Buffer.Span);
        }

        version.Begin(step);
        return version.Hold();
    }

    /// <summary>
    /// Where the weights after <paramref name="current"/>, which the caller holds, are to be written, held once: the same buffer where nobody else has it any more,
    /// because memory that was just used is quicker than other memory. What <paramref name="current"/> holds must be read before it is written, value by value.
    /// </summary>
    public WeightsVersion Successor(WeightsVersion current, long step)
    {
        if (!current.IsHeldOnce)
            return Rent(step);
        current.Begin(step);
        return current;
    }

    internal void Return(WeightsVersion version)
    {
        lock (_free)
            _free.Push(version);
    }
}
