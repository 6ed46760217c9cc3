using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// Bounds the gradients of a worker that the parameter server has not taken yet: a worker that sends faster than they are added up waits.
/// One thread receives gradients, another takes them.
/// </summary>
internal sealed class GradientFlow
{
    /// <summary>Maximum gradients on their way to the parameter server.</summary>
    public const int MaxInFlight = 16;

    private readonly object _lock = new();
    private readonly HashSet<NodeGradient> _slotsInFlight = [];
    private NodeGradient? _held;
    private FrameHeader _heldHeader;
    private int _inFlight;
    private bool _isWaiting;
    private bool _closed;

    /// <summary>Whether the next frame, of any kind, may be received.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return IsFree;
        }
    }

    /// <summary>A gradient in its own buffer goes to the parameter server.</summary>
    public void Enter()
    {
        lock (_lock)
            _inFlight++;
    }

    /// <summary>
    /// A gradient in a slot of shared memory goes to the parameter server. False if an earlier gradient in this slot, of a finished step,
    /// is still waiting there: then this one waits for it.
    /// </summary>
    public bool TryEnter(NodeGradient slot, in FrameHeader header)
    {
        lock (_lock)
        {
            if (_slotsInFlight.Add(slot))
            {
                _inFlight++;
                return true;
            }

            _held = slot;
            _heldHeader = header;
            return false;
        }
    }

    /// <summary>The parameter server has taken a gradient.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="next">The header of a gradient that waited for the slot and goes to the parameter server now.</param>
    /// <returns>Whether a gradient waited.</returns>
    public bool Taken(NodeGradient gradient, out FrameHeader next)
    {
        lock (_lock)
        {
            bool wakes = _held == gradient && !_closed;
            next = wakes ? _heldHeader : default;
            if (wakes)
            {
                _held = null;
            }
            else
            {
                _inFlight--;
                _slotsInFlight.Remove(gradient);
            }

            // Waking a thread costs a processor, so only wake one that waits for this.
            if (_isWaiting && IsFree)
                Monitor.PulseAll(_lock);
            return wakes;
        }
    }

    /// <summary>Blocks until <see cref="HasRoom"/>.</summary>
    public void WaitForRoom()
    {
        lock (_lock)
        {
            while (!IsFree)
            {
                _isWaiting = true;
                Monitor.Wait(_lock);
                _isWaiting = false;
            }
        }
    }

    /// <summary>Stops all waiting: nobody takes gradients any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    private bool IsFree => _closed || (_inFlight < MaxInFlight && _held is null);
}
