using Lockstep.Model.Layers;
using Lockstep.Model.Memory;
using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Weights;

/// <summary>
/// The weights after a number of steps. They never change while another holder exists: the next step then writes another buffer. So they
/// are sent, evaluated and saved without a copy, and return to the pool when the last holder releases them.
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

    /// <summary>The slot in <see cref="SharedMemory"/> that holds the buffer; null if it is not shared.</summary>
    public int? Slot { get; }

    /// <summary>The memory that has the slot.</summary>
    public SharedMemory? Memory => _pool.Memory;

    /// <summary>Completed steps that produced these weights.</summary>
    public long Step { get; private set; }

    /// <summary>Whether the caller is the only holder.</summary>
    public bool IsHeldOnce => Volatile.Read(ref _holders) == 1;

    /// <summary>The header of the frame that carries these weights. It is the same for all workers, so it is hashed once.</summary>
    public FrameHeader Seal(FrameStream stream, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        lock (_sealing)
            return _sealed ??= stream.Seal(header, payload);
    }

    /// <summary>Marks the buffer as holding the weights of a step.</summary>
    internal void Begin(long step) => (Step, _sealed) = (step, null);

    /// <summary>Adds a holder. Only a holder may call it.</summary>
    public WeightsVersion Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>Removes a holder; the last one returns the buffer.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _holders);
        if (left == 0)
            _pool.Return(this);
        else if (left < 0)
            throw new InvalidOperationException($"The weights of step {Step} were released once too often.");
    }
}

/// <summary>Reuses weight buffers. Its size is the largest number held at one time. All share the same frozen values.</summary>
/// <param name="layout">Layout of the weights.</param>
/// <param name="initial">The weights that the run begins with.</param>
/// <param name="memory">Memory shared with workers of this machine: its slots are the first buffers.</param>
internal sealed class WeightsPool(ParameterLayout layout, float[] initial, SharedMemory? memory = null)
{
    /// <summary>Buffers held at one time in a usual run: current weights, evaluation, saving, and what waits for them.</summary>
    public const int CommonlyHeld = 6;

    private readonly Stack<WeightsVersion> _free = [];
    private int _made;

    /// <summary>Memory shared with workers of this machine; null for none.</summary>
    public SharedMemory? Memory => memory;

    /// <summary>Number of buffers in use.</summary>
    public int Held
    {
        get
        {
            lock (_free)
                return _made - _free.Count;
        }
    }

    /// <summary>A version held once, whose trainable part the caller fills.</summary>
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
    /// A version for the weights after <paramref name="current"/>, which the caller holds; held once. Returns the same buffer if there is
    /// no other holder, because recently used memory is faster. The caller must read each value of <paramref name="current"/> before it
    /// writes it.
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
