using Lockstep.Model.Training;

namespace Lockstep.Coordinator.ParameterServer;

/// <summary>
/// The weights after a number of steps. They never change once published: the next step writes another buffer.
/// So they are sent, evaluated and saved without a copy, and go back to their pool when the last holder lets go.
/// </summary>
internal sealed class WeightsVersion
{
    private readonly WeightsPool _pool;
    private int _holders;

    internal WeightsVersion(WeightsPool pool, int length)
    {
        _pool = pool;
        Buffer = new AlignedBuffer(length);
    }

    /// <summary>Flat vector in the layout of the model.</summary>
    public AlignedBuffer Buffer { get; }

    /// <summary>Completed steps that these weights are the result of.</summary>
    public long Step { get; internal set; }

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
internal sealed class WeightsPool(ParameterLayout layout, float[] initial)
{
    private readonly Stack<WeightsVersion> _free = [];
    private int _made;

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
        lock (_free)
        {
            if (!_free.TryPop(out version))
                _made++;
        }

        if (version is null)
        {
            version = new WeightsVersion(this, layout.Length);
            initial.CopyTo(version.Buffer.Span);
        }

        version.Step = step;
        return version.Hold();
    }

    internal void Return(WeightsVersion version)
    {
        lock (_free)
            _free.Push(version);
    }
}
