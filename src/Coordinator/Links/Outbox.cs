using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// What is to be sent to a worker. Newer weights replace unsent older ones, so a slow worker delays nobody and its link holds at most two
/// versions of the weights: one waiting and one being sent. Any thread posts; one thread at a time sends.
/// </summary>
internal sealed class Outbox(TimeProvider time)
{
    /// <summary>Maximum time without sending anything.</summary>
    public static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly List<TreeNode> _reissued = [];
    private IReadOnlyList<TreeNode> _assigned = [];
    private bool _assignmentChanged;
    private WeightsVersion? _weights;
    private SliceShare? _slices;
    private ControlFrame? _control;
    private long _step = -1;
    private FinalFrame? _last;
    private long _lastSent = time.GetTimestamp();
    private bool _isSending;
    private bool _hasMore;
    private bool _closed;

    /// <summary>Called after a post, possibly under a lock.</summary>
    public Action? Posted { get; set; }

    /// <summary>
    /// Whether the sender has more to send than what is posted. Then it is asked to whenever nothing else waits, not only after a silence.
    /// </summary>
    public bool HasMore
    {
        set
        {
            lock (_lock)
            {
                _hasMore = value;
                Pulse();
            }
        }
    }

    /// <summary>Whether sending has ended.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>Posts the weights of a new step, and the nodes that the worker computes with them.</summary>
    /// <param name="weights">Held here until they are sent or replaced.</param>
    /// <param name="nodes">The worker's nodes.</param>
    /// <param name="slices">The slices of the weights to send, perhaps none: then the nodes follow with the next weights; null for all.</param>
    /// <param name="canSendAtOnce">Whether the calling thread can send the weights, or name their slot, without blocking.</param>
    /// <returns>
    /// True if that is all that is to be sent: the caller sends it and then calls <see cref="Sent"/>, because waking the sender would take
    /// longer.
    /// </returns>
    public bool PostWork(WeightsVersion weights, IReadOnlyList<TreeNode> nodes, SliceShare? slices, bool canSendAtOnce)
    {
        lock (_lock)
        {
            if (!IsOpen)
                return false;
            Begin(weights.Step, nodes);
            if (slices is { Slices.Count: 0 })
                return false;
            if (canSendAtOnce && !_isSending && !_assignmentChanged)
            {
                _isSending = true;
                return true;
            }

            (_weights, _slices) = (weights.Hold(), slices);
            Pulse();
            return false;
        }
    }

    /// <summary>Posts more nodes of the current step. A worker that joined during the step gets its weights first.</summary>
    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            if (!IsOpen)
                return;
            if (_step != weights.Step)
            {
                Begin(weights.Step, []);
                (_weights, _slices) = (weights.Hold(), null);
            }

            _reissued.AddRange(nodes);
            Pulse();
        }
    }

    /// <summary>Posts a frame about slices, which replaces an older one that waits.</summary>
    public void PostControl(ControlFrame control)
    {
        lock (_lock)
        {
            _control = control;
            Pulse();
        }
    }

    /// <summary>Posts the final frame, which follows what is being sent now and replaces everything that waits.</summary>
    public void PostLast(FinalFrame last)
    {
        lock (_lock)
        {
            _last = last;
            ReleaseWeights();
            Pulse();
        }
    }

    /// <summary>
    /// Takes what is to be sent now. The caller sends it, releases the weights and calls <see cref="Sent"/>. False if there is nothing.
    /// </summary>
    public bool TryTake(out Outgoing outgoing)
    {
        lock (_lock)
        {
            outgoing = default;
            if (_closed || _isSending || !(HasPosted || _hasMore || Silence >= MostSilence))
                return false;
            _isSending = true;
            if (_last is not null)
            {
                outgoing = new Outgoing(_step, null, null, null, null, null, _last);
                _closed = true;
                return true;
            }

            outgoing = new Outgoing(
                _step, HasWork && _assignmentChanged ? [.. _assigned] : null, _control, _weights, _slices,
                _reissued.Count > 0 ? [.. _reissued] : null, Last: null);
            _assignmentChanged &= !HasWork;
            (_control, _weights, _slices) = (null, null, null);
            _reissued.Clear();
            return true;
        }
    }

    /// <summary>What was taken is sent, or cannot be sent.</summary>
    public void Sent()
    {
        lock (_lock)
        {
            _isSending = false;
            _lastSent = time.GetTimestamp();
            if (HasPosted || _hasMore)
                Pulse();
        }
    }

    /// <summary>Blocks until there is something to send. False once there never will be.</summary>
    public bool Wait()
    {
        lock (_lock)
        {
            while (!_closed && (_isSending || !(HasPosted || _hasMore)))
            {
                TimeSpan left = MostSilence - Silence;
                if (left <= TimeSpan.Zero && !_isSending)
                    break;
                Monitor.Wait(_lock, Math.Max(1, (int)left.TotalMilliseconds));
            }

            return !_closed;
        }
    }

    /// <summary>Ends sending; later posts are ignored.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            ReleaseWeights();
            Pulse();
        }
    }

    private bool IsOpen => !_closed && _last is null;

    private bool HasWork => _weights is not null || _reissued.Count > 0;

    private bool HasPosted => HasWork || _control is not null || _last is not null;

    private TimeSpan Silence => time.GetElapsedTime(_lastSent);

    private void Begin(long step, IReadOnlyList<TreeNode> nodes)
    {
        if (!ReferenceEquals(nodes, _assigned))
        {
            _assigned = nodes;
            _assignmentChanged = true;
        }

        // The weights of a step are posted twice if its slices do not come; what was requested besides stays.
        if (step != _step)
            _reissued.Clear();
        ReleaseWeights();
        _step = step;
    }

    private void ReleaseWeights()
    {
        _weights?.Release();
        _weights = null;
    }

    private void Pulse()
    {
        Monitor.PulseAll(_lock);
        Posted?.Invoke();
    }
}
