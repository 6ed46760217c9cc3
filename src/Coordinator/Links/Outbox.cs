using Lockstep.Coordinator.Weights;
using Lockstep.Model.Reduction;

namespace Lockstep.Coordinator.Links;

/// <summary>
/// What is to be sent to a worker. Work is posted, never queued: newer weights replace older ones that were not sent yet, so a slow worker
/// holds up nobody, and its link holds two versions of the weights at most: one that waits and one that is being sent. Any thread posts,
/// one at a time sends.
/// </summary>
internal sealed class Outbox(TimeProvider time)
{
    /// <summary>A worker hears something at least so often.</summary>
    public static readonly TimeSpan MostSilence = TimeSpan.FromSeconds(1);

    private readonly object _lock = new();
    private readonly List<TreeNode> _reissued = [];
    private IReadOnlyList<TreeNode> _assigned = [];
    private bool _assignmentChanged;
    private WeightsVersion? _weights;
    private long _step = -1;
    private LastWord? _last;
    private long _lastSent = time.GetTimestamp();
    private bool _isSending;
    private bool _closed;

    /// <summary>Called when something was posted; may be called under a lock.</summary>
    public Action? Posted { get; set; }

    /// <summary>Whether nothing is sent any more.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>Weights of a new step, and the nodes that the worker computes with them.</summary>
    /// <param name="weights">Held here until they are sent, or newer ones are posted.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="canNameSlot">Whether the worker can be told by the calling thread, without waiting, where it finds the weights.</param>
    /// <returns>
    /// True when that is all that is to be sent: the caller does it, then calls <see cref="Sent"/>. To wake the sending thread would take longer.
    /// </returns>
    public bool PostWork(WeightsVersion weights, IReadOnlyList<TreeNode> nodes, bool canNameSlot)
    {
        lock (_lock)
        {
            if (!IsOpen)
                return false;
            Begin(weights.Step, nodes);
            if (canNameSlot && !_isSending && !_assignmentChanged)
            {
                _isSending = true;
                return true;
            }

            _weights = weights.Hold();
            Pulse();
            return false;
        }
    }

    /// <summary>More nodes of the step under way. A worker that joined within the step gets its weights first.</summary>
    public void PostReissue(WeightsVersion weights, IReadOnlyList<TreeNode> nodes)
    {
        lock (_lock)
        {
            if (!IsOpen)
                return;
            if (_step != weights.Step)
            {
                Begin(weights.Step, []);
                _weights = weights.Hold();
            }

            _reissued.AddRange(nodes);
            Pulse();
        }
    }

    /// <summary>The last word, after what is being sent; what waits is not sent any more.</summary>
    public void PostLast(LastWord last)
    {
        lock (_lock)
        {
            _last = last;
            ReleaseWeights();
            Pulse();
        }
    }

    /// <summary>
    /// Takes what is to be sent now; then the caller sends it, releases the weights and calls <see cref="Sent"/>. False when it is nothing.
    /// </summary>
    public bool TryTake(out Outgoing outgoing)
    {
        lock (_lock)
        {
            outgoing = default;
            if (_closed || _isSending || !(HasPosted || Silence >= MostSilence))
                return false;
            _isSending = true;
            if (_last is not null)
            {
                outgoing = new Outgoing(_step, null, null, null, _last);
                _closed = true;
                return true;
            }

            outgoing = new Outgoing(
                _step, HasPosted && _assignmentChanged ? [.. _assigned] : null, _weights, _reissued.Count > 0 ? [.. _reissued] : null, Last: null);
            _assignmentChanged &= !HasPosted;
            _weights = null;
            _reissued.Clear();
            return true;
        }
    }

    /// <summary>What was taken is sent, or cannot be.</summary>
    public void Sent()
    {
        lock (_lock)
        {
            _isSending = false;
            _lastSent = time.GetTimestamp();
            if (HasPosted)
                Pulse();
        }
    }

    /// <summary>Waits until there is something to be sent. False when there will be nothing any more.</summary>
    public bool Wait()
    {
        lock (_lock)
        {
            while (!_closed && (_isSending || !HasPosted))
            {
                TimeSpan left = MostSilence - Silence;
                if (left <= TimeSpan.Zero && !_isSending)
                    break;
                Monitor.Wait(_lock, Math.Max(1, (int)left.TotalMilliseconds));
            }

            return !_closed;
        }
    }

    /// <summary>Nothing is sent any more, whatever is posted.</summary>
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

    private bool HasPosted => _weights is not null || _reissued.Count > 0 || _last is not null;

    private TimeSpan Silence => time.GetElapsedTime(_lastSent);

    private void Begin(long step, IReadOnlyList<TreeNode> nodes)
    {
        if (!ReferenceEquals(nodes, _assigned))
        {
            _assigned = nodes;
            _assignmentChanged = true;
        }

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
