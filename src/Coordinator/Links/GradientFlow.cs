using Lockstep.Shared.Streaming;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// The gradients of a worker that the parameter server has not taken yet. They are few: a worker that sends faster than they are added up
/// waits. One thread receives them, another one takes them.
/// </summary>
internal sealed class GradientFlow
{
    /// <summary>Gradients on their way to the parameter server, at most.</summary>
    public const int MaxInFlight = 16;

    private readonly object _lock = new();
    private readonly HashSet<NodeGradient> _slotsInFlight = [];
    private NodeGradient? _held;
    private FrameHeader _heldHeader;
    private int _inFlight;
    private bool _isWaiting;
    private bool _closed;

    /// <summary>Whether the next frame may be received, whatever it is.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return IsFree;
        }
    }

    /// <summary>A gradient in a buffer of its own goes to the parameter server.</summary>
    public void Enter()
    {
        lock (_lock)
            _inFlight++;
    }

    /// <summary>
    /// A gradient in a slot of shared memory goes to the parameter server. False when there is one more in this slot, of a step that is
    /// over, which the parameter server did not get to yet: then this one waits for it.
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
    /// <param name="next">The header of one that has waited for its slot, and now goes to the parameter server.</param>
    /// <returns>Whether there is such a one.</returns>
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

            // To wake a thread that waits for something else costs it a processor.
            if (_isWaiting && IsFree)
                Monitor.PulseAll(_lock);
            return wakes;
        }
    }

    /// <summary>Waits for <see cref="HasRoom"/>.</summary>
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

    /// <summary>Nobody takes gradients any more; nothing waits for that.</summary>
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
